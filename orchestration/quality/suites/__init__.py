"""What each gate claims, one module a gate: declared facts, no running and no Great Expectations."""

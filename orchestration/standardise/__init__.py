"""One row per distinct raw value, cleaned by well-kept libraries; no joins and no rules on rows."""

"""The lake's tables that are not raw, by the stage that writes them; `lake_tables` holds them all by name."""

"""Features to a fitted model to scores, all as of a date; the only importer of sklearn."""

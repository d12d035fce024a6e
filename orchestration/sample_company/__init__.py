"""A synthetic retailer with known truth: people, facts, messy source files; nothing of it is read by a stage."""

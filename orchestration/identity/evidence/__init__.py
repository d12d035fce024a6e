"""Why records are one customer or two, told to people, and what a decision about them would change."""

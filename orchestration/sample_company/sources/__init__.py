"""The sample company's sources: what each one observes of the truth, and how its files look."""

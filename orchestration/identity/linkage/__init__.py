"""What linkage stands on: columns by meaning, comparable values, comparisons, blocking, models and their evaluation."""

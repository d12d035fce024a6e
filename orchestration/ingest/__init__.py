"""Received bytes to raw Parquet, unchanged and traceable; no cleaning and no typing."""

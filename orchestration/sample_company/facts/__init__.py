"""What is true about the sample company: who its people are, and what they did, as Parquet tables."""

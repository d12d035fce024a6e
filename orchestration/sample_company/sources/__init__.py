"""What each source knows of the truth, and the files in which it says so."""

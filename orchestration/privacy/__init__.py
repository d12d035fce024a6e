"""For how long data is kept: what is past its stated time is removed, and what was removed is recorded."""

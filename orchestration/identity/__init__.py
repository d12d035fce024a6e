"""Which records are one person, and the id of that person; no golden record (dbt chooses that)."""

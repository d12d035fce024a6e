"""Linkage on foreign files: what a folder holds, how its records are linked, and how well."""

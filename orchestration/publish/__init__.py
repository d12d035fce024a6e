"""Builds, verifies and swaps the serving database; nothing is computed here."""

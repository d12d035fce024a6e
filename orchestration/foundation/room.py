"""What the texts of errors say about room, rights and memory, and the way out of each.

The operating system, DuckDB, Arrow and SQLite each say it in their own words, and dbt passes on the text alone, so the
texts are what is read here. A refusal of the product's own says its way out itself.
"""

from orchestration.foundation.errors import GenomeError

_ROOM = (
    "There is no room left where the lake (GENOME_LAKE) or its state (GENOME_STATE) lies, or a file may not grow "
    "further. Make room (`genome tidy` removes what is past its time; `df` and `ulimit -f` show the limits) and run "
    "again: the night resumes over the same inputs."
)
_DISK = (
    "The disk gives an error: there is no room left where the lake (GENOME_LAKE) or its state (GENOME_STATE) lies, a "
    "file may not grow further, or the disk itself fails. Make room (`genome tidy` removes what is past its time; "
    "`df`, `ulimit -f` and the system's log show which it is) and run again: the night resumes over the same inputs."
)
_RIGHTS = (
    "A folder of the lake (GENOME_LAKE) or its state (GENOME_STATE) may not be written. Give its rights to the user "
    "that runs the night, or mount it writable, and run again: the night resumes over the same inputs."
)
_MEMORY = (
    "There is too little memory. Raise GENOME_DUCKDB_MEMORY_LIMIT (or lower GENOME_DUCKDB_THREADS) as far as the "
    "machine has it, and run again: the night resumes over the same inputs."
)
_WAYS_OUT = {
    "no space left on device": _ROOM,
    "database or disk is full": _ROOM,
    "disk quota exceeded": _ROOM,
    "file too large": _ROOM,
    "disk i/o error": _DISK,
    "read-only file system": _RIGHTS,
    "permission denied": _RIGHTS,
    "readonly database": _RIGHTS,
    "operation not permitted": _RIGHTS,
    "out of memory": _MEMORY,
    "outofmemory": _MEMORY,
    "cannot allocate memory": _MEMORY,
    "failed to allocate": _MEMORY,
    "could not allocate": _MEMORY,
    "memoryerror": _MEMORY,
}
"""Signs in lower-case texts, and the way out of each."""


class NoRoom(GenomeError):
    """The machine has no room, no memory, or gives no right to write."""

    is_passing = True

    @classmethod
    def because(cls, error: BaseException) -> "NoRoom | None":
        """Return the refusal for an error that says so in its text, or None for any other error."""
        text = f"{type(error).__name__}: {error}".strip()
        found = way_out_of(text)
        shown = text.splitlines()[0]
        return cls(f"{shown}. What was published is what it was. {found}") if found else None


def way_out_of(text: str) -> str:
    """Return the way out when an error's text says that room, rights or memory are lacking; else nothing.

    Example:
        >>> way_out_of("[Errno 28] No space left on device")[:31]
        'There is no room left where the'
    """
    lowered = text.lower()
    return next((way_out for sign, way_out in _WAYS_OUT.items() if sign in lowered), "")

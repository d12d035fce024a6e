"""The one quoting function for names and literals that must stand in SQL text; values go in as parameters.

Nothing else in the package formats a value or a name from outside into SQL.
"""

from orchestration.foundation.errors import GenomeError


class NameUnquotable(GenomeError):
    """A name or literal that no SQL engine can hold."""

    @classmethod
    def because_of_nul(cls, kind: str) -> "NameUnquotable":
        """Return the error for text with a NUL character."""
        return cls(f"a {kind} holds a NUL character, which SQL text cannot hold; rename it at its source.")


def quote_identifier(name: str) -> str:
    """Return `name` as one double-quoted SQL identifier.

    Raises:
        NameUnquotable: the name is empty or holds a NUL character.

    Example:
        >>> quote_identifier('a"b')
        '"a""b"'
    """
    if not name or "\0" in name:
        raise NameUnquotable.because_of_nul("name")
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """Return `text` as one single-quoted SQL string literal (for paths where no parameter is allowed).

    Raises:
        NameUnquotable: the text holds a NUL character.

    Example:
        >>> quote_literal("it's")
        "'it''s'"
    """
    if "\0" in text:
        raise NameUnquotable.because_of_nul("literal")
    return "'" + text.replace("'", "''") + "'"

"""The one base class of every error that the product raises on purpose.

An error class lives beside the code that raises it, derives from `GenomeError` and is made by a factory on the
class. Its message says what was wrong, the evidence, the rule and the way out, and never holds personal data.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar


class GenomeError(Exception):
    """A refusal that a person can act on; the command line prints its message and no traceback.

    Attributes:
        is_passing: whether the same run may succeed a little later without anybody's doing.
    """

    is_passing: ClassVar[bool] = False

    def __str__(self) -> str:
        """Return the error's name and message as one screen shows them."""
        return f"{type(self).__name__}: {super().__str__()}"


class ConfigurationFaulty(GenomeError):
    """Contracts, policies or settings that cannot be used, with every fault at once."""

    @classmethod
    def of_faults(cls, subject: str, faults: Sequence[str], way_out: str) -> "ConfigurationFaulty":
        """Return the error that lists all `faults` of `subject` and ends in the way out."""
        listed = "\n".join(f"  - {fault}" for fault in faults)
        noun = "fault" if len(faults) == 1 else "faults"
        return cls(f"{subject} has {len(faults)} {noun}:\n{listed}\n{way_out}")


def some_of(values: Iterable[object], *, limit: int = 5) -> str:
    """Return up to `limit` values as evidence for a message, with the count of what is left off.

    Example:
        >>> some_of(["a", "b", "c"], limit=2)
        "'a', 'b' and 1 more"
    """
    listed = list(values)
    shown = ", ".join(repr(value) for value in listed[:limit])
    rest = len(listed) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown

"""Ways in which a file goes bad on a disk."""

import shutil
from pathlib import Path

DAMAGES = ("bit flipped", "truncated", "swapped", "missing")


def damage(path: Path, kind: str, *, other: Path | None = None) -> None:
    """Damage a file in one of the ways of `DAMAGES`; `other` is what it is swapped with."""
    content = path.read_bytes()
    middle = len(content) // 2
    match kind:
        case "bit flipped":
            path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        case "truncated":
            path.write_bytes(content[:middle])
        case "swapped":
            assert other is not None
            shutil.copyfile(other, path)
        case "missing":
            path.unlink()
        case _:
            raise ValueError(kind)

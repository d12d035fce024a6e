"""Which elements of an XML file of no feed yet are its records, and which of theirs repeat."""

from orchestration.ingest.counting import Opener
from orchestration.ingest.xml_events import Attributes, NotSafeXml, parse_events
from orchestration.ingest.xml_records import DEPTH_LIMIT, XmlElement, XmlRecords

_PATHS_LIMIT = 10_000


def record_path(opened: Opener) -> str:
    """Return the path from the root of the elements that look like records.

    Records have attributes or children. Of such elements those that repeat and lie nearest to the root are taken, of
    several those with children, of several the most frequent ones; where none repeats, the one nearest to the root.

    Raises:
        NotSafeXml: the text is no XML, has what no delivery needs, or has no such element below its root.
    """
    outline = _Outline()
    with opened() as stream:
        parse_events(stream, started=outline.started, ended=outline.ended)
    candidates = [path for path in outline.parents | outline.with_attributes if len(path) > 1]
    if not candidates:
        raise NotSafeXml("no element below its root has attributes or elements of its own, so that none is a record")
    counts, parents = outline.counts, outline.parents
    candidates.sort(key=lambda path: (counts[path] == 1, len(path), path not in parents, -counts[path], path))
    return "/".join(candidates[0])


def repeated_names(opened: Opener, path: str) -> tuple[str, ...]:
    """Return the names of elements that repeat inside one element of a record, in the order of the alphabet."""
    names: set[str] = set()
    with opened() as stream:
        for record in XmlRecords(stream, path.split("/")):
            if record.element is not None:
                names |= _repeated(record.element)
    return tuple(sorted(names))


class _Outline:
    """Counts a text's elements by their path."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, ...], int] = {}
        self.parents: set[tuple[str, ...]] = set()
        self.with_attributes: set[tuple[str, ...]] = set()
        self._path: tuple[str, ...] = ()

    def started(self, name: str, attributes: Attributes) -> None:
        if self._path:
            self.parents.add(self._path)
        self._path = (*self._path, name)
        if attributes:
            self.with_attributes.add(self._path)
        self.counts[self._path] = self.counts.get(self._path, 0) + 1
        if len(self._path) > DEPTH_LIMIT or len(self.counts) > _PATHS_LIMIT:
            raise NotSafeXml(f"its elements are nested deeper than {DEPTH_LIMIT} levels or of {_PATHS_LIMIT} kinds")

    def ended(self, _: str) -> None:
        self._path = self._path[:-1]


def _repeated(element: XmlElement) -> set[str]:
    names = [child.name for child in element.children]
    own = {name for name in set(names) if names.count(name) > 1} if len(set(names)) < len(names) else set()
    return own.union(*(_repeated(child) for child in element.children))

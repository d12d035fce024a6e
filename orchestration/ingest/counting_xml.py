"""How many records an XML file holds, counted by a parser of its own.

The count is what the ledger is balanced against, so nothing here uses the parser that lands records: that one is expat,
this one libxml2. Only texts through which expat has gone may be counted, since this parser believes what they declare.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from orchestration.ingest.xml_events import NotSafeXml

_SAFE: Mapping[str, bool] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def count_xml_records(path: Path, steps: Sequence[str]) -> int:
    """Return how many record elements an XML file holds; one inside another is no record of its own.

    Args:
        path: the file.
        steps: the element's name as written, or its path from the root.

    Raises:
        NotSafeXml: the file is no XML for this parser.
    """
    try:
        with path.open("rb") as stream:
            return _count(stream, steps)
    except etree.XMLSyntaxError as error:
        raise NotSafeXml(f"a second parser cannot read it at line {error.lineno}") from error


def _count(stream: BinaryIO, steps: Sequence[str]) -> int:
    count = record_depth = 0
    names: list[str] = []
    for event, element in etree.iterparse(stream, events=("start", "end"), **_SAFE):
        if event == "start":
            names.append(_written_name(element))
            if not record_depth and is_record(names, steps):
                record_depth = len(names)
                count += 1
            continue
        record_depth = 0 if len(names) == record_depth else record_depth
        names.pop()
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return count


def _written_name(element: etree._Element) -> str:
    local = str(element.tag).rpartition("}")[2]
    return f"{element.prefix}:{local}" if element.prefix else local


def is_record(names: Sequence[str], steps: Sequence[str]) -> bool:
    """Return whether the element that stands at `names`, from the root, is what `steps` leads to."""
    return names[-1] == steps[0] if len(steps) == 1 else list(names) == list(steps)

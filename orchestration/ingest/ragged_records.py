"""The bytes, place and reason of the ragged records of a regular CSV text."""

from collections.abc import Iterator
from pathlib import Path

from orchestration.ingest.quarantine import FormlessRecord
from orchestration.ingest.ragged_suspects import RaggedRecords


def formless_records(path: Path, records: RaggedRecords, *, bom_bytes: int, width: int) -> Iterator[FormlessRecord]:
    """Yield ragged records as received, in order.

    Args:
        path: the unpacked file.
        records: where they are in its text, which begins behind the byte-order mark.
        bom_bytes: of that mark.
        width: how many cells the header has.
    """
    with path.open("rb") as stream:
        places = (records.ordinals, records.begins, records.ends, records.line_numbers)
        for ordinal, begin, end, line_number in zip(*(place.tolist() for place in places), strict=True):
            stream.seek(bom_bytes + begin)
            yield FormlessRecord(
                row_number=ordinal,
                line_number=line_number,
                byte_offset=bom_bytes + begin,
                content=stream.read(end - begin),
                reason_code="cells_ragged",
                reason_text=f"the record does not have the {width} cells of the header",
            )

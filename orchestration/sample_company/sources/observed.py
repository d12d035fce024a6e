"""What a source hands to the company: one file's bytes, and the truth about what is wrong in it.

Belongs here: the facts that all sources have in common. How a file looks is each source's module.
"""

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

NOISE_SCHEMA = pa.schema({"record_key": pa.string(), "field": pa.string(), "noise_type": pa.string()})


@dataclass(frozen=True)
class ObservedFile:
    """One file that a source delivers.

    Attributes:
        source: The folder of the inbox.
        feed: Which of the source's feeds.
        name: The file's base name.
        delivered_on: The day at whose end the source writes it.
        payload: The file's bytes.
        records_count: Records in it, broken ones and repetitions included.
        noise: One row per value or record that is wrong in it, as `NOISE_SCHEMA`.
    """

    source: str
    feed: str
    name: str
    delivered_on: date
    payload: bytes
    records_count: int
    noise: pa.Table

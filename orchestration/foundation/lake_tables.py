"""The catalogue of the lake's tables that are not raw: grain, columns and writer; stages meet here.

Raw tables take their columns from the feed contracts (`contracts.raw_schema`). What fills a table is its stage; the
tables of each stage are listed in `lake_catalogue`.
"""

from collections.abc import Mapping

from orchestration.foundation.lake_catalogue import checked, identity, insight, profiles, received
from orchestration.foundation.lake_catalogue.lake_table import LakeTable

__all__ = ["LAKE_TABLES", "LakeTable"]

_TABLES = (*received.TABLES, *identity.TABLES, *insight.TABLES, *profiles.TABLES, *checked.TABLES)

LAKE_TABLES: Mapping[str, LakeTable] = {table.name: table for table in _TABLES}

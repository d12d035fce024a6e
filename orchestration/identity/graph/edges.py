"""Deterministic edges: records that show one exact identifier, and identifiers that were not allowed to join any.

Belongs here: the edges that follow from observed identifiers and the reference lists about their types. Does not belong
here: how an identifier is cleaned (`standardise`), and what edges make of records (`guards`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from orchestration.foundation.connections import in_memory
from orchestration.foundation.errors import GenomeError, some_of
from orchestration.identity.graph.tables import EDGE_SCHEMA, REVIEW_SCHEMA

_UNKNOWN_TYPES_SQL = """
select distinct identifier_type
from observed_given
anti join types_given
    using (identifier_type)
order by identifier_type
"""
_IDENTIFIERS_SQL = """
create temp table observations as
select
    record_id,
    identifier_type,
    identifier_hash,
    bool_or(is_verified) as is_verified,
    min(observed_on) as observed_on
from observed_given
where record_id is not null and identifier_hash is not null
group by record_id, identifier_type, identifier_hash;

create temp table identifiers as
with identifiers_counted as (
    select
        identifier_type,
        identifier_hash,
        count(*) as records_count,
        bool_or(is_verified) as hub_is_verified,
        coalesce(min(record_id) filter (where is_verified), min(record_id)) as hub_record_id,
        coalesce(
            arg_min(observed_on, record_id) filter (where is_verified), arg_min(observed_on, record_id)
        ) as hub_observed_on
    from observations
    group by identifier_type, identifier_hash
    having count(*) > 1
)

select
    identifiers_counted.*,
    types_given.priority,
    types_given.match_weight,
    types_given.unverified_priority,
    types_given.unverified_match_weight,
    case
        when blocked_given.identifier_hash is not null then blocked_given.reason_code
        when records_count > types_given.max_records_per_identifier then 'too_many_records'
    end as reason_code
from identifiers_counted
join types_given
    using (identifier_type)
left join blocked_given
    using (identifier_type, identifier_hash)
"""
_EDGES_SQL = """
select
    least(hub_record_id, record_id) as record_id_left,
    greatest(hub_record_id, record_id) as record_id_right,
    'deterministic' as edge_kind,
    identifier_type as rule,
    identifier_hash,
    if(hub_is_verified and is_verified, priority, unverified_priority) as priority,
    if(hub_is_verified and is_verified, match_weight, unverified_match_weight) as match_weight,
    greatest(observed_on, hub_observed_on) as observed_on,
    to_json({identifier_type: identifier_type, identifier_hash: identifier_hash}) as evidence_json
from observations
join identifiers
    using (identifier_type, identifier_hash)
where reason_code is null and record_id <> hub_record_id
order by priority, rule, identifier_hash, record_id_left, record_id_right
"""
_REFUSED_SQL = """
select
    case reason_code when 'too_many_records' then 'identifier_limit' else 'blocked_identifier' end as guard,
    reason_code,
    null as record_id_left,
    null as record_id_right,
    identifier_type as rule,
    identifier_hash,
    match_weight,
    records_count,
    to_json({identifier_type: identifier_type, identifier_hash: identifier_hash, records_count: records_count})
        as evidence_json,
    ?::date as as_of_on
from identifiers
where reason_code is not null
order by rule, identifier_hash
"""


class IdentifierTypesUnknown(GenomeError):
    """Identifiers of types about which nobody said how far they may be believed."""

    @classmethod
    def of(cls, types: Sequence[str]) -> "IdentifierTypesUnknown":
        """Return the error for types that the reference list lacks."""
        return cls(
            f"identifiers of {len(types)} types were observed that the seed identifier_types lacks: {some_of(types)}. "
            f"Each type needs its priority, match weight and limits: add a row in "
            f"dbt_project/seeds/identifier_types.csv; no edge was made."
        )


@dataclass(frozen=True)
class DeterministicEdges:
    """Edges of exact identifiers (`EDGE_SCHEMA`), and the identifiers that joined none (`REVIEW_SCHEMA`)."""

    edges: pa.Table
    refused: pa.Table


def deterministic_edges(
    observed: pa.Table, *, identifier_types: pa.Table, blocked_identifiers: pa.Table, as_of_on: date
) -> DeterministicEdges:
    """Return one edge for each further record that shows an identifier, to the smallest that proved it, if any did.

    A star and not all pairs, so that n records cost n - 1 edges; it joins the same records. An edge is believed as the
    weaker of its ends: what a customer merely told, and no source proved, has a priority and weight of its own.

    Args:
        observed: columns `record_id`, `identifier_type`, `identifier_hash` (text), `is_verified` (whether the source
            proved it), `observed_on` (day from which the record shows it); repeats count once, rows without record or
            hash not at all.
        identifier_types: seed `identifier_types`: `identifier_type`, `priority`, `match_weight`, the same of
            unverified ones, `max_records_per_identifier`.
        blocked_identifiers: seed `blocked_identifiers`: `identifier_type`, `identifier_hash`, `reason_code`.
        as_of_on: the night, for the rows of what was refused.

    Returns:
        edges in order of priority, type, hash and record; an identifier that is blocked, or that more records show
        than its type allows, makes none and is a row of `refused`. The order of the rows that come in changes nothing.

    Raises:
        IdentifierTypesUnknown: an observed type is not in `identifier_types`.
    """
    with in_memory() as connection:
        connection.register("observed_given", observed)
        connection.register("types_given", identifier_types)
        connection.register("blocked_given", blocked_identifiers)
        unknown = connection.execute(_UNKNOWN_TYPES_SQL).fetchall()
        if unknown:
            raise IdentifierTypesUnknown.of([str(row[0]) for row in unknown])
        connection.execute(_IDENTIFIERS_SQL)
        edges = connection.execute(_EDGES_SQL).to_arrow_table()
        refused = connection.execute(_REFUSED_SQL, [as_of_on]).to_arrow_table()
    return DeterministicEdges(edges.cast(EDGE_SCHEMA), refused.cast(REVIEW_SCHEMA))

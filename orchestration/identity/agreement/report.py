"""The agreement report of a night: read the night's identity tables, measure, keep the rows.

Belongs here: the order of the report and what is written. Does not belong here: what is measured.
"""

from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pyarrow as pa

from orchestration.foundation.connections import in_memory
from orchestration.foundation.identity_policy import AgreementPolicy, IdentityPolicy
from orchestration.foundation.lake_io import Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.agreement.measures import Measure, as_rows, measures_of
from orchestration.identity.agreement.suspects import suspects_of
from orchestration.identity.graph.clustering import ClusteringRules
from orchestration.identity.rules import clustering_rules

AGREEMENT = "identity/agreement"
SUSPECTS = "identity/suspects"
READ_TABLES = (
    "identity/customer_records",
    "identity/edges",
    "identity/review_queue",
    "identity/link_decisions",
    "identity/attributes",
    "identity/blocking_counts",
    "identity/models",
    AGREEMENT,
)
COMPARABLE_SQL = """
select
    attributes.record_id,
    (attributes.full_name is not null or attributes.family_name is not null)::int
    + (attributes.birth_date is not null)::int
    + (attributes.email is not null)::int
    + (attributes.phone is not null)::int
    + (attributes.street is not null)::int
    + (attributes.postcode is not null)::int
    + (attributes.city is not null)::int as comparable_count,
    identified.record_id is not null as has_identifier
from vault.int_attributes_compared as attributes
left join (
    select distinct record_id
    from identity.int_identifiers_observed
) as identified
    on attributes.record_id = identified.record_id
"""
"""Of the warehouse: how many kinds of values a record can be compared by, and whether it shows an identifier."""


@dataclass(frozen=True)
class AgreementReport:
    """The measures of a night, and its suspects (`suspects.SUSPECTS_SCHEMA`)."""

    measures: tuple[Measure, ...]
    suspects: pa.Table


def report_of_night(
    lake: Lake, warehouse: duckdb.DuckDBPyConnection, policy: IdentityPolicy, *, as_of_on: date
) -> AgreementReport:
    """Return the report of the night whose tables the lake holds, by the rules that it went by.

    Args:
        lake: holds `READ_TABLES`.
        warehouse: the connection to what dbt observed.
        policy: what the team decided.
        as_of_on: the night.
    """
    comparable = warehouse.sql(COMPARABLE_SQL).to_arrow_table()
    rules = clustering_rules(policy, warehouse.sql("select * from reference.identifier_types").to_arrow_table())
    return reported(lake, comparable, rules=rules, limits=policy.agreement, as_of_on=as_of_on)


def reported(
    lake: Lake, comparable: pa.Table, *, rules: ClusteringRules, limits: AgreementPolicy, as_of_on: date
) -> AgreementReport:
    """Return the report of the night whose tables the lake holds.

    Args:
        lake: holds `READ_TABLES`.
        comparable: what `COMPARABLE_SQL` says of the warehouse.
        rules: what the night's guards went by.
        limits: from where on a measure is a suspicion.
        as_of_on: the night.
    """
    with in_memory() as connection:
        create_views(connection, lake, {name: LAKE_TABLES[name].schema for name in READ_TABLES})
        suspects = suspects_of(
            connection, rules, many_records=limits.many_records, apart_bits=limits.apart_bits, as_of_on=as_of_on
        )
        measures = measures_of(
            connection, suspects=suspects, comparable=comparable, rules=rules, limits=limits, as_of_on=as_of_on
        )
    return AgreementReport(measures, suspects)


def keep_report(lake: Lake, report: AgreementReport, *, as_of_on: date, run_id: str, at: datetime) -> None:
    """Write the measures under their night, which a second run of the night replaces, and tonight's suspects."""
    rows = as_rows(report.measures, as_of_on=as_of_on, run_id=run_id)
    lake.write_table(AGREEMENT, as_of_on.isoformat(), rows, run_id=run_id, written_at=at)
    lake.write_table(SUSPECTS, "current", report.suspects, run_id=run_id, written_at=at)

"""A few people's identity tables as nights write them: clustered by the guards, with persistent ids."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.graph.agglomeration import AverageLinkage
from orchestration.identity.graph.clustering import ClusteringRules, clustered
from orchestration.identity.graph.decisions import DECISION_SCHEMA
from orchestration.identity.graph.guards import BridgeGuard
from orchestration.identity.graph.numbering import RecordGraph
from orchestration.identity.graph.tables import EDGES_SCHEMA
from orchestration.identity.persistent_ids import IdentityState, after_night, assignments_of, resolved_ids

NIGHT = date(2026, 6, 30)
RULES = ClusteringRules(
    linkage=AverageLinkage(missing_weight=-3.0, cap=15.0, stop=0.0),
    bridge=BridgeGuard(max_weight=9.0, min_records=3),
    max_records_per_customer=20,
    conflict_rules={"another_birth_date": ("birth_date",)},
    value_limits={},
    review_min_weight=6.0,
)
PRIOR_BITS = -10.0
_WEIGHTS = {"email": (3, 14.0), "phone": (4, 9.0)}

_WAREHOUSE_SQL = """
create schema customer;
create schema reference;
create table reference.identifier_types as
    select * from (values ('email', 12), ('phone', 12)) as types (identifier_type, max_values_per_customer);
create table customer.int_orders_unified (order_id varchar, record_id varchar);
create table customer.fct_orders (
    order_id varchar, customer_id varchar, order_type varchar, ordered_on date, net_revenue_amount decimal(18, 2)
);
create table customer.int_records_consented (
    record_id varchar, channel varchar, purpose varchar, strictness_rank integer
);
insert into customer.int_records_consented values
    ('crm:1', 'email', 'marketing', 4), ('web:4', 'email', 'marketing', 1), ('web:4', 'sms', 'service', 4);
create table reference.consent_strictness as
    select * from (values (1, 'withdrawn'), (4, 'granted')) as ranks (strictness_rank, consent_status);
create table reference.rfm_segments as
    select * from (values ('best', 'Champions'), ('rest', 'Lost'), ('no_purchase_yet', 'No purchase yet'))
    as segments (segment_code, segment_name);
create table reference.rfm_grid as
    select r.n as recency_score, f.n as frequency_score, m.n as monetary_score,
        if(f.n + m.n >= 7, 'best', 'rest') as segment_code
    from range(1, 6) r(n), range(1, 6) f(n), range(1, 6) m(n)
"""


@dataclass
class LinkedLake:
    """People in the making; `night` writes the tables of a night below `root`."""

    root: Path
    records: Sequence[str]
    shared: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    compared: Mapping[tuple[str, str], Mapping[str, float]] = field(default_factory=dict)
    born: Mapping[str, str] = field(default_factory=dict)
    decisions: list[Mapping[str, object]] = field(default_factory=list)
    state: IdentityState = field(default_factory=IdentityState.empty)

    def decide(self, decision: str, one: str, other: str) -> None:
        """Add a decision that the next night knows of."""
        ends = dict(zip(("record_id_left", "record_id_right"), sorted((one, other)), strict=True))
        why = {"reason": "Same person at the desk", "decided_by": "store manager", "decided_on": NIGHT}
        self.decisions.append({**ends, "decision": decision, **why})

    def night(self, day: date = NIGHT) -> dict[str, str]:
        """Write the tables of a night and return the customer of each record."""
        graph = self._graph()
        clusters = clustered(graph, rules=RULES, as_of_on=day)
        self.state = after_night(self.state, clusters.assignments, decisions=graph.decisions, as_of_on=day)
        customers = dict(zip(*assignments_of(self.state).to_pydict().values(), strict=True))
        assigned = [{**row, "customer_id": customers[row["record_id"]]} for row in clusters.assignments.to_pylist()]
        self._write("customer_records", pa.Table.from_pylist(assigned, schema=_schema("customer_records")))
        self._write("customer_ids", resolved_ids(self.state))
        self._write("customer_records_history", self.state.history)
        self._write("customer_id_lineage", self.state.lineage)
        self._write("review_queue", clusters.review)
        self._write("edges", graph.edges)
        self._write("attributes", graph.attributes)
        self._write("link_decisions", graph.decisions)
        return customers

    def _graph(self) -> RecordGraph:
        exact = [
            _edge((min(members), other), identifier)
            for identifier, members in self.shared.items()
            for other in sorted(members)[1:]
        ]
        pairs = [_pair(min(ends), max(ends), bits) for ends, bits in self.compared.items()]
        held = [
            {"record_id": record, "attribute_type": "birth_date", "attribute_value": value}
            for record, value in self.born.items()
        ]
        return RecordGraph(
            records=pa.table({"record_id": list(self.records)}),
            edges=pa.Table.from_pylist([*exact, *pairs], schema=EDGES_SCHEMA),
            attributes=pa.Table.from_pylist(held, schema=_schema("attributes")),
            decisions=pa.Table.from_pylist(list(self.decisions), schema=DECISION_SCHEMA),
        )

    def _write(self, name: str, table: pa.Table) -> None:
        written_at = datetime(2026, 7, 1, tzinfo=UTC)
        Lake(self.root).write_table(f"identity/{name}", "current", table, run_id="r", written_at=written_at)


def fill_warehouse(connection: duckdb.DuckDBPyConnection) -> None:
    """Make what a preview reads: grid and ranks, eight customers who bought once, and the consents of two records."""
    connection.execute(_WAREHOUSE_SQL)
    connection.execute(
        "insert into customer.fct_orders "
        "select 'o' || n, 'c' || n, 'sale', date '2026-05-01', 15 from range(8) as others(n)"
    )


def _schema(name: str) -> pa.Schema:
    return LAKE_TABLES[f"identity/{name}"].schema


def _edge(ends: tuple[str, str], identifier: tuple[str, str]) -> dict[str, object]:
    kind, digest = identifier
    priority, weight = _WEIGHTS[kind]
    return {
        "record_id_left": ends[0],
        "record_id_right": ends[1],
        "edge_kind": "deterministic",
        "rule": kind,
        "identifier_hash": digest,
        "priority": priority,
        "match_weight": weight,
        "observed_on": NIGHT,
        "evidence_json": "{}",
    }


def _pair(left: str, right: str, bits: Mapping[str, float]) -> dict[str, object]:
    told = [{"compared": level.split()[0], "level": level, "bits": each} for level, each in bits.items()]
    return {
        "record_id_left": left,
        "record_id_right": right,
        "edge_kind": "probabilistic",
        "rule": "name_and_birth_year",
        "priority": 100,
        "match_weight": PRIOR_BITS + sum(bits.values()),
        "observed_on": NIGHT,
        "evidence_json": json.dumps(told),
        "model_id": "m",
    }

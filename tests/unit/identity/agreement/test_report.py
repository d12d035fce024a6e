"""The agreement report of small nights whose measures are worked out by hand."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from orchestration.foundation.identity_policy import AgreementPolicy
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.agreement.drift import population_stability_index
from orchestration.identity.agreement.measures import Measure
from orchestration.identity.agreement.plots import plots_of
from orchestration.identity.agreement.report import AGREEMENT, AgreementReport, keep_report, reported
from orchestration.identity.graph.agglomeration import AverageLinkage
from orchestration.identity.graph.clustering import ClusteringRules
from orchestration.identity.graph.guards import BridgeGuard

NIGHT = date(2026, 6, 30)
LIMITS = AgreementPolicy(
    many_records=3, apart_bits=0.0, comparable_at_least=2, stability_index=0.25, drift_pairs_at_least=200
)
AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
RULES = ClusteringRules(
    linkage=AverageLinkage(missing_weight=-4.0, cap=10.0, stop=-2.5),
    bridge=BridgeGuard(max_weight=9, min_records=3),
    max_records_per_customer=500,
    conflict_rules={"other_given_name_and_birth_date": ("given_name", "birth_date")},
    value_limits={"email": 12},
    review_min_weight=3,
)
NO_COMPARABLE = pa.table(
    {
        "record_id": pa.array([], pa.string()),
        "comparable_count": pa.array([], pa.int64()),
        "has_identifier": pa.array([], pa.bool_()),
    }
)
Rows = Sequence[Mapping[str, Any]]


def customers(*clusters: str) -> Rows:
    """Return customer records: each cluster is its record ids in one word, all of one component."""
    rows = [(record, cluster[0], len(cluster)) for cluster in clusters for record in cluster]
    return [
        {
            "record_id": record,
            "customer_id": f"c_{first}",
            "records_count": size,
            "cluster_rule": "exact_identifier" if size > 1 else "single_record",
            "cluster_record_id": first,
            "component_record_id": "a",
        }
        for record, first, size in rows
    ]


def exact(pair: str, *, rule: str = "email", weight: float = 14.0) -> dict[str, Any]:
    return {
        "record_id_left": pair[0],
        "record_id_right": pair[1],
        "edge_kind": "deterministic",
        "rule": rule,
        "identifier_hash": f"{rule}-{pair}",
        "priority": 3,
        "match_weight": weight,
    }


def compared(pair: str, weight: float, *levels: tuple[str, str], probability: float = 1.0) -> dict[str, Any]:
    return {
        "record_id_left": pair[0],
        "record_id_right": pair[1],
        "edge_kind": "probabilistic",
        "rule": "name",
        "priority": 100,
        "match_weight": weight,
        "match_probability": probability,
        "model_id": "m1",
        "evidence_json": json.dumps([{"compared": kind, "level": level, "bits": 1.0} for kind, level in levels]),
    }


def decided(pair: str, decision: str) -> dict[str, Any]:
    return {"record_id_left": pair[0], "record_id_right": pair[1], "decision": decision}


def night(folder: Path, *, comparable: pa.Table = NO_COMPARABLE, **tables: Rows) -> AgreementReport:
    """Return the report of a night whose identity tables hold these rows."""
    lake = Lake(folder)
    for name, rows in tables.items():
        table = pa.Table.from_pylist(list(rows), schema=LAKE_TABLES[f"identity/{name}"].schema)
        lake.write_table(f"identity/{name}", "current", table, run_id="r", written_at=AT)
    return reported(lake, comparable, rules=RULES, limits=LIMITS, as_of_on=NIGHT)


def values(report: AgreementReport, measure: str) -> dict[str, float | None]:
    return {each.subject: each.value for each in report.measures if each.measure == measure}


def suspected(report: AgreementReport) -> list[tuple[str, str | None, str, str]]:
    names = ("reason_code", "other_customer_id", "record_id_left", "record_id_right")
    return [tuple(row[name] for name in names) for row in report.suspects.to_pylist()]


def test_customers_are_counted_by_their_number_of_records(tmp_path: Path) -> None:
    report = night(tmp_path, customer_records=customers("ab", "c", "defghi"))
    assert values(report, "customers") == {"all": 3}
    sizes = ("1", "2", "3-5", "6-10", "11-20", "21-50", "51 and more")
    assert values(report, "customers_of_size") == dict(zip(sizes, (1, 1, 0, 1, 0, 0, 0), strict=True))
    assert values(report, "largest_customer_records") == {"all": 6}
    assert values(report, "records_linked_by") == {"exact_identifier": 8, "single_record": 1}


def test_labels_are_held_against_what_the_evidence_says_without_them(tmp_path: Path) -> None:
    # Decisions hold in the customers; the evidence alone joins a-b and c-d, and knows nothing of e-f and g-h.
    report = night(
        tmp_path,
        customer_records=customers("ab", "c", "d", "ef", "g", "h"),
        edges=[exact("ab"), exact("cd")],
        link_decisions=[
            decided("ab", "must_link"),
            decided("ef", "must_link"),
            decided("cd", "cannot_link"),
            decided("gh", "cannot_link"),
        ],
    )
    assert values(report, "labelled_pairs") == {"must_link": 2, "cannot_link": 2}
    assert values(report, "label_precision") == {"all": 0.5}
    assert values(report, "label_recall") == {"all": 0.5}


def test_without_labels_there_is_no_precision_to_tell(tmp_path: Path) -> None:
    report = night(tmp_path, customer_records=customers("ab"))
    assert values(report, "label_precision") == values(report, "label_recall") == {"all": None}


def test_a_customer_is_suspected_for_many_records_contradictions_and_a_single_weak_edge(tmp_path: Path) -> None:
    report = night(
        tmp_path,
        customer_records=customers("abcd", "ef", "ghi", "jk"),
        # g-h hold by an address, i by one phone number; e-f and j-k and a-d by addresses.
        edges=[*map(exact, ("ab", "ac", "ad", "ef", "gh", "jk")), exact("gi", rule="phone", weight=9.0)],
        attributes=[
            {"record_id": record, "attribute_type": kind, "attribute_value": value}
            for record, kind, value in (
                *(("e", "birth_date", "1"), ("e", "birth_date", "2"), ("f", "birth_date", "3")),
                *(("j", "birth_date", "1"), ("j", "birth_date", "2"), ("k", "birth_date", "2")),
                *(("a", "email", "1"), ("b", "email", "2")),
            )
        ],
    )
    assert suspected(report) == [
        ("conflicting_birth_date", None, "e", "f"),
        ("held_by_one_weak_edge", None, "g", "i"),
        ("many_records", None, "a", "d"),
    ]
    assert values(report, "over_merge_suspects") == dict.fromkeys([row[0] for row in suspected(report)], 1)


def test_two_weak_edges_hold_each_other(tmp_path: Path) -> None:
    edges = [exact("gh"), exact("gi", rule="phone", weight=9.0), compared("hi", 6.0)]
    assert suspected(night(tmp_path, customer_records=customers("ghi"), edges=edges)) == []


def test_customers_are_suspected_to_be_one_unless_somebody_decided(tmp_path: Path) -> None:
    report = night(
        tmp_path,
        customer_records=customers("ab", "c", "d", "e"),
        edges=[
            exact("ab"),
            exact("bc", rule="phone"),
            compared("ad", 2.5),
            compared("bd", 4.0),
            compared("ae", 9.0),
            compared("cd", -1.0),
        ],
        link_decisions=[decided("ae", "cannot_link")],
    )
    assert suspected(report) == [
        ("identifier_shared", "c_c", "b", "c"),
        ("pair_above_threshold", "c_d", "b", "d"),
    ]


def test_records_are_unlinkable_when_they_show_no_identifier_and_hardly_a_value(tmp_path: Path) -> None:
    comparable = pa.table(
        {
            "record_id": ["crm:contacts:1", "crm:contacts:2", "pos:cards:1"],
            "comparable_count": [1, 1, 2],
            "has_identifier": [False, True, False],
        }
    )
    assert values(night(tmp_path, comparable=comparable), "unlinkable_records") == {"crm": 1, "pos": 0}


def test_a_refused_blocking_rule_is_told_with_its_reason(tmp_path: Path) -> None:
    counts = [
        {"rule": "family", "pairs_count": 900, "keys_left_out_count": 0, "refusal": "900 pairs where 500 are allowed"},
        {"rule": "email", "pairs_count": 20, "keys_left_out_count": 1},
    ]
    report = night(tmp_path, blocking_counts=counts)
    told = [each for each in report.measures if each.measure.startswith("blocking")]
    assert told == [
        Measure("blocking_pairs", "email", 20.0),
        Measure("blocking_refused_pairs", "family", 900.0, 0.0, "900 pairs where 500 are allowed"),
        Measure("blocking_keys_left_out", "email", 1.0),
    ]


@pytest.mark.parametrize(("pairs_count", "limit"), [(150, None), (300, 0.25)])
def test_match_weights_drift_when_pairs_show_other_levels_than_on_the_models_first_night(
    pairs_count: int, limit: float | None, tmp_path: Path
) -> None:
    levels = {"email": [["equal", 0.9, 0.1], ["different", 0.1, 0.9]], "name": [["equal", 0.5, 0.1]]}
    model = {"as_of_on": date(2026, 6, 1), "model_id": "m1", "shares_json": json.dumps(levels)}
    seen = [("email", "different"), ("email", "equal")]
    shares = {date(2026, 5, 1): (1.0, 0.0), date(2026, 6, 2): (0.8, 0.2), date(2026, 6, 20): (0.5, 0.5)}
    report = night(
        tmp_path,
        models=[{**model, "trained_because": "there is no model yet"}],
        edges=[compared("ab", 5.0, seen[number % 2], probability=0.5) for number in range(2 * pairs_count)],
        agreement=[
            {"as_of_on": day, "measure": "level_share", "subject": f"email: {label}", "value": share}
            for day, told in shares.items()
            for label, share in zip(("equal", "different"), told, strict=True)
        ],
    )
    [age] = [each for each in report.measures if each.measure == "model_age_days"]
    assert (age.value, age.reason_text) == (29.0, "there is no model yet")
    [drift] = [each for each in report.measures if each.measure == "weight_drift"]
    assert (drift.subject, drift.limit_value) == ("email", limit)
    # (.5 - .8) ln(.5 / .8) + (.5 - .2) ln(.5 / .2)
    assert drift.value == pytest.approx(0.41589, abs=1e-5)
    assert values(report, "level_share") == {"email: equal": 0.5, "email: different": 0.5}


def test_on_its_first_night_a_model_has_nothing_to_drift_from(tmp_path: Path) -> None:
    model = {"as_of_on": NIGHT, "model_id": "m1", "shares_json": json.dumps({"email": [["equal", 0.9, 0.1]]})}
    report = night(tmp_path, models=[model], edges=[compared("ab", 5.0, ("email", "equal"))])
    assert values(report, "weight_drift") == {"email": 0.0}


def test_the_stability_index_is_the_same_from_either_side_and_nothing_for_equal_shares() -> None:
    one, other = np.array([0.7, 0.2, 0.1]), np.array([30.0, 50.0, 20.0])
    assert population_stability_index(one, one * 9) == pytest.approx(0.0)
    assert population_stability_index(one, other) == pytest.approx(population_stability_index(other, one))


def test_a_night_that_is_run_again_replaces_its_own_rows_and_keeps_those_of_other_nights(tmp_path: Path) -> None:
    report = night(tmp_path, customer_records=customers("ab"))
    lake = Lake(tmp_path)
    for day in (date(2026, 6, 29), NIGHT, NIGHT):
        keep_report(lake, report, as_of_on=day, run_id="r", at=AT)
    kept = lake.read_table(AGREEMENT, LAKE_TABLES[AGREEMENT].schema).to_pylist()
    assert len(kept) == 2 * len(report.measures)
    assert {row["as_of_on"] for row in kept} == {date(2026, 6, 29), NIGHT}


def test_the_report_is_the_same_for_edges_in_another_order(tmp_path: Path) -> None:
    edges = [exact("ab"), exact("bc", rule="phone", weight=9.0), compared("ad", 4.0), compared("bd", 4.0)]
    records = customers("abc", "d")
    one = night(tmp_path / "one", customer_records=records, edges=edges)
    other = night(tmp_path / "other", customer_records=records[::-1], edges=edges[::-1])
    assert one.measures == other.measures
    assert one.suspects.equals(other.suspects)


def test_plots_are_drawn_of_the_measures_that_there_are_and_are_the_same_for_the_same(tmp_path: Path) -> None:
    report = night(tmp_path, customer_records=customers("abcd", "e"), edges=[compared("ae", 4.0)])
    pictures = plots_of(report.measures)
    assert set(pictures) == {"plot_customers_of_size", "plot_suspects"}
    assert all(picture.startswith(b"\x89PNG") for picture in pictures.values())
    assert plots_of(report.measures) == pictures


def test_an_empty_night_has_a_report(tmp_path: Path) -> None:
    report = night(tmp_path)
    assert values(report, "customers") == {"all": 0}
    assert report.suspects.num_rows == 0

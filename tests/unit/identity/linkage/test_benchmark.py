"""Whole runs on small made-up people: what is linked, what is refused, and that it is the same every time."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.identity.benchmark.reading import FolderUnusable
from orchestration.identity.benchmark.run import BenchmarkResult, run_benchmark
from orchestration.identity.linkage.columns import ColumnsUnusable
from orchestration.identity.linkage.pairs import LinkagePolicy
from orchestration.identity.linkage.training import TrainingLimits
from tests.support.linked_people import people, write_german_records, write_records, write_truth

NIGHT = date(2026, 11, 21)
QUICK = LinkagePolicy(training=TrainingLimits(random_pairs=40_000))
PEOPLE = people(160, copies=3, seed=11)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute("set enable_progress_bar = false")
        yield opened


@pytest.fixture
def two_files(tmp_path: Path) -> Path:
    """Half of the records in one system, half in another with other columns, names and dates."""
    half = len(PEOPLE) // 2
    write_records(tmp_path / "shop.csv", PEOPLE[:half])
    write_german_records(tmp_path / "till.csv", PEOPLE[half:])
    (tmp_path.parent / "mapping.yml").write_text("record_id: [record_id, kunden_nr]\n")
    ids = [f"a{number:05d}" for number in range(half)] + [f"b{number:05d}" for number in range(len(PEOPLE) - half)]
    write_truth(tmp_path / "truth.csv", list(zip(ids, PEOPLE, strict=True)))
    return tmp_path


def _one_file(folder: Path, *, shuffled: bool = False) -> Path:
    write_records(folder / "records.csv", PEOPLE)
    write_truth(folder / "truth.csv", [(f"a{number:05d}", one) for number, one in enumerate(PEOPLE)])
    if shuffled:
        header, *rows = (folder / "records.csv").read_text().splitlines()
        (folder / "records.csv").write_text("\n".join([header, *reversed(rows)]) + "\n")
    return folder


def _run(connection: duckdb.DuckDBPyConnection, folder: Path, **more: object) -> BenchmarkResult:
    return run_benchmark(connection, folder, as_of_on=NIGHT, policy=QUICK, **more)  # type: ignore[arg-type]


def test_people_written_down_several_times_with_errors_are_one_each_whatever_the_order(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = _run(connection, _one_file(tmp_path / "as_written"))
    again = _run(connection, _one_file(tmp_path / "shuffled", shuffled=True), model=None)

    assert found.agreements["clusters, pairwise"].f1 > 0.96
    assert found.agreements["clusters, pairwise"].precision > 0.98
    assert found.clusters == again.clusters
    assert found.linked.model.model_id == again.linked.model.model_id
    assert found.linked.pairs == again.linked.pairs


def test_two_systems_with_other_columns_and_dates_are_linked(
    connection: duckdb.DuckDBPyConnection, two_files: Path
) -> None:
    found = _run(connection, two_files, stated={"record_id": ("record_id", "kunden_nr")})

    assert found.folder.records_by_file.keys() == {"shop.csv", "till.csv"}
    assert found.agreements["clusters, pairwise"].f1 > 0.9
    assert found.agreements["clusters, B-cubed"].precision > 0.95


def test_every_pair_has_its_evidence_whose_bits_and_the_prior_make_its_weight(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = _run(connection, _one_file(tmp_path))
    connection.register("found_pairs", found.linked.pairs)

    off = connection.execute(
        """
        select count(*)
        from (
            select match_weight, log2(? / (1 - ?)) + list_sum(list_transform(
                from_json(evidence_json, '[{"bits": "double"}]'), lambda part: part.bits)) as told
            from found_pairs
        )
        where abs(match_weight - told) > 0.1
        """,
        [found.linked.model.prior] * 2,
    ).fetchone()
    assert off == (0,)
    assert all(
        left < right
        for left, right in zip(
            *(found.linked.pairs.column(name).to_pylist() for name in ("record_id_left", "record_id_right")),
            strict=True,
        )
    )


def test_a_value_that_far_too_many_share_blocks_nothing_and_joins_nobody(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = _one_file(tmp_path)
    header, *rows = (folder / "records.csv").read_text().splitlines()
    poisoned = [",".join([*row.split(",")[:5], "0700000000", *row.split(",")[6:]]) for row in rows]
    (folder / "records.csv").write_text("\n".join([header, *poisoned]) + "\n")

    found = _run(connection, folder)

    count = next(each for each in found.linked.counts if each.rule == "phone")
    assert (count.pairs_count, count.keys_left_out) == (0, 1)
    assert 0.9 * len(rows) < count.records_left_out <= len(rows), "equal records are one here"
    assert found.agreements["clusters, pairwise"].precision > 0.97


def test_a_rule_beyond_its_budget_is_refused_with_its_count(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    from orchestration.identity.linkage.blocking import BlockingBudget

    tight = LinkagePolicy(budget=BlockingBudget(pairs_per_record=0, pairs_at_least=400), training=QUICK.training)
    found = run_benchmark(connection, _one_file(tmp_path), as_of_on=NIGHT, policy=tight)

    refused = {count.rule: count.refusal for count in found.linked.counts if count.refusal}
    assert "family" in refused
    assert "where 400 are allowed" in str(refused["family"])


def test_a_folder_without_records_ids_or_persons_is_refused_in_words(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(FolderUnusable, match="it is empty"):
        _run(connection, tmp_path)
    path = tmp_path / "records.csv"
    path.write_text("name,email\nAnn,a@b.net\n")
    with pytest.raises(ColumnsUnusable, match=r"no column of record ids; it has 'name', 'email'"):
        _run(connection, tmp_path)
    path.write_text("id,colour\n1,red\n")
    with pytest.raises(ColumnsUnusable, match=r"no column that persons are compared by"):
        _run(connection, tmp_path)
    path.write_text("id,name\n1,Ann\n1,Bob\n")
    with pytest.raises(FolderUnusable, match=r"ids that stand twice, as in rows 1, 2"):
        _run(connection, tmp_path)


@pytest.mark.parametrize(
    ("written", "clusters"),
    [
        (b"id,name\n", []),
        (b"id,name\n1,Ann Lee\n", ["1"]),
        (b"id,name,dob\n1,,\n2,,n/a\n", ["1", "2"]),
        (b"id;vorname;nachname\n1;J\xf6rg;M\xfcller\n2;Jorg;Muller\n3;;\n", ["1", "1", "3"]),
    ],
)
def test_files_with_next_to_nothing_in_them_are_linked_as_far_as_they_go(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, written: bytes, clusters: list[str]
) -> None:
    (tmp_path / "records.csv").write_bytes(written)

    found = _run(connection, tmp_path)

    assert found.clusters["cluster_id"].to_pylist() == clusters
    assert found.agreements == {}


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "least"), [("febrl1", 0.996), ("fake_1000", 0.93)])
def test_known_sets_of_people_are_linked_at_least_as_well_as_their_reference(
    connection: duckdb.DuckDBPyConnection, real_data: Path, name: str, least: float
) -> None:
    found = run_benchmark(connection, real_data / "identity" / name, as_of_on=NIGHT)

    assert found.agreements["clusters, pairwise"].f1 >= least

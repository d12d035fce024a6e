"""Jobs about identity: Splink at its default settings, our run over the same records, and nights of identity."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from orchestration.foundation.agreement import pairwise
from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.identity.benchmark.reading import RAW, read_folder
from orchestration.identity.benchmark.run import run_benchmark
from orchestration.identity.linkage.blocking import columns_in
from orchestration.identity.linkage.models import load_model, store_model
from orchestration.identity.nightly import identify_customers
from tests.benchmarks.identity_sets import observe
from tests.benchmarks.jobs_landing import AT
from tests.benchmarks.work import Facts, Meter

_NIGHT = date(2026, 6, 30)
_BLOCKED_ON = (
    ("substr(given_name, 1, 3)", "substr(family_name, 1, 4)"),
    ("family_name", "birth_date"),
    ("given_name", "birth_date"),
    ("postcode", "given_name"),
    ("postcode", "family_name"),
    ("birth_date", "birth_place"),
    ("substr(postcode, 1, 3)", "birth_date"),
    ("substr(postcode, 1, 3)", "given_name"),
    ("substr(postcode, 1, 3)", "family_name"),
    ("substr(given_name, 1, 2)", "substr(family_name, 1, 2)", "substr(birth_date, 1, 4)"),
    ("email",),
    ("phone",),
)
_CERTAIN = (("given_name", "family_name", "birth_date"), ("email",))
_TRAINED_ON = (("given_name", "family_name"), ("birth_date",))
_FREQUENCIES_TELL = frozenset({"birth_place", "occupation", "city"})
_RANDOM_PAIRS = 5e6
_MATCH, _CLUSTER = 0.2, 0.95
_FEW = 5_000  # records below which its training finds no pair of some level, and ends in an error
_OF_IDS = ("customer_records_history", "customer_id_lineage")


def default_splink(arguments: Facts, meter: Meter) -> Facts:
    """Train and predict with Splink's ready-made comparisons, blocked and trained as its example of real people does.

    Source: "Linking a dataset of real historical persons" in Splink's documentation.
    """
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    with _connected(arguments) as connection, meter.measured():
        read = read_folder(connection, Path(arguments["folder"]))
        kinds = {kind for mapping in read.mappings.values() for kind in mapping.by_kind}
        count = sum(read.records_by_file.values())
        settings = SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="record_id",
            comparisons=_comparisons(kinds),
            blocking_rules_to_generate_predictions=[block_on(*on) for on in _known(_BLOCKED_ON, kinds)],
        )
        api = DuckDBAPI(connection)
        linker = Linker(api.register(RAW), settings)
        linker.training.estimate_probability_two_random_records_match(
            [block_on(*on) for on in _known(_CERTAIN, kinds)], recall=0.7
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS, seed=1)
        for on in _known(_TRAINED_ON, kinds) if count >= _FEW else []:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*on))
        predicted = linker.inference.predict(threshold_match_probability=_MATCH)
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, _CLUSTER)
        found = connection.sql(f'select record_id, cluster_id from "{clusters.physical_name}"').to_arrow_table()
        connection.register("found", found)
        connection.register("truth", read.truth)
        f1 = _f1(connection)
    return {"records": found.num_rows, "_f1": f1}


def our_linkage(arguments: Facts, meter: Meter) -> Facts:
    """Link the folder's records with all that a run does: cleaning, training unless a model is given, clusters."""
    model = load_model(Path(arguments["model"])) if arguments.get("model") else None
    with _connected(arguments) as connection, meter.measured():
        result = run_benchmark(connection, Path(arguments["folder"]), as_of_on=_NIGHT, model=model)
    stored = store_model(result.linked.model, Path(arguments["models"])) if "models" in arguments else ""
    return {
        "records": result.clusters.num_rows,
        "_f1": result.agreements["clusters, pairwise"].f1,
        "_model": str(stored),
    }


def identity_nights(arguments: Facts, meter: Meter) -> Facts:
    """Run nights of identity one after the other and measure the last.

    Before the last night, `forgets` removes all but the models, so that it is a whole run with a stored model, and
    `forgets_state` all but the models and the ids. The facts tell the customers, and on how many records the id is
    another than before.
    """
    folder, lake = Path(arguments["folder"]), Lake(Path(arguments["lake"]))
    warehouse = lake.root.with_suffix(".duckdb")
    shutil.rmtree(lake.root, ignore_errors=True)
    *before, last = arguments["nights"]
    for number, night in enumerate(before):
        observe(folder, warehouse, **night)
        _identify(lake, warehouse, number, arguments)
    ids_before = _ids(lake)
    kept = {"models"} if arguments.get("forgets") else {"models", *_OF_IDS}
    if arguments.get("forgets") or arguments.get("forgets_state"):
        for entry in (lake.root / "identity").iterdir():
            if entry.name not in kept:
                shutil.rmtree(entry)
    observe(folder, warehouse, **last)
    with meter.measured():
        how = _identify(lake, warehouse, len(before), arguments)
    ids = _ids(lake)
    shutil.rmtree(lake.root)
    warehouse.unlink()
    changed = sum(ids[record] != customer for record, customer in ids_before.items() if record in ids)
    return {"records": len(ids), "customers": len(set(ids.values())), "_changed_ids": changed, "_how": how}


def _identify(lake: Lake, warehouse: Path, number: int, arguments: Facts) -> str:
    policies = load_policies(PROJECT_ROOT / "lake" / "policies")
    with duckdb.connect(warehouse, read_only=True) as connection:
        night = identify_customers(
            lake,
            connection,
            policies,
            limits=DuckdbLimits(memory_limit=arguments["memory_limit"], threads=arguments["threads"]),
            as_of_on=date.fromordinal(_NIGHT.toordinal() + number),
            run_id="benchmark",
            at=AT,
        )
    return f"weighed {night.weighed}, clustered {night.clustered}"


def _ids(lake: Lake) -> dict[str, str]:
    paths = [str(path) for path in lake.paths("identity/customer_records")]
    if not paths:
        return {}
    return dict(duckdb.execute("select record_id, customer_id from read_parquet(?)", [paths]).fetchall())


def _connected(arguments: Facts) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": arguments["memory_limit"],
        "threads": arguments["threads"],
    }
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("set enable_progress_bar = false")
    return connection


def _known(rules: Sequence[tuple[str, ...]], kinds: set[str]) -> list[tuple[str, ...]]:
    return [rule for rule in rules if all(kinds >= columns_in(part) for part in rule)]


def _comparisons(kinds: set[str]) -> list[Any]:
    """Return Splink's ready-made comparison of each kind that has one, equality for the others."""
    import splink.comparison_library as library

    ready: Mapping[str, Callable[[], Any]] = {
        "birth_date": lambda: library.DateOfBirthComparison("birth_date", input_is_string=True),
        "email": lambda: library.EmailComparison("email"),
        "postcode": lambda: library.PostcodeComparison("postcode"),
        "street": lambda: library.LevenshteinAtThresholds("street"),
    }
    made: list[Any] = []
    if kinds >= {"given_name", "family_name"}:
        made.append(library.ForenameSurnameComparison("given_name", "family_name"))
    others = sorted(kinds - {"given_name", "family_name", "full_name"})
    equal = [
        library.ExactMatch(kind).configure(term_frequency_adjustments=kind in _FREQUENCIES_TELL)
        for kind in others
        if kind not in ready
    ]
    made += [ready[kind]() for kind in others if kind in ready] + equal
    return made


def _f1(connection: duckdb.DuckDBPyConnection) -> float:
    known = connection.execute(
        "select dense_rank() over (order by cluster_id) - 1 as cluster, dense_rank() over (order by entity_id) - 1 "
        "as entity from found join truth using (record_id)"
    ).fetchnumpy()
    clusters, entities = (np.asarray(known[name], dtype=np.int64) for name in ("cluster", "entity"))
    return pairwise(clusters, entities).f1

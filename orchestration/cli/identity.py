"""`genome identity benchmark`: how well records of foreign files are linked, by the linkage that the nights use."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
from rich.console import Console
from rich.table import Table

from orchestration.foundation.atomic_files import temporary_beside, write_bytes_atomically
from orchestration.foundation.settings import Settings
from orchestration.identity.benchmark.reading import RESULT
from orchestration.identity.benchmark.run import BenchmarkResult, run_benchmark
from orchestration.identity.linkage.columns import load_mapping
from orchestration.identity.linkage.models import load_model, store_model

_REPORT = "benchmark.json"


def run_identity_benchmark(  # noqa: PLR0913 - one option of the command each
    settings: Settings,
    *,
    console: Console,
    folder: Path,
    as_of_on: date,
    columns: Path | None,
    into: Path | None,
    model: Path | None,
) -> None:
    """Link the records of a folder, print how well and at what cost, and write `clusters.csv`, a report and the model.

    Raises:
        FolderUnusable: nothing in the folder can be linked.
        ColumnsUnusable: a file lacks ids or columns of persons.
        ConfigurationFaulty: the mapping file is faulty.
        LinkageModelDamaged: the given model is not what its name says.
    """
    stated = load_mapping(columns) if columns else None
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.duckdb_memory_limit,
        "threads": settings.duckdb_threads,
    }
    with duckdb.connect(config=config) as connection:
        connection.execute("set enable_progress_bar = false")
        result = run_benchmark(
            connection,
            folder,
            as_of_on=as_of_on,
            stated=stated,
            model=load_model(model) if model else None,
        )
    _show(console, result)
    target = into or settings.state_dir / "benchmarks" / folder.resolve().name
    _write_clusters(target / RESULT, result.clusters)
    write_bytes_atomically(target / _REPORT, orjson.dumps(_plain(result), option=orjson.OPT_INDENT_2))
    kept = store_model(result.linked.model, target / "model")
    console.print(f"Written to {target}: {RESULT}, {_REPORT}, model/{kept.name}", soft_wrap=True)


def _show(console: Console, result: BenchmarkResult) -> None:
    for name, mapping in result.folder.mappings.items():
        told = "; ".join(f"{kind}: {', '.join(columns)}" for kind, columns in mapping.by_kind.items())
        console.print(f"[bold]{name}[/] {result.folder.records_by_file[name]:,} records  {told}", soft_wrap=True)
    console.print(result.folder.truth_note)
    if result.agreements:
        console.print(_agreements(result))
    console.print(_rules(result))
    why = result.linked.trained_because
    console.print(f"model {result.linked.model.model_id}: {'trained, ' + why if why else 'as stored'}")
    clusters = len(result.clusters.column("cluster_id").unique())
    console.print(
        f"{result.clusters.num_rows:,} records, {result.linked.pairs.num_rows:,} pairs, {clusters:,} clusters"
    )
    for step, (wall, cpu) in result.seconds.items():
        console.print(f"{step}: {wall:.1f} s, {cpu:.1f} CPU s")


def _agreements(result: BenchmarkResult) -> Table:
    grid = Table(title="Agreement with the truth", title_justify="left", header_style="dim", box=None)
    for name in ("", "precision", "recall", "F1"):
        grid.add_column(name, justify="right" if name else "left")
    for name, found in result.agreements.items():
        grid.add_row(name, f"{found.precision:.4f}", f"{found.recall:.4f}", f"{found.f1:.4f}")
    return grid


def _rules(result: BenchmarkResult) -> Table:
    grid = Table(title="Blocking rules, counted before they ran", title_justify="left", header_style="dim", box=None)
    for name in ("rule", "pairs", "keys left out", "their records", ""):
        grid.add_column(name, justify="left" if name in {"rule", ""} else "right", overflow="fold")
    for count in result.linked.counts:
        grid.add_row(
            count.rule,
            f"{count.pairs_count:,}",
            f"{count.keys_left_out:,}",
            f"{count.records_left_out:,}",
            f"refused: {count.refusal}" if count.refusal else "those that agree in one more thing" * count.is_narrowed,
        )
    return grid


def _write_clusters(path: Path, clusters: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with temporary_beside(path) as temporary:
        pa_csv.write_csv(clusters, temporary)
        temporary.replace(path)


def _plain(result: BenchmarkResult) -> Mapping[str, object]:
    return {
        "records_by_file": result.folder.records_by_file,
        "columns": {name: mapping.by_kind for name, mapping in result.folder.mappings.items()},
        "truth": result.folder.truth_note,
        "agreement": {
            name: {"precision": found.precision, "recall": found.recall, "f1": found.f1}
            for name, found in result.agreements.items()
        },
        "blocking": [vars(count) for count in result.linked.counts],
        "pairs_count": result.linked.pairs.num_rows,
        "clusters_count": len(result.clusters.column("cluster_id").unique()),
        "model_id": result.linked.model.model_id,
        "trained_because": result.linked.trained_because,
        "seconds": {step: {"wall": wall, "cpu": cpu} for step, (wall, cpu) in result.seconds.items()},
    }

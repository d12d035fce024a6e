"""Customers as Dagster assets: which source records are one person, the evidence of that, and what is known of each."""

from collections.abc import Iterator

import dagster as dg

from orchestration.foundation.connections import limits_in_force
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.pictures import as_markdown_picture
from orchestration.foundation.policies import Policies
from orchestration.foundation.previews import as_markdown
from orchestration.identity.golden_history import (
    CHOSEN_SQL,
    GOLDEN_HISTORY,
    RECORDS_SQL,
    forget_records_gone,
    write_night,
)
from orchestration.identity.shown import shown
from orchestration.resources import LakeResource, NightResource, WarehouseResource

_OBSERVED = (
    ["identity", "int_identity_records"],
    ["identity", "int_identifiers_observed"],
    ["identity", "int_attributes_compared"],
    ["reference", "identifier_types"],
    ["reference", "blocked_identifiers"],
)
_EDGES, _CUSTOMER_RECORDS = "identity/edges", "identity/customer_records"
_TABLES = (
    _EDGES,
    "identity/review_queue",
    "identity/link_decisions",
    "identity/attributes",
    "identity/linkage_frame",
    "identity/linkage_members",
    "identity/blocking_counts",
    "identity/blocking_keys_left_out",
    "identity/models",
    "identity/customer_records_history",
    "identity/customer_id_lineage",
    "identity/customer_ids",
    _CUSTOMER_RECORDS,
)
_AGREEMENT, _SUSPECTS = "identity/agreement", "identity/suspects"


def build_identity_assets(policies: Policies) -> list[dg.AssetsDefinition]:
    """Return the assets that link records to customers, behind what dbt observed of them."""
    keys = {name: dg.AssetKey(name.split("/")) for name in _TABLES}
    observed = [dg.AssetKey(key) for key in _OBSERVED]
    specs = [
        dg.AssetSpec(
            key,
            deps=observed,
            description=LAKE_TABLES[name].grain,
            group_name="identity",
            owners=["team:data-platform"],
            kinds={"python", "parquet"},
        )
        for name, key in keys.items()
    ]

    @dg.multi_asset(name="identify_customers", specs=specs)
    def identify_customers(
        lake: LakeResource, warehouse: WarehouseResource, night: NightResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        from orchestration.identity import nightly

        with warehouse.read() as connection, limits_in_force(warehouse.limits):
            found = nightly.identify_customers(
                lake.open(),
                connection,
                policies,
                limits=warehouse.limits,
                as_of_on=night.day,
                run_id=night.run_id,
                at=night.now(),
            )
        told: dict[str, dict[str, dg.MetadataValue | str | int]] = {
            _EDGES: {"weighed": found.weighed, "trained": found.trained_because or "no, the stored model serves"},
            _CUSTOMER_RECORDS: {"clustered": found.clustered, "customers": found.customers_count},
        }
        for name, key in keys.items():
            table = found.tables[name]
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={
                    "dagster/row_count": table.num_rows,
                    "preview": dg.MetadataValue.md(shown(name, table)),
                    **told.get(name, {}),
                },
            )

    return [identify_customers, _agreement_assets(policies), _golden_history_asset()]


def _agreement_assets(policies: Policies) -> dg.AssetsDefinition:
    """Return the assets that measure what the night made of its customers, with the plots of it on the run's page."""
    deps = [*map(dg.AssetKey, _OBSERVED), *(dg.AssetKey(name.split("/")) for name in _TABLES)]
    specs = [
        dg.AssetSpec(
            dg.AssetKey(name.split("/")),
            deps=deps,
            description=LAKE_TABLES[name].grain,
            group_name="identity",
            owners=["team:data-platform"],
            kinds={"python", "parquet"},
        )
        for name in (_AGREEMENT, _SUSPECTS)
    ]

    @dg.multi_asset(name="measure_agreement", specs=specs)
    def measure_agreement(
        lake: LakeResource, warehouse: WarehouseResource, night: NightResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        from orchestration.identity.agreement import plots, report

        with warehouse.read() as connection, limits_in_force(warehouse.limits):
            found = report.report_of_night(lake.open(), connection, policies.identity, as_of_on=night.day)
        report.keep_report(lake.open(), found, as_of_on=night.day, run_id=night.run_id, at=night.now())
        pictures = plots.plots_of(found.measures)
        rows = [(each.measure, each.subject, each.value, each.limit_value, each.reason_text) for each in found.measures]
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey(_AGREEMENT.split("/")),
            metadata={
                **{name: dg.MetadataValue.md(as_markdown_picture(png)) for name, png in pictures.items()},
                "preview": dg.MetadataValue.md(as_markdown(["measure", "of", "value", "limit", "note"], rows)),
                "dagster/row_count": len(rows),
            },
        )
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey(_SUSPECTS.split("/")),
            metadata={
                "dagster/row_count": found.suspects.num_rows,
                "preview": dg.MetadataValue.md(shown(_SUSPECTS, found.suspects)),
            },
        )

    return measure_agreement


def _golden_history_asset() -> dg.AssetsDefinition:
    """Return the asset that remembers what the golden record held, behind what dbt chose."""

    @dg.asset(
        key=dg.AssetKey(GOLDEN_HISTORY.split("/")),
        deps=[dg.AssetKey(["customer", "dim_customer_attributes"]), dg.AssetKey(["identity", "int_identity_records"])],
        group_name="identity",
        owners=["team:data-platform"],
        kinds={"python", "parquet"},
        description=LAKE_TABLES[GOLDEN_HISTORY].grain,
    )
    def golden_history(
        lake: LakeResource, warehouse: WarehouseResource, night: NightResource
    ) -> dg.MaterializeResult[None]:
        with warehouse.read() as connection:
            chosen = connection.sql(CHOSEN_SQL).to_arrow_table()
            records = connection.sql(RECORDS_SQL).to_arrow_table()
        opened, on, at = lake.open(), night.day, night.now()
        with limits_in_force(warehouse.limits):
            forgetful = forget_records_gone(opened, records, as_of_on=on, run_id=night.run_id, written_at=at)
            changes = write_night(opened, chosen, as_of_on=on, run_id=night.run_id, written_at=at)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": changes.num_rows,
                "values_chosen": chosen.num_rows,
                "nights_with_values_forgotten": len(forgetful),
                "preview": dg.MetadataValue.md(shown(GOLDEN_HISTORY, changes)),
            }
        )

    return golden_history

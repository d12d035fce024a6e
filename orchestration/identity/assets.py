"""Customers as Dagster assets: which source records are one person, and what was known of them on each night."""

import dagster as dg

from orchestration.foundation.faults import fault_point
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.policies import IdentityPolicy
from orchestration.foundation.previews import as_markdown
from orchestration.identity.clusters import CUSTOMER_RECORDS, customers_from_identifiers
from orchestration.identity.golden_history import CHOSEN_SQL, GOLDEN_HISTORY, write_night
from orchestration.resources import LakeResource, NightResource, WarehouseResource

_RECORDS = "select record_id from identity.int_identity_records"
_IDENTIFIERS = "select record_id, identifier_type, identifier_hash from identity.int_identifiers_observed"


def build_identity_assets(policy: IdentityPolicy) -> list[dg.AssetsDefinition]:
    """Return the asset that links records to customers, behind what dbt observed of them."""

    @dg.asset(
        key=dg.AssetKey(CUSTOMER_RECORDS.split("/")),
        deps=[
            dg.AssetKey(["identity", "int_identity_records"]),
            dg.AssetKey(["identity", "int_identifiers_observed"]),
        ],
        group_name="identity",
        owners=["team:data-platform"],
        kinds={"python", "parquet"},
        description=LAKE_TABLES[CUSTOMER_RECORDS].grain,
    )
    def customer_records(
        lake: LakeResource, warehouse: WarehouseResource, night: NightResource
    ) -> dg.MaterializeResult[None]:
        with warehouse.read() as connection:
            records = connection.sql(_RECORDS).to_arrow_table()
            identifiers = connection.sql(_IDENTIFIERS).to_arrow_table()
        found = customers_from_identifiers(
            records, identifiers, max_records_per_identifier=policy.max_records_per_identifier
        )
        table = found.customer_records
        fault_point("identity.after_clusters")
        lake.open().write_table(CUSTOMER_RECORDS, "current", table, run_id=night.run_id, written_at=night.now())
        shown = table.slice(0, 5).to_pydict()
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": table.num_rows,
                "customers": found.customers_count,
                "identifiers_blocked": found.identifiers_blocked_count,
                "observations_blocked": found.observations_blocked_count,
                "preview": dg.MetadataValue.md(as_markdown(list(shown), list(zip(*shown.values(), strict=True)))),
            }
        )

    return [customer_records, _golden_history_asset()]


def _golden_history_asset() -> dg.AssetsDefinition:
    """Return the asset that remembers what the golden record held, behind what dbt chose; it shows no value."""

    @dg.asset(
        key=dg.AssetKey(GOLDEN_HISTORY.split("/")),
        deps=[dg.AssetKey(["customer", "dim_customer_attributes"])],
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
        changes = write_night(lake.open(), chosen, as_of_on=night.day, run_id=night.run_id, written_at=night.now())
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": changes.num_rows,
                "values_chosen": chosen.num_rows,
                "preview": "not shown: direct identifiers",
            }
        )

    return golden_history

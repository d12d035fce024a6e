"""dbt's own unit tests, which need no data and are left out of the night's builds."""

from pathlib import Path

from tests.support.warehouses import Dbt

MODELS_WITH_LOGIC = {
    "dim_customer_consents",
    "dim_customer_attributes",
    "dim_customers",
    "dim_customers_golden",
    "fct_order_lines",
    "fct_orders",
    "fct_web_events",
    "feat_customers__365d",
    "int_attributes_compared",
    "int_consents_held",
    "int_attributes_judged",
    "int_attributes_observed",
    "int_company_accounts_paired",
    "int_company_contacts",
    "int_contact_points_observed",
    "int_customers_addressed",
    "int_customers_housed",
    "int_customers_scored_rfm",
    "int_devices_logged_in",
    "int_facts_owned",
    "int_feeds_keyed",
    "int_identifiers_observed",
    "int_identifiers_owned",
    "int_identifiers_shown",
    "int_identity_records",
    "int_logins_observed",
    "int_orders_windowed",
    "int_person_attributes",
    "int_purchase_labels",
    "int_records_consented",
    "int_sources_linked",
    "int_suspicions_touched",
    "int_values_shared",
    "int_values_shown",
    "int_values_suspected",
    "int_web_events_known",
    "mart_column_handling",
    "mart_customer_360",
    "mart_customer_ids",
    "mart_feed_changes",
    "mart_feed_columns",
    "mart_identity_agreement",
    "mart_row_ledger",
    "mart_segments",
    "mart_source_coverage",
    "stg_ads__spend_typed",
    "stg_catalogue__products_typed",
    "stg_consent__changes_typed",
    "stg_contact_centre__tickets_typed",
    "stg_crm__contacts",
    "stg_crm__contacts_judged",
    "stg_crm__contacts_typed",
    "stg_loyalty__members_typed",
    "stg_newsletter__events_typed",
    "stg_offers__attempts_typed",
    "stg_offers__offers_typed",
    "stg_online_retail__lines",
    "stg_online_retail__lines_typed",
    "stg_pos__receipts_typed",
    "stg_privacy_requests__requests_typed",
    "stg_profiles__columns",
    "stg_reference__postcodes_typed",
    "stg_shop__order_lines_typed",
    "stg_shop__orders",
    "stg_shop__orders_typed",
    "stg_surveys__answers_typed",
    "stg_surveys__reviews_typed",
    "stg_web__events_typed",
}


def test_all_dbt_unit_tests_pass_without_a_lake(dbt: Dbt, empty_warehouse: Path) -> None:  # noqa: ARG001 - after the warehouse whose path it uses
    output = dbt.run("test", "--select", "test_type:unit")
    dbt.warehouse.unlink()
    assert "ERROR=0 SKIP=0" in output


def test_every_model_with_logic_has_a_unit_test(manifest: dict[str, dict[str, dict[str, str]]]) -> None:
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    assert tested >= MODELS_WITH_LOGIC

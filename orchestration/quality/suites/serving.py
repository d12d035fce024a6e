"""The serving gate: the built candidate holds what the warehouse holds, for BI, and names nobody.

It reads the candidate file, with the warehouse attached read-only as `warehouse`.
"""

from dataclasses import dataclass

from orchestration.quality.declarations import (
    AssetKeyPath,
    Builtin,
    Check,
    FactSpec,
    GateSpec,
    NoRows,
    no_twins,
    not_null,
)

ASSET_KEY: AssetKeyPath = ("publish", "serving_candidate")
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
_E164 = r"(^|[^0-9A-Za-z.+-])\+[1-9][0-9]{7,14}($$|[^0-9])"
_NAMING_COLUMNS = (
    "(.*_)?(e_?mail|phone|mobile|telephone|(first|last|full|given|family|sur)_?name|birthday|birth_date|date_of_birth|"
    "street|address|postcode|zip|postal_code|identifier_value|identifier_hash|contact_id|account_id|customer_number)"
    "(_(?:raw|normalised|crm|shop|source|e164|domain|hash|value))*"
)


@dataclass(frozen=True)
class _Table:
    """A published table and the columns that tell its rows apart."""

    name: str
    key: str


_TABLES = (
    _Table("mart_customer_360", "customer_id"),
    _Table("mart_customer_ids", "customer_id"),
    _Table("mart_segments", "segment_code"),
    _Table("mart_row_ledger", "row_ledger_id"),
    _Table("mart_models", "model_id"),
    _Table("mart_feed_columns", "feed_column_id"),
    _Table("mart_feed_changes", "feed_change_id"),
    _Table("mart_feed_joins", "feed_join_id"),
    _Table("mart_column_handling", "feed_column_id"),
    _Table("mart_source_coverage", "source_coverage_id"),
    _Table("mart_identity_agreement", "identity_measure_id"),
)


def gate() -> GateSpec:
    """Return the serving gate, over every table of the candidate."""
    every = tuple(fact for table in _TABLES for fact in _of_every_table(table))
    return GateSpec(
        "serving",
        "The database about to be shown equals the warehouse's marts, adds up, and names nobody.",
        (*every, _completeness(), *_customers(), *_segments(), *_ledger(), *_profiles()),
    )


def _fact(table: str, sentence: str, description: str, *checks: Check) -> FactSpec:
    # All facts sit on one asset, where a name may stand once: it carries its table.
    return FactSpec(f"main.{table}", f"{table}__{sentence}", description, ASSET_KEY, checks)


def _of_every_table(table: _Table) -> tuple[FactSpec, ...]:
    return (
        _fact(
            table.name,
            "has_the_rows_of_the_warehouse",
            "The table has as many rows as the warehouse's mart.",
            NoRows(
                f"select found || ' rows, not ' || expected as key from (select "
                f"(select count(*) from $batch) as found, "
                f"(select count(*) from warehouse.serving.{table.name}) as expected) where found <> expected"
            ),
        ),
        _fact(
            table.name,
            "has_no_row_twice",
            "Its key tells its rows apart.",
            *not_null(table.key),
            no_twins(table.key),
        ),
        _fact(
            table.name,
            "is_of_one_build",
            "Every row of every table carries the same build id.",
            *not_null("build_id"),
            NoRows(
                "select build_id as key from $batch "
                "where build_id <> (select min(build_id) from mart_segments) group by all"
            ),
        ),
        _fact(
            table.name,
            "names_nobody",
            "No column is named like a direct identifier, and no value looks like an e-mail address or a phone number.",
            NoRows(
                "select 'column ' || column_name as key from duckdb_columns() where database_name = current_database() "
                f"and table_name = '{table.name}' and data_type <> 'BOOLEAN' "
                f"and regexp_full_match(lower(column_name), '{_NAMING_COLUMNS}')"
            ),
            NoRows(
                f"select {table.key}::varchar as key from $batch as facts "
                f"where regexp_matches(facts::varchar, '{_EMAIL}') or regexp_matches(facts::varchar, '{_E164}')"
            ),
        ),
    )


def _completeness() -> FactSpec:
    known = ", ".join(f"'{table.name}'" for table in _TABLES)
    return FactSpec(
        "main.mart_segments",
        "no_table_without_facts_is_published",
        "Every table and view of the database is one that this gate looks at.",
        ASSET_KEY,
        (
            NoRows(
                "select table_name as key from information_schema.tables "
                f"where table_catalog = current_database() and table_name not in ({known})"
            ),
        ),
    )


def _customers() -> tuple[FactSpec, ...]:
    return (
        _fact(
            "mart_customer_360",
            "knows_only_customers_of_the_warehouse",
            "No customer is published whom the warehouse does not know, and none is left out.",
            NoRows(
                "select coalesce(p.customer_id, c.customer_id) as key from $batch as p "
                "full join warehouse.customer.dim_customers as c on p.customer_id = c.customer_id "
                "where p.customer_id is null or c.customer_id is null"
            ),
        ),
        _fact(
            "mart_customer_360",
            "is_as_of_the_night",
            "Every row is as of the day that the night closes.",
            Builtin("ExpectColumnValuesToBeInSet", {"column": "as_of_on", "value_set": ["$as_of_on"]}),
        ),
        _fact(
            "mart_customer_360",
            "names_only_models_on_record",
            "The model of every score is among the published models.",
            NoRows(
                "select c.model_id as key from $batch as c left join mart_models as m on c.model_id = m.model_id "
                "where c.model_id is not null and m.model_id is null group by all"
            ),
        ),
    )


def _segments() -> tuple[FactSpec, ...]:
    return (
        _fact(
            "mart_segments",
            "adds_up_to_all_customers",
            "The segments' customers and revenue are those of the customers in them.",
            NoRows(
                "with summed as (select segment_code, count(*) as customers_count, "
                "sum(net_revenue_amount) as net_revenue_amount from mart_customer_360 group by all) "
                "select coalesce(s.segment_code, summed.segment_code) as key from $batch as s "
                "full join summed on s.segment_code = summed.segment_code where s.segment_code is null "
                "or s.customers_count <> coalesce(summed.customers_count, 0) "
                "or s.net_revenue_amount <> coalesce(summed.net_revenue_amount, 0)"
            ),
        ),
    )


def _ledger() -> tuple[FactSpec, ...]:
    return (
        _fact(
            "mart_row_ledger",
            "accounts_for_every_delivered_record",
            "The fates of each file's records add up to the records that were counted in it.",
            NoRows(
                "with published as (select file_sha256, sum(records_count) as records_count from $batch group by all), "
                "delivered as (select file_sha256, sum(coalesce(records_count, 0)) as records_count "
                "from warehouse.lake_ledger.files group by all) "
                "select coalesce(p.file_sha256, d.file_sha256) as key from published as p "
                "full join delivered as d on p.file_sha256 = d.file_sha256 "
                "where p.file_sha256 is null or d.file_sha256 is null "
                "or coalesce(p.records_count, 0) <> d.records_count"
            ),
        ),
    )


def _profiles() -> tuple[FactSpec, ...]:
    return (
        _fact(
            "mart_column_handling",
            "gives_every_column_a_rule",
            "Every column of a contract has a class of personal data, its rule, a purpose, and days that files stay.",
            *not_null("pii", "handling_code", "purpose", "retention_days"),
        ),
        _fact(
            "mart_source_coverage",
            "tells_a_share_or_why_there_is_none",
            "Every feed has a share of what no other source knows, from 0 to 1, or the reason why it has none.",
            NoRows(
                "select source_coverage_id as key from $batch where unmatched_share not between 0 and 1 "
                "or (unmatched_share is null) = (unmatched_reason_code is null)"
            ),
        ),
        _fact(
            "mart_feed_columns",
            "tells_no_shape_of_personal_data",
            "The shapes of values are told only of columns that the contract calls free of personal data.",
            NoRows("select feed_column_id as key from $batch where pii <> 'none' and frequent_pattern is not null"),
        ),
        _fact(
            "mart_feed_columns",
            "names_no_column_that_only_few_rows_have",
            "A column that no contract names is published only when twenty rows have it, for its name may be a value.",
            NoRows(
                "select feed_column_id as key from $batch where filled_count < 20 "
                "and (contains(column_name, '.') or contains(column_name, '['))"
            ),
        ),
    )

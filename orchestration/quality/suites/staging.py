"""The staging gate: every landed row has one fate, and what was kept is clean enough to build on."""

from orchestration.foundation.contracts import Contracts, FeedContract
from orchestration.quality.declarations import (
    Builtin,
    Check,
    FactSpec,
    GateSpec,
    NoRows,
    WithinLimits,
    all_match,
    between,
    no_twins,
    not_null,
    one_of,
)
from orchestration.quality.suites.staging_things import contact_points, things

CURRENCY_PATTERN = "[A-Z]{3}"


def gate(contracts: Contracts) -> GateSpec:
    """Return the staging gate, over every feed that a contract names."""
    fates = tuple(fact for feed in contracts.feeds() for fact in _fates(feed))
    return GateSpec(
        "staging",
        "Every landed row has exactly one fate, and the rows that were kept are well formed.",
        (*fates, *_contacts(), *_shop_orders(), *_shop_lines(), *_retail_lines(), *things(contracts)),
    )


def _fates(feed: FeedContract) -> tuple[FactSpec, ...]:
    name = f"{feed.source}/{feed.name}"
    judged = f"stg_{feed.source}__{feed.name}_judged"

    def fact(sentence: str, description: str, *checks: Check) -> FactSpec:
        return FactSpec(f"staging.{judged}", sentence, description, ("staging", judged), checks, name)

    return (
        fact(
            "every_landed_row_has_one_fate",
            "Each file has as many judged rows as the ledger says were landed from it.",
            *not_null("row_id", "row_fate"),
            one_of("row_fate", "accepted", "repaired", "duplicate", "rejected"),
            NoRows(_files_out_of_balance(feed)),
        ),
        fact(
            "every_refusal_has_a_reason",
            "A row that was rejected, repaired or taken for a duplicate says why.",
            NoRows(
                "select row_id as key from $batch "
                "where row_fate <> 'accepted' and nullif(trim(reason_code), '') is null"
            ),
        ),
        fact(
            "every_duplicate_names_the_row_it_repeats",
            "A duplicate names another landed row of the feed that is no duplicate itself.",
            NoRows(
                "select copy.row_id as key from $batch as copy left join $batch as kept "
                "on copy.duplicate_of_row_id = kept.row_id and kept.row_fate <> 'duplicate' "
                "where copy.row_fate = 'duplicate' and kept.row_id is null"
            ),
        ),
        fact(
            "refused_share_is_under_its_limit",
            "No file had more rows rejected than the quality policy allows.",
            WithinLimits(_worst_refused_share(), "highest_share", "$refused_share_at_most"),
        ),
        fact(
            "something_was_accepted_if_anything_landed",
            "A feed whose every landed row is refused is read in the wrong way.",
            NoRows(
                f"select '{name}' as key from (select count(*) as rows_count, count(*) filter ("
                "where row_fate in ('accepted', 'repaired')) as kept_count from $batch) "
                "where rows_count > 0 and kept_count = 0"
            ),
        ),
    )


def _files_out_of_balance(feed: FeedContract) -> str:
    return (
        "with judged as (select file_sha256, count(*) as rows_count from $batch group by all), "
        "landed as (select file_sha256, sum(landed_count) as landed_count from lake_ledger.files "
        f"where source = '{feed.source}' and feed = '{feed.name}' and file_fate = 'landed' "
        "group by all) "
        "select coalesce(judged.file_sha256, landed.file_sha256) as key "
        "from judged full join landed on judged.file_sha256 = landed.file_sha256 "
        "where coalesce(judged.rows_count, 0) <> coalesce(landed.landed_count, 0)"
    )


def _worst_refused_share() -> str:
    return (
        "with files as (select file_sha256, count(*) filter (where row_fate = 'rejected') / count(*) as share "
        "from $batch where not list_contains($waived_files, file_sha256) "
        "group by file_sha256 having count(*) >= $judged_from_records) "
        "select 'refused of file ' || left(arg_max(file_sha256, share), 12) as measure, "
        "max(share) as observed, null as at_least, $refused_share_at_most as at_most "
        "from files having count(*) > 0"
    )


def _contacts() -> tuple[FactSpec, ...]:
    table, key = "vault.stg_crm__contacts", ("staging", "stg_crm__contacts")
    twins = FactSpec(
        table,
        "no_contact_in_two_rows",
        "A contact has one row: its latest accepted version.",
        key,
        (*not_null("contact_id_crm"), no_twins("contact_id_crm")),
    )
    return (twins, *_well_formed("stg_crm__contacts", "contact_id_crm"))


def _shop_orders() -> tuple[FactSpec, ...]:
    table, key = "vault.stg_shop__orders", ("staging", "stg_shop__orders")
    facts = (
        FactSpec(
            table,
            "no_order_in_two_rows",
            "An order has one row: its latest accepted version.",
            key,
            (*not_null("order_id_shop"), no_twins("order_id_shop")),
        ),
        FactSpec(
            table,
            "every_order_says_what_when_and_in_which_currency",
            "An order is a sale or a return with its instant and an ISO 4217 currency.",
            key,
            (
                *not_null("order_type", "ordered_at", "currency_code"),
                one_of("order_type", "sale", "return"),
                all_match("currency_code", CURRENCY_PATTERN, "order_id_shop"),
            ),
        ),
    )
    return (*facts, *_well_formed("stg_shop__orders", "order_id_shop"))


def _well_formed(model: str, row_key: str) -> list[FactSpec]:
    return contact_points(model, row_key, email="email", phone="phone", country="country_code")


def _shop_lines() -> tuple[FactSpec, ...]:
    table, key = "staging.stg_shop__order_lines", ("staging", "stg_shop__order_lines")
    return _lines(table, key, amount="quantity * unit_price - discount_amount")


def _retail_lines() -> tuple[FactSpec, ...]:
    table, key = "staging.stg_online_retail__lines", ("staging", "stg_online_retail__lines")
    signs = FactSpec(
        table,
        "what_is_sold_is_positive_and_what_comes_back_negative",
        "Quantities of sales are above zero and those of returns below.",
        key,
        (
            NoRows(
                "select order_line_id as key from $batch where "
                "(order_type = 'sale' and quantity <= 0) or "
                "(order_type = 'return' and quantity >= 0)"
            ),
        ),
    )
    return (*_lines(table, key, amount="quantity * unit_price"), signs)


def _lines(table: str, key: tuple[str, ...], *, amount: str) -> tuple[FactSpec, ...]:
    return (
        FactSpec(
            table,
            "no_order_line_in_two_rows",
            "A line of an order is there once.",
            key,
            (*not_null("order_line_id"), no_twins("order_line_id")),
        ),
        FactSpec(
            table,
            "amounts_multiply_out",
            "A line's amount is quantity times unit price less its discount, to the penny; no price is negative.",
            key,
            (
                *not_null("quantity", "unit_price", "line_amount"),
                between("unit_price", 0, "$unit_price_at_most"),
                Builtin("ExpectColumnValuesToNotBeInSet", {"column": "quantity", "value_set": [0]}),
                NoRows(f"select order_line_id as key from $batch where abs(line_amount - ({amount})) > 0.005"),
            ),
        ),
    )

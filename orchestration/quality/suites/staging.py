"""The staging gate: every landed row has one fate, and what was kept is clean enough to build on."""

from dataclasses import dataclass

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

EMAIL_PATTERN = r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}"
E164_PATTERN = r"\+[1-9][0-9]{6,14}"
COUNTRY_PATTERN = "[A-Z]{2}"
CURRENCY_PATTERN = "[A-Z]{3}"


@dataclass(frozen=True)
class _Feed:
    """A feed that has staging models: where it came from and its model of one row per landed row."""

    source: str
    name: str

    @property
    def judged(self) -> str:
        return f"stg_{self.source}__{self.name}_judged"


_FEEDS = (_Feed("crm", "contacts"), _Feed("shop", "orders"), _Feed("online_retail", "lines"))


def gate() -> GateSpec:
    """Return the staging gate, over every feed that has staging models."""
    fates = tuple(fact for feed in _FEEDS for fact in _fates(feed))
    return GateSpec(
        "staging",
        "Every landed row has exactly one fate, and the rows that were kept are well formed.",
        (*fates, *_contacts(), *_shop_orders(), *_shop_lines(), *_retail_lines()),
    )


def _fates(feed: _Feed) -> tuple[FactSpec, ...]:
    name = f"{feed.source}/{feed.name}"

    def fact(sentence: str, description: str, *checks: Check) -> FactSpec:
        return FactSpec(f"staging.{feed.judged}", sentence, description, ("staging", feed.judged), checks, name)

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


def _files_out_of_balance(feed: _Feed) -> str:
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
    return (twins, *_contact_points(table, key, "contact_id_crm"))


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
    return (*facts, *_contact_points(table, key, "order_id_shop"))


def _contact_points(table: str, key: tuple[str, ...], row_key: str) -> tuple[FactSpec, ...]:
    return (
        FactSpec(
            table,
            "emails_are_well_formed",
            "An e-mail address that was kept is normalised and has a domain.",
            key,
            (all_match("email", EMAIL_PATTERN, row_key),),
        ),
        FactSpec(
            table,
            "phones_are_e164",
            "A phone number that was kept is in E.164 form.",
            key,
            (all_match("phone", E164_PATTERN, row_key),),
        ),
        FactSpec(
            table,
            "countries_are_iso_codes",
            "A country that was kept is an ISO 3166-1 alpha-2 code.",
            key,
            (all_match("country_code", COUNTRY_PATTERN, row_key),),
        ),
    )


def _shop_lines() -> tuple[FactSpec, ...]:
    return _lines("staging.stg_shop__order_lines", ("staging", "stg_shop__order_lines"))


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
    return (*_lines(table, key), signs)


def _lines(table: str, key: tuple[str, ...]) -> tuple[FactSpec, ...]:
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
            "A line's amount is its quantity times its unit price, to the penny, none negative.",
            key,
            (
                *not_null("quantity", "unit_price", "line_amount"),
                between("unit_price", 0, "$unit_price_at_most"),
                Builtin("ExpectColumnValuesToNotBeInSet", {"column": "quantity", "value_set": [0]}),
                NoRows(
                    "select order_line_id as key from $batch where abs(line_amount - quantity * unit_price) > 0.005"
                ),
            ),
        ),
    )

"""The features gate: what models learn from is known as of its date, and every customer has one cell."""

from orchestration.quality.declarations import (
    Builtin,
    FactSpec,
    GateSpec,
    NoRows,
    between,
    no_twins,
    not_null,
)

_FEATURES = "insight.feat_customers__365d"
_RFM = "insight.int_customers_scored_rfm"


def gate() -> GateSpec:
    """Return the features gate, over features, labels, RFM scores and the RFM grid."""
    return GateSpec(
        "features",
        "Features know nothing later than their date, and the RFM grid has a cell for everyone.",
        (*_features(), *_labels(), *_rfm(), _grid()),
    )


def _features() -> tuple[FactSpec, ...]:
    key = ("insight", "feat_customers__365d")
    return (
        FactSpec(
            _FEATURES,
            "one_row_per_customer_and_date",
            "A customer has one row of features a date.",
            key,
            (*not_null("customer_id", "as_of_on"), no_twins("customer_id", "as_of_on")),
        ),
        FactSpec(
            _FEATURES,
            "no_feature_from_the_future",
            "No features are of a later date than the night's, nor know a later order than theirs.",
            key,
            (
                Builtin("ExpectColumnMaxToBeBetween", {"column": "as_of_on", "max_value": "$as_of_on"}),
                between("recency_days", 0),
                NoRows(_recency_not_of_the_last_order()),
            ),
        ),
        FactSpec(
            _FEATURES,
            "every_customer_who_bought_has_features_tonight",
            "Each customer with a sale has features as of the night.",
            key,
            (
                NoRows(
                    "select o.customer_id as key from customer.fct_orders as o "
                    "left join $batch as f "
                    "on o.customer_id = f.customer_id and f.as_of_on = $as_of_on "
                    "where o.customer_id is not null and o.order_type = 'sale' "
                    "and f.customer_id is null group by all"
                ),
            ),
        ),
        FactSpec(
            _FEATURES,
            "features_lie_in_their_ranges",
            "Counts are not negative, shares lie between 0 and 1, shorter windows in longer ones.",
            key,
            (
                *(between(column, 0) for column in _COUNTS),
                between("return_share_365d", 0, 1),
                NoRows(
                    "select customer_id || ' ' || as_of_on as key from $batch where "
                    "orders_count_30d > orders_count_90d or orders_count_90d > orders_count_365d "
                    "or active_days_count_365d > orders_count_365d or recency_days > tenure_days"
                ),
            ),
        ),
    )


_COUNTS = (
    "tenure_days",
    "orders_count_30d",
    "active_days_count_365d",
    "items_count_365d",
    "returns_count_365d",
    "distinct_products_count_365d",
)


def _recency_not_of_the_last_order() -> str:
    # The night and the oldest date stand for all dates: one query makes them all.
    return (
        "with checked as (select * from $batch where as_of_on = $as_of_on "
        "or as_of_on = (select min(as_of_on) from $batch)), "
        "sales as (select customer_id, ordered_on from customer.fct_orders "
        "where order_type = 'sale' and customer_id is not null group by all), "
        "latest as (select c.customer_id, c.as_of_on, max(s.ordered_on) as last_ordered_on "
        "from checked as c left join sales as s "
        "on c.customer_id = s.customer_id and s.ordered_on <= c.as_of_on group by all) "
        "select c.customer_id || ' ' || c.as_of_on as key from checked as c "
        "join latest as l on c.customer_id = l.customer_id and c.as_of_on = l.as_of_on "
        "where c.recency_days is distinct from date_diff('day', l.last_ordered_on, c.as_of_on)"
    )


def _labels() -> tuple[FactSpec, ...]:
    return (
        FactSpec(
            "insight.int_purchase_labels",
            "no_label_looks_past_the_night",
            "A label is given only once its 90 days are over, and once a customer and date.",
            ("insight", "int_purchase_labels"),
            (
                *not_null("customer_id", "as_of_on", "has_purchased_next_90d"),
                no_twins("customer_id", "as_of_on"),
                NoRows("select customer_id || ' ' || as_of_on as key from $batch where as_of_on + 90 > $as_of_on"),
            ),
        ),
    )


def _rfm() -> tuple[FactSpec, ...]:
    key = ("insight", "int_customers_scored_rfm")
    scores = ("recency_score", "frequency_score", "monetary_score")
    return (
        FactSpec(
            _RFM,
            "no_customer_in_two_segments",
            "A customer with a sale is in exactly one segment.",
            key,
            (
                *not_null("customer_id", "segment_code"),
                no_twins("customer_id"),
                NoRows(
                    "select f.customer_id as key from insight.feat_customers__365d as f "
                    "left join $batch as r on f.customer_id = r.customer_id "
                    "where f.as_of_on = $as_of_on and r.customer_id is null"
                ),
            ),
        ),
        FactSpec(
            _RFM,
            "rfm_scores_lie_between_one_and_five",
            "Recency, frequency and monetary scores are whole numbers from 1 to 5.",
            key,
            (*not_null(*scores), *(between(score, 1, 5) for score in scores)),
        ),
    )


def _grid() -> FactSpec:
    return FactSpec(
        "reference.rfm_grid",
        "rfm_grid_covers_all_125_cells_once",
        "Each of the 5 x 5 x 5 score combinations leads to one segment that has a name.",
        ("insight", "int_customers_scored_rfm"),
        (
            NoRows(
                "with scores as (select unnest(range(1, 6)) as score) "
                "select r.score || '-' || f.score || '-' || m.score as key "
                "from scores as r cross join scores as f cross join scores as m "
                "left join $batch as g on g.recency_score = r.score "
                "and g.frequency_score = f.score and g.monetary_score = m.score "
                "group by r.score, f.score, m.score having count(g.segment_code) <> 1"
            ),
            Builtin("ExpectTableRowCountToEqual", {"value": 125}),
            NoRows(
                "select g.segment_code as key from $batch as g "
                "left join reference.rfm_segments as s on g.segment_code = s.segment_code "
                "where s.segment_code is null group by all"
            ),
        ),
    )

"""The scores gate: tonight's scores are probabilities of known customers by a model on record.

It reads the lake's tables through the warehouse's views, since it stands before the block of dbt
models that publish them.
"""

from orchestration.quality.declarations import (
    FactSpec,
    GateSpec,
    NoRows,
    WithinLimits,
    between,
    no_twins,
    not_null,
    one_of,
)

_SCORES = "lake_insight.purchase_scores"
_MODELS = "lake_insight.model_records"
_TONIGHT = "select * from $batch where as_of_on = $as_of_on"
_CHAMPIONS = (
    f"select * from (select * from {_MODELS} where as_of_on <= $as_of_on "
    "qualify row_number() over (order by as_of_on desc, trained_at desc, model_id desc) = 1) "
    "where model_status = 'champion'"
)
_FEATURES = "select customer_id from insight.feat_customers__365d where as_of_on = $as_of_on"


def gate() -> GateSpec:
    """Return the scores gate, over tonight's purchase scores and the model records."""
    return GateSpec(
        "scores",
        "Scores are probabilities, one for every customer with features, or none and a reason why.",
        (*_scores(), *_scored_customers(), *_models()),
    )


def _scores() -> tuple[FactSpec, ...]:
    key = ("insight", "purchase_scores")
    return (
        FactSpec(
            _SCORES,
            "probabilities_lie_between_zero_and_one",
            "Every score is a probability.",
            key,
            (
                *not_null("purchase_probability_next_90d"),
                between("purchase_probability_next_90d", 0, 1),
                NoRows("select customer_id as key from $batch where isnan(purchase_probability_next_90d)"),
            ),
        ),
        FactSpec(
            _SCORES,
            "no_customer_has_two_scores_in_a_night",
            "A customer is scored once a night.",
            key,
            (*not_null("customer_id", "as_of_on"), no_twins("customer_id", "as_of_on")),
        ),
        FactSpec(
            _SCORES,
            "mean_probability_is_near_the_base_rate",
            "Tonight's mean probability is as near to the share that bought in the model's test as is allowed.",
            key,
            (WithinLimits(_distance_from_base_rate(), "distance", "$mean_probability_distance_at_most"),),
        ),
        FactSpec(
            _SCORES,
            "scores_come_from_the_champion_on_record",
            "Tonight's scores name the champion that stands, with the sha256 of its file on record.",
            key,
            (
                NoRows(
                    f"select s.model_id as key from ({_TONIGHT}) as s left join ({_CHAMPIONS}) as m "
                    "on s.model_id = m.model_id and regexp_full_match(m.model_sha256, '[0-9a-f]{64}') "
                    "where m.model_id is null group by all"
                ),
            ),
        ),
    )


def _scored_customers() -> tuple[FactSpec, ...]:
    key = ("insight", "purchase_scores")
    return (
        FactSpec(
            _SCORES,
            "every_customer_with_features_is_scored_when_a_champion_stands",
            "With a champion, each customer with features tonight has a score.",
            key,
            (
                NoRows(
                    f"select f.customer_id as key from ({_FEATURES}) as f "
                    f"left join ({_TONIGHT}) as s on f.customer_id = s.customer_id "
                    f"where s.customer_id is null and exists ({_CHAMPIONS})"
                ),
            ),
        ),
        FactSpec(
            _SCORES,
            "no_score_without_a_champion",
            "While the latest model was withheld, nobody has a score.",
            key,
            (NoRows(f"select customer_id as key from ({_TONIGHT}) where not exists ({_CHAMPIONS})"),),
        ),
        FactSpec(
            _SCORES,
            "every_score_belongs_to_a_customer_with_features",
            "No score is of a customer without features tonight.",
            key,
            (
                NoRows(
                    f"select s.customer_id as key from ({_TONIGHT}) as s "
                    f"left join ({_FEATURES}) as f on s.customer_id = f.customer_id where f.customer_id is null"
                ),
            ),
        ),
    )


def _models() -> tuple[FactSpec, ...]:
    # On the scores, not on the model: a gate that stood between the two could not check both.
    key = ("insight", "purchase_scores")
    return (
        FactSpec(
            _MODELS,
            "no_model_in_two_records",
            "A model has one record.",
            key,
            (*not_null("model_id", "as_of_on"), no_twins("model_id")),
        ),
        FactSpec(
            _MODELS,
            "every_model_is_a_champion_with_a_hash_or_withheld_with_a_reason",
            "A champion records the sha256 of its file; a model that is withheld says why.",
            key,
            (
                *not_null("model_status"),
                one_of("model_status", "champion", "withheld"),
                NoRows(
                    "select model_id as key from $batch where "
                    "(model_status = 'champion' and not coalesce("
                    "regexp_full_match(model_sha256, '[0-9a-f]{64}'), false)) or "
                    "(model_status = 'withheld' and nullif(trim(status_reason_code), '') is null)"
                ),
            ),
        ),
    )


def _distance_from_base_rate() -> str:
    return (
        f"select 'distance of the mean from the base rate' as measure, "
        f"abs(avg(s.purchase_probability_next_90d) - any_value(m.base_rate_share)) as observed, "
        f"null as at_least, $mean_probability_distance_at_most as at_most "
        f"from ({_TONIGHT}) as s join {_MODELS} as m on s.model_id = m.model_id"
    )

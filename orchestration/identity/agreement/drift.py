"""How far the levels that tonight's pairs show are from those that the model's first night showed.

Belongs here: the distance between two distributions over a comparison's levels. Does not belong here: when a model is
trained again (`linkage.models`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np

from orchestration.identity.linkage.expectation import Numbers

_LEAST_SHARE = 1e-4
_OBSERVED_SQL = """
with levels_seen as (
    select
        match_probability,
        unnest(from_json(evidence_json, '[{"compared": "VARCHAR", "level": "VARCHAR"}]')) as part
    from lake_identity.edges
    where edge_kind = 'probabilistic' and rule <> 'all_values_equal' and model_id = $model_id
)

select part.compared as kind, part.level as label, sum(match_probability) as pairs_count
from levels_seen
group by part.compared, part.level
order by kind, label
"""


_FIRST_SQL = """
select subject, value
from lake_identity.agreement
where
    measure = 'level_share'
    and as_of_on = (
        select min(as_of_on)
        from lake_identity.agreement
        where measure = 'level_share' and as_of_on >= $trained_on and as_of_on < $night
    )
"""


@dataclass(frozen=True)
class LevelShare:
    """What share of a comparison's pairs of one person has a level, of the words `<comparison>: <level>`."""

    subject: str
    share: float


@dataclass(frozen=True)
class Drift:
    """One comparison: its population stability index, and the pairs (in sum of probabilities) that it was read from."""

    kind: str
    stability_index: float
    pairs_count: float
    shares: tuple[LevelShare, ...]


def population_stability_index(expected: Numbers, observed: Numbers) -> float:
    """Return the sum of (observed - expected) ln(observed / expected) over levels, 0 when they are equal.

    Both are brought to sum to one, and no share counts as less than a ten thousandth. By common use above .25 is a
    shift, below .1 none.

    Source: Siddiqi 2006, Credit Risk Scorecards; it is the symmetric divergence of Kullback and Leibler 1951.

    Example:
        >>> round(population_stability_index(np.array([0.5, 0.5]), np.array([80.0, 20.0])), 3)
        0.416
    """
    one, other = (np.maximum(given / given.sum(), _LEAST_SHARE) for given in (expected, observed))
    return float(((other - one) * np.log(other / one)).sum())


def drift_of_model(
    connection: duckdb.DuckDBPyConnection, *, model_id: str, shares_json: str, trained_on: date, as_of_on: date
) -> tuple[Drift, ...]:
    """Return for each comparison how far tonight's pairs are from those of the model's first night, by kind.

    Held against each other are the levels of the distinct pairs, each counted by the probability that it is one person,
    as training counts them. The model's own shares are not what tonight is held against: training draws them to stated
    ones, and what two persons share (`u`) cannot be seen in pairs that blocking chose. On the model's first night there
    is nothing to drift from. Comparisons without an observed pair are left out.

    Args:
        connection: sees the night's edges and the reports of the nights before in the schema `lake_identity`.
        model_id: the model that weighed them.
        shares_json: its levels by comparison, `{kind: [[label, m, u], …]}`.
        trained_on: the night that trained it.
        as_of_on: the night.
    """
    levels: Mapping[str, list[tuple[str, float, float]]] = json.loads(shares_json)
    observed: dict[str, dict[str, float]] = {}
    for kind, label, pairs_count in connection.execute(_OBSERVED_SQL, {"model_id": model_id}).fetchall():
        observed.setdefault(kind, {})[label] = pairs_count
    first = dict(connection.execute(_FIRST_SQL, {"trained_on": trained_on, "night": as_of_on}).fetchall())
    found = []
    for kind, stated in sorted(levels.items()):
        seen = np.array([observed.get(kind, {}).get(label, 0.0) for label, _, _ in stated])
        total = float(seen.sum())
        if total > 0:
            subjects = [f"{kind}: {label}" for label, _, _ in stated]
            before = np.array([first.get(subject, 0.0) for subject in subjects])
            index = population_stability_index(before if before.sum() > 0 else seen, seen)
            told = zip(subjects, (seen / total).tolist(), strict=True)
            found.append(Drift(kind, index, total, tuple(LevelShare(*each) for each in told)))
    return tuple(found)

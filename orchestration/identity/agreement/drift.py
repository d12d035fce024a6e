"""How far the levels that tonight's pairs show are from the shares that the model was trained with.

Belongs here: the distance between two distributions over a comparison's levels. Does not belong here: when a model is
trained again (`linkage.models`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Drift:
    """One comparison: its population stability index, and the pairs (in sum of probabilities) that it was read from."""

    kind: str
    stability_index: float
    pairs_count: float


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


def drift_of_model(connection: duckdb.DuckDBPyConnection, *, model_id: str, shares_json: str) -> tuple[Drift, ...]:
    """Return for each comparison how far tonight's pairs are from the model, by kind.

    Expected are the shares of a comparison's levels among pairs of one person (`m`); observed are the levels of
    tonight's distinct pairs, each counted by the probability that it is one person, as training counts them. What two
    persons share (`u`) is not held against tonight's pairs: blocking chose those, so that no shares at random are in
    them. Comparisons without an observed pair are left out.

    Args:
        connection: sees the night's edges as `lake_identity.edges`.
        model_id: the model that weighed them.
        shares_json: its levels by comparison, `{kind: [[label, m, u], …]}`.
    """
    expected: Mapping[str, list[tuple[str, float, float]]] = json.loads(shares_json)
    observed: dict[str, dict[str, float]] = {}
    for kind, label, pairs_count in connection.execute(_OBSERVED_SQL, {"model_id": model_id}).fetchall():
        observed.setdefault(kind, {})[label] = pairs_count
    found = []
    for kind, levels in sorted(expected.items()):
        seen = np.array([observed.get(kind, {}).get(label, 0.0) for label, _, _ in levels])
        if seen.sum() > 0:
            index = population_stability_index(np.array([m for _, m, _ in levels]), seen)
            found.append(Drift(kind, index, float(seen.sum())))
    return tuple(found)

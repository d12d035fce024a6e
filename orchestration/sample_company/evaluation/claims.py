"""Every claim of the product that the sample company's truth can judge, in the order in which it is told.

A new claim is a module with a `CLAIM`, named here. Those without a comparison say which table they wait for.
"""

from collections.abc import Iterator

import duckdb

from orchestration.sample_company.evaluation import identity, noise_found, purchases, records, traps
from orchestration.sample_company.evaluation.findings import Claim, Finding

CLAIMS: tuple[Claim, ...] = (
    records.CLAIM,
    noise_found.CLAIM,
    identity.CLAIM,
    traps.CLAIM,
    purchases.CLAIM,
    Claim("journey stages", ("serving.mart_customer_journeys",), None),
    Claim("churn and its reasons", ("serving.mart_churn",), None),
    Claim("customer lifetime value", ("serving.mart_customer_value",), None),
    Claim("uplift of campaigns", ("serving.mart_campaign_uplift",), None),
    Claim("promises kept", ("serving.mart_promises_kept",), None),
)


def evaluate(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Yield the findings of every claim, over the databases of `findings.opened`."""
    for claim in CLAIMS:
        yield from claim.findings(connection)

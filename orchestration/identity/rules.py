"""By what rules a night links and clusters: policy and reference lists as the graph takes them, and their version.

Belongs here: the step from what people state to what the functions take. Does not belong here: how a rule works.
"""

import hashlib
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from orchestration.foundation.atomic_files import checksum_of
from orchestration.foundation.identity_policy import IdentityPolicy
from orchestration.identity.graph.agglomeration import AverageLinkage
from orchestration.identity.graph.clustering import ClusteringRules
from orchestration.identity.graph.guards import BridgeGuard
from orchestration.identity.linkage.blocking import BlockingBudget
from orchestration.identity.linkage.models import RetrainingRule
from orchestration.identity.linkage.pairs import LinkagePolicy

_LIBRARIES = ("anyascii", "duckdb", "jellyfish", "nicknames", "splink")


@dataclass(frozen=True)
class NightRules:
    """What a night goes by.

    Attributes:
        clustering: guards and average linkage.
        linkage: limits of comparing pairs.
        version: 16 hex digits that change with the rules, with the code that works by them and with its libraries.
    """

    clustering: ClusteringRules
    linkage: LinkagePolicy
    version: str


def night_rules(policy: IdentityPolicy, identifier_types: pa.Table) -> NightRules:
    """Return the rules of a night.

    Args:
        policy: what the team decided.
        identifier_types: seed `identifier_types`: `identifier_type`, `max_values_per_customer`.
    """
    clustering = clustering_rules(policy, identifier_types)
    linkage = LinkagePolicy(
        budget=BlockingBudget(pairs_per_record=policy.pairs_per_record_at_most),
        retraining=RetrainingRule(age_days=policy.retrain_after_days, growth=policy.retrain_growth),
    )
    stated = checksum_of({"clustering": repr(asdict(clustering)), "linkage": repr(asdict(linkage))})
    return NightRules(clustering, linkage, hashlib.sha256(f"{stated} {_code_version()}".encode()).hexdigest()[:16])


def clustering_rules(policy: IdentityPolicy, identifier_types: pa.Table) -> ClusteringRules:
    """Return what the guards go by; arguments as in `night_rules`."""
    limits = {
        str(row["identifier_type"]): int(row["max_values_per_customer"])
        for row in sorted(identifier_types.to_pylist(), key=lambda row: str(row["identifier_type"]))
    }
    return ClusteringRules(
        linkage=AverageLinkage(
            missing_weight=policy.compared_pairs.never_compared_bits,
            cap=policy.compared_pairs.count_at_most_bits,
            stop=policy.compared_pairs.join_from_bits,
        ),
        bridge=BridgeGuard(max_weight=policy.bridge.weak_until_bits, min_records=policy.bridge.records_at_least),
        max_records_per_customer=policy.max_records_per_customer,
        conflict_rules=dict(sorted(policy.conflicts.items())),
        weak_conflict_rules=dict(sorted(policy.weak_conflicts.items())),
        value_limits=limits,
        review_min_weight=policy.compared_pairs.review_from_bits,
    )


@cache
def _code_version() -> str:
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted(
        [folder / "link.py", folder / "company_frame.py", *folder.glob("linkage/*.py"), *folder.glob("graph/*.py")]
    ):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for library in _LIBRARIES:
        digest.update(f"{library}=={version(library)}\n".encode())
    return digest.hexdigest()

"""The people whose stories identity, consent and decisions must get right: persons 1 and on, by name.

Belongs here: who they are, as data. `facts/` gives them their homes, orders and messages like everybody else's.
Days count from the first day of the history (0..729). They are part of every company of at least
`EDGE_PEOPLE_COUNT` customers.
"""

from orchestration.sample_company.edge_cases.families import FAMILIES
from orchestration.sample_company.edge_cases.namesakes import NAMESAKES
from orchestration.sample_company.edge_cases.particulars import PARTICULARS
from orchestration.sample_company.edge_cases.reachability import REACHABILITY
from orchestration.sample_company.edge_cases.story import EdgeCase, EdgePerson

__all__ = ["EDGE_CASES", "EDGE_PEOPLE", "EDGE_PEOPLE_COUNT", "EdgeCase", "EdgePerson"]

EDGE_CASES: tuple[EdgeCase, ...] = (*FAMILIES, *NAMESAKES, *REACHABILITY, *PARTICULARS)
EDGE_PEOPLE: tuple[tuple[EdgeCase, EdgePerson], ...] = tuple(
    (case, person) for case in EDGE_CASES for person in case.people
)
EDGE_PEOPLE_COUNT = len(EDGE_PEOPLE)

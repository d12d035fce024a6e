"""What people ask about their own data: the table `subject_requests`."""

import numpy as np
import pyarrow as pa

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.trade.purchases import DAY_SECONDS
from orchestration.sample_company.facts.who.contact_points import ContactPoints
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.tables import choices, instants, table_of, text_column

# request, share of people who make it
REQUESTS = (
    ("access", 0.006),
    ("erasure", 0.004),
    ("rectification", 0.002),
    ("objection", 0.002),
    ("portability", 0.0007),
    ("restriction", 0.0007),
)


def request_table(block: Block, people: People, contacts: ContactPoints) -> pa.Table:
    """Return the table `subject_requests`; the writer gives an address, else a number."""
    rng = block.rng("subject_requests")
    count = people.count
    shares = np.array([share for _, share in REQUESTS])[:, None]
    kinds, persons = np.nonzero(rng.random((len(REQUESTS), count)) < shares)
    opening, end = block.calendar.first_day * DAY_SECONDS, block.calendar.end_day * DAY_SECONDS
    starts = np.maximum(people.joined[persons] * DAY_SECONDS, opening) + DAY_SECONDS
    seconds = starts + np.floor(rng.random(len(persons)) * np.maximum(end - starts, 0)).astype(np.int64)
    has_email, has_phone = contacts.has_email[persons], contacts.has_phone[persons]
    kept = np.flatnonzero((has_email | has_phone) & (seconds < end) & ~people.is_story[persons])
    kept = kept[np.lexsort((kinds[kept], persons[kept], seconds[kept]))]
    values = np.where(has_email, contacts.emails[persons], contacts.phones[persons])
    return table_of(
        {
            "request_id": block.rows(len(kept)),
            "person_number": people.numbers[persons[kept]],
            "request_type": choices([name for name, _ in REQUESTS], kinds[kept]),
            "requested_at": instants(seconds[kept]),
            "contact_value": text_column(values[kept]),
        }
    )

"""What people allow and forbid over time: the table `consents`.

Everybody decides once when joining; some withdraw later by themselves; who gives another address gives the consents
anew for it; and an unsubscription withdraws every marketing consent at once. A message goes only to those who allow its
channel at that hour (`messages.py` asks here).
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.trade.purchases import DAY_SECONDS
from orchestration.sample_company.facts.who.contact_points import ContactPoints
from orchestration.sample_company.facts.who.homes import NEVER
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.randomness import Flags, Integers
from orchestration.sample_company.tables import choices, instants, numbers, table_of

# purpose, channel, share of grants, share of later withdrawals by oneself
KINDS = (
    ("marketing", "email", 0.72, 0.06),
    ("marketing", "sms", 0.4, 0.06),
    ("marketing", "push", 0.6, 0.08),
    ("marketing", "phone", 0.2, 0.05),
    ("profiling", "email", 0.6, 0.05),
    ("location", "location", 0.5, 0.08),
    ("partner_sharing", "email", 0.15, 0.15),
    ("service", "email", 0.97, 0.01),
)
MARKETING = range(4)
PROFILING, LOCATION = 4, 5
RECONSENT_SHARE = 0.15
POLICY_CHANGED_DAY = 365
_IS_EMAIL = np.array([channel == "email" for _, channel, _, _ in KINDS])
_STATUSES = ("granted", "denied", "withdrawn")
GRANTED, DENIED, WITHDRAWN = range(3)
_PROOFS = ("checkout_box", "preference_centre", "unsubscribe_link", "till_form", "app_dialog")
_TILL_FORM, _APP_DIALOG = 3, 4
_POLICIES = ("2024-01", "2025-07")


@dataclass(frozen=True)
class Consents:
    """Decisions by kind (rows, in the order of `KINDS`) and person, before any unsubscription.

    Attributes:
        is_asked: Whether the person was asked.
        is_granted: What the person said when joining.
        withdrawn: When the person withdrew by himself or herself, seconds since 1970-01-01; `NEVER` if not.
        regranted: When the person allowed it again; `NEVER` if not.
        asked: When the person was asked, seconds since 1970-01-01.
    """

    is_asked: Flags
    is_granted: Flags
    withdrawn: Integers
    regranted: Integers
    asked: Integers

    def allows(self, kind: int, seconds: Integers) -> Flags:
        """Whether each person allows `kind` at the given instant."""
        return self.allows_at(kind, np.arange(len(self.asked)), seconds)

    def allows_at(self, kind: int | Integers, persons: Integers, seconds: Integers) -> Flags:
        """Whether each of the persons (rows of the block, in any number) allows the kind at the instant beside it."""
        before = (self.asked[persons] <= seconds) & (seconds < self.withdrawn[kind, persons])
        may = self.is_asked[kind, persons] & self.is_granted[kind, persons]
        allowed: Flags = may & (before | (seconds >= self.regranted[kind, persons]))
        return allowed

    def allows_all_kinds(self, seconds: Integers) -> Flags:
        """Whether each person allows each kind at the person's given instant: kinds by persons."""
        return np.stack([self.allows(kind, seconds) for kind in range(len(KINDS))])


def draw_consents(block: Block, people: People, contacts: ContactPoints) -> Consents:
    """Return what the block's people decide, contact by contact and purpose by purpose."""
    rng = block.rng("consents")
    shape = (len(KINDS), people.count)
    grants = np.array([kind[2] for kind in KINDS])[:, None]
    withdrawals = np.array([kind[3] for kind in KINDS])[:, None]
    can_email = contacts.has_email & ~people.is_tester
    is_asked = np.stack(
        [
            can_email,
            contacts.has_phone,
            people.is_app_user,
            contacts.has_phone & people.in_crm,
            can_email & ~people.is_guest,
            people.is_app_user,
            can_email & people.in_loyalty,
            can_email,
        ]
    )
    is_granted = rng.random(shape) < grants
    asked = people.joined * DAY_SECONDS + rng.integers(8 * 3_600, 20 * 3_600, people.count)
    end = block.calendar.end_day * DAY_SECONDS
    later = asked + np.floor(rng.random(shape) * np.maximum(end - asked, 1)).astype(np.int64)
    is_withdrawn = is_granted & (rng.random(shape) < withdrawals)
    withdrawn = np.where(is_withdrawn, later, NEVER)
    again = later + rng.integers(10 * DAY_SECONDS, 120 * DAY_SECONDS, shape)
    is_again = is_withdrawn & (rng.random(shape) < RECONSENT_SHARE) & (again < end)
    return Consents(is_asked, is_granted, withdrawn, np.where(is_again, again, NEVER), asked)


def _changed_address(people: People, contacts: ContactPoints) -> Integers:
    """Return for each person when another e-mail address was given, at noon of the day, or `NEVER`."""
    has_changed = (contacts.email_changed != NEVER) & (contacts.email_changed > people.joined)
    noon = np.where(has_changed, contacts.email_changed, 0) * DAY_SECONDS + DAY_SECONDS // 2
    return np.where(has_changed, noon, NEVER)


def consent_table(
    block: Block, people: People, consents: Consents, contacts: ContactPoints, unsubscribed: Integers
) -> pa.Table:
    """Return the table `consents`: first decisions, withdrawals, second thoughts, unsubscriptions.

    Args:
        block: The block.
        people: Its people.
        consents: Their own decisions.
        contacts: Their contact points; a consent names the one it was given for.
        unsubscribed: For each person the instant of an unsubscription, seconds since 1970-01-01, or `NEVER`.
    """
    kinds = np.arange(len(KINDS))[:, None]
    first = np.nonzero(consents.is_asked)
    by_oneself = np.nonzero(consents.is_asked & (consents.withdrawn < unsubscribed[None, :]))
    again = np.nonzero(consents.is_asked & (consents.regranted < unsubscribed[None, :]))
    at_unsubscription = np.broadcast_to(unsubscribed[None, :], consents.is_asked.shape)
    still = consents.allows_all_kinds(unsubscribed) & (kinds < len(MARKETING)) & (at_unsubscription != NEVER)
    stopped = np.nonzero(still)
    changed = _changed_address(people, contacts)
    renewed = np.nonzero(
        consents.allows_all_kinds(changed) & _IS_EMAIL[:, None] & (changed < unsubscribed) & (changed != NEVER)
    )
    groups = (
        (first, np.broadcast_to(consents.asked, consents.is_asked.shape), GRANTED, 0),
        (by_oneself, consents.withdrawn, WITHDRAWN, 1),
        (again, consents.regranted, GRANTED, 1),
        (stopped, at_unsubscription, WITHDRAWN, 2),
        (renewed, np.broadcast_to(changed, consents.is_asked.shape), GRANTED, 1),
    )
    kind = np.concatenate([places[0] for places, _, _, _ in groups])
    person = np.concatenate([places[1] for places, _, _, _ in groups])
    seconds = np.concatenate([values[places] for places, values, _, _ in groups])
    status = np.concatenate([np.full(len(places[0]), code) for places, _, code, _ in groups])
    status[: len(first[0])] = np.where(consents.is_granted[first], GRANTED, DENIED)
    proof = np.concatenate([np.full(len(places[0]), code) for places, _, _, code in groups])
    at_till = people.in_pos[person] & ~people.in_shop[person]
    proof = np.where(
        (proof == 0) & at_till, _TILL_FORM, np.where((proof == 0) & (kind == LOCATION), _APP_DIALOG, proof)
    )
    order = np.lexsort((kind, seconds, person))
    kind, person, seconds = kind[order], person[order], seconds[order]
    is_phone = np.isin(kind, (1, 3))
    has_changed = seconds >= changed[person]
    email = np.where(has_changed, contacts.later_email[person], contacts.first_email[person])
    points = np.where(is_phone, contacts.first_phone[person], email)
    has_point = (points >= 0) & ~np.isin(kind, (2, LOCATION))
    changed_policy = (block.calendar.first_day + POLICY_CHANGED_DAY) * DAY_SECONDS
    return table_of(
        {
            "consent_id": block.rows(len(order)),
            "person_number": people.numbers[person],
            "contact_point_id": numbers(points, is_known=has_point),
            "purpose": choices([purpose for purpose, _, _, _ in KINDS], kind),
            "channel": choices([channel for _, channel, _, _ in KINDS], kind),
            "status": choices(_STATUSES, status[order]),
            "changed_at": instants(seconds),
            "policy_version": choices(_POLICIES, (seconds >= changed_policy).astype(np.int64)),
            "proof": choices(_PROOFS, proof[order]),
        }
    )

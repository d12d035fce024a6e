"""Rows of the sources beside CRM and shop orders that know people, as received.

Belongs here: rows for the tests of dbt. Does not belong here: which rows land when, and what becomes of them.
"""

import json

from tests.support.warehouses import Row


def account(account_id: str, email: str, updated_at: str) -> Row:
    """Return a shop account as received."""
    return {
        "account_id": account_id,
        "email": email,
        "is_email_verified": "true",
        "address": json.dumps({"street": "Mill Lane", "house_number": "1", "country": "UK"}),
        "birth_date": "1980-02-03",
        "created_at": "2026-01-01T10:00:00Z",
        "updated_at": updated_at,
    }


def member(card_number: str, email: str, joined_on: str) -> Row:
    """Return a loyalty member as received."""
    return {"card_number": card_number, "email": email, "joined_on": joined_on, "birthday": "1980-02-03", "points": "1"}


def receipt_line(receipt_id: str, line_number: int, card_number: str | None, email: str | None) -> Row:
    """Return one sold line of a till receipt as received."""
    return {
        "receipt_id": receipt_id,
        "line_number": str(line_number),
        "store_id": "S01",
        "sold_at": "2026-06-01T10:00:00",
        "receipt_type": "sale",
        "card_number": card_number,
        "sku": "LH-1001",
        "quantity": "1",
        "unit_price": "4.99",
        "currency_code": "GBP",
        "receipt_email": email,
    }


def ticket(ticket_id: str, email: str, account_id: str | None, updated_at: str) -> Row:
    """Return a ticket of the contact centre as received."""
    return {
        "ticket_id": ticket_id,
        "topic": "refund",
        "opened_at": "2026-05-01T10:00:00Z",
        "updated_at": updated_at,
        "requester": json.dumps({"name": "Ann Lee", "email": email, "phone": None, "account_id": account_id}),
    }


def web_event(event_id: str, device_id: str, account_id: str | None, occurred_at: str) -> Row:
    """Return a page view as received."""
    return {
        "message_id": event_id,
        "anonymous_id": device_id,
        "user_id": account_id,
        "call_type": "page",
        "occurred_at": occurred_at,
        "properties": json.dumps({"path": "/"}),
        "context": json.dumps({"session_id": "s"}),
    }

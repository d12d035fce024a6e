"""What is told when a night fails, and how it is sent: one screen without personal data, by webhook and by e-mail.

Pure messages and two senders. When an alert is due is for `automation` and the command line; why a run failed is read
from Dagster's events in `orchestration.runs`.
"""

import json
import re
import smtplib
import ssl
import textwrap
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import partial
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from orchestration.foundation.operations_policy import AlertsPolicy
from orchestration.foundation.settings import Settings

_WIDTH = 100
_REASONS_SHOWN = 4
_REASON_LINES = 6
_TIMEOUT_SECONDS = 10
_SMTP_PORTS = {"smtp": 25, "smtps": 465}
_FIRST_REFUSING_STATUS = 400

_EMAIL = re.compile(r"[^\s@'\"<>(),;:|]+@[^\s@'\"<>(),;:|]+\.[^\s@'\"<>(),;:|]+")
_PHONE = re.compile(r"(?<![\w-])\+?\(?\d[\d ().-]{7,}\d(?![\w-])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2})?|\d+(?:\.\d+)+|\d{1,3}(?: \d{3})+")


@dataclass(frozen=True)
class Alert:
    """One failure as people are told of it.

    Attributes:
        what: what failed, a short clause such as `the nightly run stopped`.
        as_of_on: the business day that the night was to close; None when it is not known.
        run_id: the run on the web page.
        reasons: why, most telling first; each with its evidence, and already without personal data.
        rule: what that means for what is published.
        way_out: what to do.
    """

    what: str
    as_of_on: date | None
    run_id: str
    reasons: tuple[str, ...]
    rule: str
    way_out: str


@dataclass(frozen=True)
class Channel:
    """One way to tell: its name for messages, and what sends an alert along it."""

    name: str
    send: Callable[[Alert], None]


def alert_of_failure(*, job: str, as_of_on: date | None, run_id: str, reasons: tuple[str, ...]) -> Alert:
    """Return the alert for a run that did not do all it should.

    Args:
        job: the job's name.
        as_of_on: the business day that it was to close, if it is known.
        run_id: the run.
        reasons: why, most telling first.
    """
    return Alert(
        what=f"the {job} run stopped",
        as_of_on=as_of_on,
        run_id=run_id,
        reasons=tuple(without_personal_data(reason) for reason in reasons),
        rule="Nothing behind the failed step was built; the published database is what it was.",
        way_out=(
            "Mend the cause and run the night again: `genome night"
            + (f" --date {as_of_on.isoformat()}" if as_of_on else "")
            + "`. The run stands on the web page with all its checks."
        ),
    )


def title(alert: Alert) -> str:
    """Return the alert in one line of up to 100 characters."""
    day = f" (night of {alert.as_of_on.isoformat()})" if alert.as_of_on else ""
    return textwrap.shorten(f"Consumer Genome: {alert.what}{day}", _WIDTH, placeholder=" …")


def one_screen(alert: Alert) -> str:
    """Return the alert as plain text: at most 40 lines of at most 100 characters.

    Names what failed, up to four reasons with their evidence, what it means, the way out and the run.
    """
    listed = [line for reason in alert.reasons[:_REASONS_SHOWN] for line in _bullet(reason)]
    more = len(alert.reasons) - _REASONS_SHOWN
    if more > 0:
        listed.append(f"  and {more} more")
    if not listed:
        listed = ["  - no step said why: the process ended, or its machine did"]
    return "\n".join(
        [
            title(alert),
            "",
            *listed,
            "",
            *textwrap.wrap(alert.rule, _WIDTH),
            *textwrap.wrap(f"Way out: {alert.way_out}", _WIDTH),
            f"Run: {alert.run_id}",
        ]
    )


def as_json(alert: Alert) -> bytes:
    """Return the alert as a JSON object in UTF-8.

    `text` holds the whole screen, as chat webhooks want it; the other members hold the same in parts.
    """
    parts = {
        "text": one_screen(alert),
        "title": title(alert),
        "what": alert.what,
        "as_of_on": alert.as_of_on.isoformat() if alert.as_of_on else None,
        "run_id": alert.run_id,
        "reasons": [_cut(reason) for reason in alert.reasons[:_REASONS_SHOWN]],
        "rule": alert.rule,
        "way_out": alert.way_out,
    }
    return json.dumps(parts, ensure_ascii=False).encode()


def as_mail(alert: Alert, policy: AlertsPolicy) -> EmailMessage:
    """Return the alert as a plain-text e-mail from and to whom the policy states."""
    mail = EmailMessage()
    mail["Subject"] = title(alert)
    mail["From"] = policy.mail_from
    mail["To"] = ", ".join(policy.mail_to)
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = make_msgid(domain=policy.mail_from.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(one_screen(alert) + "\n")
    return mail


def without_personal_data(text: str) -> str:
    """Return the text with everything that looks like an e-mail address or a phone number blotted out.

    A last guard: messages are built from names, counts and hashes in the first place.

    Example:
        >>> without_personal_data("anna@example.org called from +44 20 7946 0958 on 2026-06-30")
        '(e-mail address) called from (number) on 2026-06-30'
    """
    return _PHONE.sub(_blotted, _EMAIL.sub("(e-mail address)", text))


def channels(settings: Settings, policy: AlertsPolicy) -> tuple[Channel, ...]:
    """Return the ways to tell that the installation states; none is a choice too."""
    found = []
    if settings.alert_webhook:
        found.append(Channel("webhook", partial(post, settings.alert_webhook)))
    if settings.smtp_url and policy.mail_to:
        found.append(Channel("e-mail", partial(mail, settings.smtp_url, policy)))
    return tuple(found)


def tell(alert: Alert, ways: tuple[Channel, ...]) -> tuple[str, ...]:
    """Return what went wrong after sending the alert along every channel, twice where the first try fails.

    One line a channel that did not take it, without its address, which may hold a secret; empty when all did. Nothing
    is raised: a failed alert must not hide the failure that it tells.
    """
    faults = (_fault_of(alert, way) for way in ways)
    return tuple(fault for fault in faults if fault)


def post(url: SecretStr, alert: Alert) -> None:
    """Send the alert to a webhook as a JSON POST.

    Raises:
        OSError: the webhook cannot be reached or does not answer with success.
    """
    request = urllib.request.Request(  # noqa: S310 - settings accept http and https only
        url.get_secret_value(), data=as_json(alert), headers={"Content-Type": "application/json; charset=utf-8"}
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
        if answer.status >= _FIRST_REFUSING_STATUS:
            raise OSError(answer.status)


def mail(url: SecretStr, policy: AlertsPolicy, alert: Alert) -> None:
    """Send the alert by e-mail, encrypted from the start for `smtps`, and by STARTTLS where the server offers it.

    A password is never sent over an unencrypted connection.

    Raises:
        OSError: the server cannot be reached, or refuses the login, the sender or every recipient.
    """
    server = urlsplit(url.get_secret_value())
    host, port = server.hostname or "", server.port or _SMTP_PORTS[server.scheme]
    trusted = ssl.create_default_context()
    connected = (
        smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_SECONDS, context=trusted)
        if server.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS)
    )
    with connected as session:
        session.ehlo()
        is_safe = server.scheme == "smtps"
        if not is_safe and session.has_extn("starttls"):
            session.starttls(context=trusted)
            is_safe = True
        if server.username:
            if not is_safe:
                raise smtplib.SMTPNotSupportedError
            session.login(unquote(server.username), unquote(server.password or ""))
        session.send_message(as_mail(alert, policy))


def _fault_of(alert: Alert, way: Channel) -> str:
    fault = ""
    for _ in range(2):
        try:
            way.send(alert)
        except (OSError, ValueError) as error:
            fault = f"the {way.name} did not take the alert ({_named(error)})"
        else:
            return ""
    return fault


def _named(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    inner = reason if isinstance(reason, Exception) else error
    code = getattr(error, "code", None) or getattr(error, "smtp_code", None) or getattr(inner, "errno", None)
    return f"{type(inner).__name__}{f' {code}' if code else ''}"


def _bullet(reason: str) -> list[str]:
    lines = textwrap.wrap(_cut(reason), _WIDTH, initial_indent="  - ", subsequent_indent="    ")
    return lines[:_REASON_LINES]


def _cut(reason: str) -> str:
    return textwrap.shorten(reason, (_WIDTH - 4) * _REASON_LINES - 40, placeholder=" …")


def _blotted(found: re.Match[str]) -> str:
    return found[0] if _DAY.fullmatch(found[0].strip()) else "(number)"

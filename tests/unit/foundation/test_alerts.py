"""A failure is told in one screen without personal data, and arrives at real local servers."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from orchestration.foundation.alerts import (
    Alert,
    Channel,
    alert_of_failure,
    as_mail,
    channels,
    mail,
    one_screen,
    post,
    tell,
    title,
    without_personal_data,
)
from orchestration.foundation.operations_policy import AlertsPolicy
from orchestration.foundation.settings import load_settings

POLICY = AlertsPolicy(mail_from="genome@example.com", mail_to=("team@example.com", "boss@example.com"))
REASON = "the fact 'no_customer_in_two_rows' does not hold for customer/dim_customers (unexpected_count: 3)"


def _alert(*reasons: str) -> Alert:
    return alert_of_failure(job="nightly", as_of_on=date(2026, 6, 30), run_id="f14c42a5", reasons=reasons or (REASON,))


def test_one_screen_says_what_failed_why_what_it_means_what_to_do_and_which_run() -> None:
    screen = " ".join(one_screen(_alert()).split())
    for part in (
        "the nightly run stopped",
        "2026-06-30",
        "no_customer_in_two_rows",
        "unexpected_count: 3",
        "the published database is what it was",
        "Way out: Mend the cause and run the night again: `genome night --date 2026-06-30`",
        "Run: f14c42a5",
    ):
        assert part in screen


def test_one_screen_stays_one_screen_whatever_failed() -> None:
    screen = one_screen(_alert(*("word " * 2_000 for _ in range(50)))).splitlines()
    assert len(screen) <= 40
    assert max(map(len, screen)) <= 100
    assert "  and 46 more" in screen
    assert len(title(_alert())) <= 100


def test_a_run_that_left_no_reason_is_told_too() -> None:
    alert = alert_of_failure(job="nightly", as_of_on=None, run_id="run", reasons=())
    assert "no step said why" in one_screen(alert)


@pytest.mark.parametrize(
    "personal",
    ["anna.o'neil+x@mail.example.org", "+44 20 7946 0958", "(020) 7946-0958", "07700900123", "0049 170 1234567"],
)
def test_personal_data_is_blotted_out_wherever_it_comes_from(personal: str) -> None:
    alert = _alert(f"Conversion Error: could not read '{personal}' in line 7")
    told = one_screen(alert) + json.dumps(alert.reasons) + as_mail(alert, POLICY).as_string()
    assert personal not in told
    assert personal[-7:] not in told


@pytest.mark.parametrize(
    "evidence",
    [
        "crm/contacts_2026-11-21.csv",
        "2026-06-30 02:00:01",
        "run f14c42a5-cf6f-4d44-8a1e-3ba7d6cdc578",
        "12345678 rows of 2",
        "share 0.0512345678",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_evidence_is_not_blotted_out(evidence: str) -> None:
    assert without_personal_data(evidence) == evidence


class _Received(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.received.append((self.headers["Content-Type"], self.rfile.read(length)))  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def webhook() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), _Received)
    server.received, server.status = [], 200
    with _served(server):
        yield server


class _Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP as one message takes, without encryption and without a login."""

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                self.server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))  # type: ignore[attr-defined]
                self._say("250 taken")
            elif verb == b"RCPT":
                self.server.recipients.append(line.decode().strip())  # type: ignore[attr-defined]
                self._say(f"{self.server.answer} recipient")  # type: ignore[attr-defined]
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self.server.verbs.append(verb)  # type: ignore[attr-defined]
                self._say("250 well")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[Any]:
    server: Any = socketserver.TCPServer(("127.0.0.1", 0), _Smtp)
    server.mails, server.recipients, server.verbs, server.answer = [], [], [], 250
    with _served(server):
        yield server


def test_a_webhook_gets_one_json_object_with_the_screen_and_its_parts(webhook: Any) -> None:
    post(SecretStr(f"http://127.0.0.1:{webhook.server_port}/hook"), _alert())
    ((kind, body),) = webhook.received
    told = json.loads(body)
    assert kind.startswith("application/json")
    assert told["text"] == one_screen(_alert())
    assert told["run_id"] == "f14c42a5"
    assert told["as_of_on"] == "2026-06-30"
    assert told["reasons"] == [REASON]


def test_an_email_reaches_every_recipient(mail_server: Any) -> None:
    mail(SecretStr(f"smtp://127.0.0.1:{mail_server.server_address[1]}"), POLICY, _alert())
    received = message_from_bytes(mail_server.mails[0], policy=default)
    assert len(mail_server.mails) == 1
    assert received["Subject"] == "Consumer Genome: the nightly run stopped (night of 2026-06-30)"
    assert received["To"] == "team@example.com, boss@example.com"
    assert [line.split("<")[1].split(">")[0] for line in mail_server.recipients] == list(POLICY.mail_to)
    assert REASON in " ".join(received.get_content().split())


def test_a_password_is_never_sent_in_the_clear(mail_server: Any) -> None:
    url = SecretStr(f"smtp://user:s3cret@127.0.0.1:{mail_server.server_address[1]}")
    faults = tell(_alert(), (Channel("e-mail", lambda alert: mail(url, POLICY, alert)),))
    assert mail_server.mails == []
    assert b"AUTH" not in mail_server.verbs
    assert faults == ("the e-mail did not take the alert (SMTPNotSupportedError)",)


def test_both_channels_are_used_when_both_are_stated(webhook: Any, mail_server: Any) -> None:
    stated = {
        "GENOME_ALERT_WEBHOOK": f"http://127.0.0.1:{webhook.server_port}/",
        "GENOME_SMTP_URL": f"smtp://127.0.0.1:{mail_server.server_address[1]}",
    }
    assert tell(_alert(), channels(load_settings(stated), POLICY)) == ()
    assert len(webhook.received) == 1
    assert len(mail_server.mails) == 1


def test_nobody_stated_is_nobody_told() -> None:
    assert channels(load_settings({}), POLICY) == ()
    assert channels(load_settings({"GENOME_SMTP_URL": "smtp://host"}), AlertsPolicy()) == ()


def test_a_channel_that_refuses_is_tried_twice_and_named_without_its_secret_and_the_other_still_told(
    webhook: Any, mail_server: Any
) -> None:
    webhook.status = 500
    stated = {
        "GENOME_ALERT_WEBHOOK": f"http://127.0.0.1:{webhook.server_port}/s3cret",
        "GENOME_SMTP_URL": f"smtp://127.0.0.1:{mail_server.server_address[1]}",
    }
    faults = tell(_alert(), channels(load_settings(stated), POLICY))
    assert faults == ("the webhook did not take the alert (HTTPError 500)",)
    assert len(webhook.received) == 2
    assert len(mail_server.mails) == 1


def test_a_server_that_is_gone_does_not_hide_the_failure() -> None:
    closed = socketserver.TCPServer(("127.0.0.1", 0), _Smtp)
    port = closed.server_address[1]
    closed.server_close()
    stated = {"GENOME_ALERT_WEBHOOK": f"http://127.0.0.1:{port}/s3cret", "GENOME_SMTP_URL": f"smtp://127.0.0.1:{port}"}
    faults = tell(_alert(), channels(load_settings(stated), POLICY))
    assert len(faults) == 2
    assert all("ConnectionRefusedError" in fault and "s3cret" not in fault for fault in faults)

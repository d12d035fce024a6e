"""The texts that let a machine start the night by itself: a systemd unit, and a cron line; pure functions."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SECRETS_FILE = "/etc/consumer-genome.env"


@dataclass(frozen=True)
class Installation:
    """What the texts say of an installation.

    Attributes:
        genome: the `genome` program.
        project_root: the checkout, where it runs.
        user: the system user that owns the lake.
        variables: `GENOME_` variables that it states, no secrets among them.
        night_at: when the night starts, `HH:MM`.
        timezone: IANA zone of that time.
        port: where the page listens.
    """

    genome: Path
    project_root: Path
    user: str
    variables: Mapping[str, str]
    night_at: str
    timezone: str
    port: int


def systemd_unit(installation: Installation) -> str:
    """Return the unit of `genome up`: started with the machine, again when it fails, ended as one.

    Secrets do not stand in it but in a file that only root reads.
    """
    stated = "".join(
        f"Environment={_quoted(f'{name}={value}')}\n" for name, value in sorted(installation.variables.items())
    )
    return f"""\
# Save as /etc/systemd/system/consumer-genome.service, then: systemctl enable --now consumer-genome
# GENOME_ALERT_WEBHOOK and GENOME_SMTP_URL are secrets: state them in {SECRETS_FILE} (root, mode 0600).
[Unit]
Description=Consumer Genome: the night, its schedule and its page
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
User={installation.user}
WorkingDirectory={_path(installation.project_root)}
{stated}EnvironmentFile=-{SECRETS_FILE}
ExecStart={_word(str(installation.genome))} up --port {installation.port}
Restart=on-failure
RestartSec=30
KillMode=mixed
TimeoutStopSec=90

[Install]
WantedBy=multi-user.target
"""


def cron_lines(installation: Installation) -> str:
    """Return the crontab lines that run the night without a daemon, those that were missed first.

    `genome night` itself alerts when it fails. Cron counts in the machine's zone unless it knows `CRON_TZ`, which is
    why the zone is stated; a percent sign means a new line to cron and is escaped.
    """
    hour, minute = (int(part) for part in installation.night_at.split(":"))
    stated = " ".join(f"{name}={shlex.quote(value)}" for name, value in sorted(installation.variables.items()))
    command = f"{shlex.quote(str(installation.genome))} night --catch-up"
    folder = shlex.quote(str(installation.project_root))
    line = " ".join(part for part in (f"cd {folder} &&", stated, command) if part).replace("%", r"\%")
    return f"""\
# Add with `crontab -e`. In place of `genome up`, not beside it: cron starts the night, and nobody watches the inbox.
# A cron that does not know CRON_TZ counts in the machine's time zone: then write the hour in that.
CRON_TZ={installation.timezone}
{minute} {hour} * * * {line}
"""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _word(text: str) -> str:
    return text if text.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum() else _quoted(text)


def _path(path: Path) -> str:
    return str(path).replace("%", "%%")

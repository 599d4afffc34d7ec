"""Every setting of the machine: its name, its default and what it means.

Three layers, the later wins: the defaults below, `instance/config.toml`, `FORUM_*` in the environment. What an editor may
change in the browser is not here but in `forum/settings/`.
"""

import json
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Value = str | int | bool | list[str]


@dataclass(frozen=True)
class Setting:
    """One setting of the machine; the default's type is the type that is read."""

    name: str
    default: Value
    meaning: str


SETTINGS = (
    Setting(
        "SITE_URL", "", "Public address, such as https://www.example.nl. Empty: http://<host>:<port> of `forum start`."
    ),
    Setting("DATABASE_URL", "", "SQLAlchemy address; postgresql://… or empty for forum.sqlite in the instance folder."),
    Setting("REDIS_URL", "", "redis://… shares rate limits between machines; empty: each process counts for itself."),
    Setting("TRUSTED_PROXIES", 0, "How many proxies in front set X-Forwarded-*; 0 ignores those headers altogether."),
    Setting("TRUSTED_HOSTS", [], "Host names that are answered besides SITE_URL's and this machine's own."),
    Setting(
        "TIMEZONE", "Europe/Amsterdam", "The zone in which the paper lives: its dates, its days, its poll of the day."
    ),
    Setting(
        "LANGUAGE",
        "nl",
        "The language for everyone who has not chosen another: a folder of forum/translations, nl or en.",
    ),
    Setting("MEDIA_FOLDER", "", "Where pictures are kept; empty: media/ in the instance folder."),
    Setting(
        "MEDIA_S3_BUCKET",
        "",
        "Keep pictures in this bucket of a store that speaks S3 instead; needs requirements-s3.lock.",
    ),
    Setting("MEDIA_S3_PREFIX", "", "What the names of the objects there begin with, such as forum."),
    Setting("MEDIA_S3_ENDPOINT", "", "Address of the store, such as https://s3.example.nl; empty: Amazon's."),
    Setting("MEDIA_S3_REGION", "", "The store's region, such as eu-central-1."),
    Setting("MEDIA_S3_KEY", "", "The id of the access key; empty: as the machine's own environment tells."),
    Setting("MEDIA_S3_SECRET", "", "The secret of the access key."),
    Setting("WORKERS", 0, "Serving processes; 0: one per core, four at most."),
    Setting("THREADS", 8, "Threads in each serving process."),
    Setting(
        "START_WORKER", True, "`forum start` runs a worker beside the server; off where `forum worker` runs by itself."
    ),
    Setting(
        "MAIL_BACKEND",
        "folder",
        "How mail leaves: smtp, folder (files in mail/ of the instance folder) or memory (tests).",
    ),
    Setting("MAIL_FROM", "", "The address that mail comes from; empty: noreply@ the host of SITE_URL."),
    Setting("MAIL_BOUNCES_TO", "", "The address that undeliverable mail returns to; empty: MAIL_FROM."),
    Setting("MAIL_HOST", "", "The mail server for MAIL_BACKEND smtp."),
    Setting("MAIL_PORT", 587, "Its port."),
    Setting("MAIL_SECURITY", "starttls", "starttls, tls (from the first byte, usually port 465) or none."),
    Setting("MAIL_USERNAME", "", "The account at the mail server; empty: none is needed."),
    Setting("MAIL_PASSWORD", "", "The password of that account."),
    Setting("RATE_LIMITS", True, "Off only for load tests: nobody is ever told to slow down, and the log says so."),
    Setting(
        "SCREENING", True, "Off only for load tests: no comment is held or refused by a check, and the log says so."
    ),
    Setting("TESTING", False, "Test mode: allows FORUM_CLOCK. Never on a public site."),
    Setting("CLOCK", "", "Test mode only: a file holding the moment (ISO 8601) that the running server takes for now."),
)

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1", "[::1]")
SECRETS = ("SECRET_KEY", "PASSWORD_SALT", "VOTE_KEY", "TOTP_KEY")


class ConfigError(ValueError):
    """A setting that cannot be used; the message names it and says what is wanted."""


def instance_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of this installation: FORUM_INSTANCE, or `instance/` beside the program or where one stands."""
    named = environ.get("FORUM_INSTANCE")
    return Path(named).expanduser().resolve() if named else Path(__file__).resolve().parent.parent / "instance"


def load(instance: Path, environ: Mapping[str, str] = os.environ) -> dict[str, Value]:
    """Return every setting by name, the layers applied.

    Raises ConfigError for a name that does not exist, a value of the wrong kind, or a file that is not TOML.
    """
    values: dict[str, Value] = {setting.name: setting.default for setting in SETTINGS}
    known = {setting.name: setting for setting in SETTINGS}
    for name, value in _read_toml(instance / "config.toml").items():
        if name.upper() not in known:
            raise ConfigError(f"config.toml: there is no setting {name!r}")
        values[name.upper()] = _fitting(known[name.upper()], value, "config.toml")
    for setting in SETTINGS:
        raw = environ.get(f"FORUM_{setting.name}")
        if raw is not None:
            values[setting.name] = _parsed(setting, raw)
    return values


def origins(instance: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return where each setting that is not at its default is said: "config.toml", or its name in the environment."""
    said = dict.fromkeys((name.upper() for name in _read_toml(instance / "config.toml")), "config.toml")
    return said | {one.name: f"FORUM_{one.name}" for one in SETTINGS if f"FORUM_{one.name}" in environ}


def is_public(settings: Mapping[str, Any]) -> bool:
    """Tell whether the site has a public address: SITE_URL names another host than this machine."""
    return urlsplit(settings["SITE_URL"]).hostname not in {None, *LOOPBACK_NAMES}


def is_production(settings: Mapping[str, Any]) -> bool:
    """Tell whether the site is in earnest: it has a public address and is not in test mode."""
    return is_public(settings) and not settings["TESTING"]


def load_secrets(instance: Path) -> dict[str, str]:
    """Return the secrets of this installation; those that are missing are made and kept in secrets.toml (mode 0600).

    Losing the file ends every session and makes every password useless: it belongs in the backup.
    """
    path = instance / "secrets.toml"
    known = {name: str(value) for name, value in _read_toml(path).items()}
    missing = [name for name in SECRETS if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(48) for name in missing}
        instance.mkdir(parents=True, exist_ok=True)
        lines = ["# The secrets of this installation. Keep them in the backup and out of everything else."]
        # TOML's basic strings are JSON's: a quote or backslash in a secret of the operator's own survives.
        lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in sorted(known.items())]
        temporary = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        temporary.replace(path)
    return known


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: {error}") from error


def _fitting(setting: Setting, value: Value, where: str) -> Value:
    if type(value) is not type(setting.default):
        raise ConfigError(f"{where}: {setting.name} must be {type(setting.default).__name__}, not {value!r}")
    return value


def _parsed(setting: Setting, raw: str) -> Value:
    text = raw.strip()
    match setting.default:
        case bool():
            if text.lower() not in {"on", "off", "true", "false", "1", "0", "yes", "no"}:
                raise ConfigError(f"FORUM_{setting.name} must be on or off, not {raw!r}")
            return text.lower() in {"on", "true", "1", "yes"}
        case int():
            if not text.isdecimal():
                raise ConfigError(f"FORUM_{setting.name} must be a whole number, not {raw!r}")
            return int(text)
        case list():
            return [part.strip() for part in text.split(",") if part.strip()]
        case _:
            return text

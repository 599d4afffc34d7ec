"""Settings come in three layers, and what cannot be used is refused by name."""

import stat

import pytest

from forum import config, create_app
from forum.config import ConfigError


def write(folder, text, name="config.toml"):
    (folder / name).write_text(text, encoding="utf-8")


def test_without_file_or_environment_the_defaults_hold(tmp_path):
    settings = config.load(tmp_path, environ={})
    assert settings == {setting.name: setting.default for setting in config.SETTINGS}


def test_the_file_goes_over_the_default(tmp_path):
    write(tmp_path, 'timezone = "Europe/Brussels"\nTHREADS = 4\nrate_limits = false\ntrusted_hosts = ["een.nl"]')
    settings = config.load(tmp_path, environ={})
    assert (settings["TIMEZONE"], settings["THREADS"]) == ("Europe/Brussels", 4)
    assert (settings["RATE_LIMITS"], settings["TRUSTED_HOSTS"]) == (False, ["een.nl"])


def test_the_environment_goes_over_the_file(tmp_path):
    write(tmp_path, "threads = 4")
    assert config.load(tmp_path, environ={"FORUM_THREADS": "16"})["THREADS"] == 16


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("RATE_LIMITS", "off", False),
        ("RATE_LIMITS", "No", False),
        ("RATE_LIMITS", " ON ", True),
        ("TESTING", "1", True),
        ("WORKERS", "0", 0),
        ("TRUSTED_HOSTS", "een.nl, twee.nl ,,", ["een.nl", "twee.nl"]),
        ("TRUSTED_HOSTS", "", []),
        ("LANGUAGE", " en ", "en"),
    ],
)
def test_the_environment_is_read_as_the_kind_of_the_default(tmp_path, name, raw, value):
    assert config.load(tmp_path, environ={f"FORUM_{name}": raw})[name] == value


@pytest.mark.parametrize(
    ("name", "raw"), [("RATE_LIMITS", "maybe"), ("RATE_LIMITS", ""), ("THREADS", "-1"), ("THREADS", "a few")]
)
def test_a_value_of_another_kind_in_the_environment_is_refused_by_name(tmp_path, name, raw):
    with pytest.raises(ConfigError, match=f"FORUM_{name}"):
        config.load(tmp_path, environ={f"FORUM_{name}": raw})


@pytest.mark.parametrize("line", ["threads = true", 'threads = "8"', "rate_limits = 1", 'trusted_hosts = "een.nl"'])
def test_a_value_of_another_kind_in_the_file_is_refused_by_name(tmp_path, line):
    write(tmp_path, line)
    with pytest.raises(ConfigError, match=r"config\.toml: (THREADS|RATE_LIMITS|TRUSTED_HOSTS) must be"):
        config.load(tmp_path, environ={})


def test_a_setting_that_does_not_exist_is_refused_by_name(tmp_path):
    write(tmp_path, "treads = 8")
    with pytest.raises(ConfigError, match="treads"):
        config.load(tmp_path, environ={})


@pytest.mark.parametrize("content", [b"threads = ", b'timezone = "Caf\xe9"'])
def test_a_file_that_is_no_toml_is_refused(tmp_path, content):
    (tmp_path / "config.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"config\.toml"):
        config.load(tmp_path, environ={})


def test_every_setting_says_what_it_means():
    assert all(setting.meaning.endswith(".") for setting in config.SETTINGS)


def test_the_instance_folder_is_the_one_named_in_the_environment(tmp_path):
    assert config.instance_folder({"FORUM_INSTANCE": str(tmp_path / "elders")}) == tmp_path / "elders"
    assert config.instance_folder({}).name == "instance"


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path):
    instance = tmp_path / "instance"
    made = config.load_secrets(instance)
    assert set(made) == set(config.SECRETS)
    assert len(set(made.values())) == len(config.SECRETS)
    assert min(len(value) for value in made.values()) >= 64
    assert stat.S_IMODE((instance / "secrets.toml").stat().st_mode) == 0o600
    assert config.load_secrets(instance) == made
    assert [file.name for file in instance.iterdir()] == ["secrets.toml"]


def test_a_missing_secret_is_added_and_the_others_stay_as_they_were(tmp_path):
    write(tmp_path, "SECRET_KEY = 'een \"eigen\" sleutel \\ é'\n", "secrets.toml")
    made = config.load_secrets(tmp_path)
    assert made["SECRET_KEY"] == 'een "eigen" sleutel \\ é'
    assert config.load_secrets(tmp_path) == made


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, {"SESSION_COOKIE_NAME": "session", "SESSION_COOKIE_SECURE": False, "TRUSTED_HOSTS": None}),
        (
            {"SITE_URL": "https://www.example.nl"},
            {
                "SESSION_COOKIE_NAME": "__Host-session",
                "REMEMBER_COOKIE_NAME": "__Host-remember",
                "SESSION_COOKIE_SECURE": True,
                "TRUSTED_HOSTS": ["www.example.nl", "127.0.0.1", "localhost"],
            },
        ),
        (
            {"DATABASE_URL": "postgres://db.example/forum"},
            {"SQLALCHEMY_DATABASE_URI": "postgresql://db.example/forum"},
        ),
    ],
)
def test_what_follows_from_the_settings_is_worked_out(tmp_path, overrides, expected):
    if "DATABASE_URL" in overrides:
        pytest.importorskip("psycopg")
    app = create_app(tmp_path, environ={}, **overrides)
    assert {name: app.config[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"RATE_LIMITS": False}, "FORUM_RATE_LIMITS is off"),
        ({"SCREENING": False}, "FORUM_SCREENING is off"),
        ({"CLOCK": "clock.txt"}, "not obeyed"),
    ],
)
def test_what_must_not_be_so_on_a_public_site_is_said_loudly(tmp_path, caplog, overrides, words):
    create_app(tmp_path, environ={}, **overrides)
    assert [record.levelname for record in caplog.records if words in record.message] == ["WARNING"]
    caplog.clear()
    create_app(tmp_path, environ={})
    assert caplog.records == []

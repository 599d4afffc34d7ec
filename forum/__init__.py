"""Forum: an editorial site and its conversation. `create_app` is the map of the site."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response
from werkzeug.routing import IntegerConverter

ROOT = Path(__file__).resolve().parent.parent


class IdConverter(IntegerConverter):
    """A row's number in an address: from 1 to what the databases hold."""

    def __init__(self, url_map: Any) -> None:
        super().__init__(url_map, min=1, max=2**31 - 1)


def create_app(instance: Path | None = None, environ: Mapping[str, str] = os.environ, **overrides: Any) -> Flask:
    """Return the site as a WSGI program, for the installation in this folder (default: FORUM_INSTANCE, else instance/).

    Raises config.ConfigError when a setting cannot be used.
    """
    from forum import assets, config, errors, extensions, gate, limits, mail
    from forum.settings import queries as settings

    instance = instance or config.instance_folder(environ)
    packaged = Path(__file__).parent / "_assets"
    files = packaged if packaged.exists() else ROOT
    app = Flask("forum", instance_path=str(instance), static_folder=None, template_folder=str(files / "templates"))
    app.url_map.converters["id"] = IdConverter
    app.config.update({**config.load(instance, environ), **config.load_secrets(instance), **overrides})
    _derive(app, instance)
    assets.register(app, files / "static", instance)
    _serve_robots(app)

    extensions.db.init_app(app)
    extensions.migrate.init_app(
        app, extensions.db, directory=str(Path(__file__).parent / "migrations"), render_as_batch=True
    )
    extensions.csrf.init_app(app)
    gate.register(app)
    limits.register(app)
    errors.register(app)
    _speak(app, instance)
    mail.register(app, environ, site_name=lambda: settings.site().name)
    _open_doors(app)
    gate.let_write(app)
    _warn(app)
    return app


def _derive(app: Flask, instance: Path) -> None:
    """Work out what follows from the settings."""
    from forum.extensions import sqlite_module

    config = app.config
    address = config["DATABASE_URL"] or f"sqlite:///{instance / 'forum.sqlite'}"
    options: dict[str, Any] = {"hide_parameters": True}  # what people typed stands in no log
    if address.startswith("sqlite"):
        options["module"] = sqlite_module
    else:
        address = address.replace("postgres://", "postgresql://", 1)
        options["pool_pre_ping"] = True
        options["connect_args"] = {
            "options": "-c statement_timeout=5000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=10000"
        }
    config.setdefault(
        "LIMITS_ADDRESS", f"sqlite:///{instance / 'limits.sqlite'}" if address.startswith("sqlite") else address
    )
    config["MEDIA_FOLDER"] = config["MEDIA_FOLDER"] or str(instance / "media")
    site = urlsplit(config["SITE_URL"])
    secure = site.scheme == "https"
    config.update(
        SQLALCHEMY_DATABASE_URI=address,
        SQLALCHEMY_ENGINE_OPTIONS={**options, **config.get("SQLALCHEMY_ENGINE_OPTIONS", {})},
        BABEL_DEFAULT_LOCALE=config["LANGUAGE"],
        BABEL_DEFAULT_TIMEZONE=config["TIMEZONE"],
        MAX_CONTENT_LENGTH=4 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        WTF_CSRF_CHECK_DEFAULT=False,  # the origin check guards every form; account forms carry a token besides
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # no Referer needed: some browsers send none, and the origin check has been passed
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_NAME="__Host-remember" if secure else "remember_token",
        REMEMBER_COOKIE_SECURE=secure,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        PREFERRED_URL_SCHEME=site.scheme or "http",
    )
    if site.hostname:
        config["TRUSTED_HOSTS"] = [site.hostname, "127.0.0.1", "localhost", *config["TRUSTED_HOSTS"]]
    elif not config["TRUSTED_HOSTS"]:
        config["TRUSTED_HOSTS"] = None


def _serve_robots(app: Flask) -> None:
    """Tell robots to keep out of what is one person's."""

    @app.get("/robots.txt")
    def robots() -> Response:
        lines = [
            "User-agent: *",
            "Disallow: /account/",
            "Disallow: /desk/",
            "Disallow: /moderation/",
            "Disallow: /discussions/",
        ]
        return Response("\n".join(lines) + "\n", mimetype="text/plain", headers={"Cache-Control": "no-cache"})


def _speak(app: Flask, instance: Path) -> None:
    """Give the program its languages, its words and what every template knows."""
    from flask_babel import format_date, format_datetime, format_decimal

    from forum import clock, config, errors, translations, web
    from forum.extensions import babel
    from forum.following.views import Inbox
    from forum.sidebar import Sidebar

    if app.config["LANGUAGE"] not in translations.languages():
        there = ", ".join(translations.languages())
        raise config.ConfigError(f"LANGUAGE must be one of {there}, not {app.config['LANGUAGE']!r}")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(translations.compiled(instance))
    babel.init_app(app, locale_selector=web.language, timezone_selector=lambda: app.config["TIMEZONE"])
    translations.speak(app.jinja_env)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # Day and time as the paper writes them: "23 juni 2014 08:01 uur".
    app.jinja_env.filters.update(
        moment=clock.in_words,
        day=lambda value: format_date(value, "d MMMM y"),
        clock=lambda value: format_datetime(value, "HH:mm"),
        iso=clock.iso,
        number=format_decimal,
    )
    app.jinja_env.globals["asset"] = web.static_address

    @app.context_processor
    def known() -> dict[str, Any]:
        return {
            "site": web.site(),
            "viewer": web.viewer(),
            "sidebar": Sidebar(),
            "inbox": Inbox(),
            "here": errors.here,
            "sign_in_url": web.sign_in_address,
        }


def _open_doors(app: Flask) -> None:
    """Register the blueprints in the order in which a visitor meets them."""
    import forum.imports.models  # noqa: F401  its table belongs to the schema, though no page asks for it
    from forum import backstage, health, opening, styleguide, unsubscribe
    from forum.accounts import protection
    from forum.accounts import views as accounts
    from forum.articles import desk
    from forum.articles import views as articles
    from forum.comments import deeds, readers
    from forum.comments import desk as conversation
    from forum.comments import views as comments
    from forum.corrections import desk as faults
    from forum.corrections import views as corrections
    from forum.following import views as following
    from forum.media import desk as pictures
    from forum.media import views as media
    from forum.moderation import desk as people
    from forum.moderation import views as moderation
    from forum.polls import views as polls
    from forum.settings import desk as settings
    from forum.settings import views as site

    app.register_blueprint(articles.bp)
    app.register_blueprint(comments.bp)
    app.register_blueprint(deeds.bp)
    app.register_blueprint(readers.bp)
    app.register_blueprint(following.bp)
    app.register_blueprint(corrections.bp)
    app.register_blueprint(media.bp)
    app.register_blueprint(polls.bp)
    protection.register(app)
    app.register_blueprint(accounts.bp)
    app.register_blueprint(desk.bp)
    app.register_blueprint(faults.bp)
    app.register_blueprint(conversation.bp)
    app.register_blueprint(pictures.bp)
    app.register_blueprint(styleguide.bp)
    app.register_blueprint(moderation.bp)
    app.register_blueprint(people.bp)
    app.register_blueprint(settings.bp)
    app.register_blueprint(site.bp)
    opening.register(app)
    app.register_blueprint(unsubscribe.bp)
    app.register_blueprint(backstage.bp)
    app.register_blueprint(health.bp)


def _warn(app: Flask) -> None:
    """Say loudly what must not be so on a public site."""
    log = logging.getLogger("forum")
    if not app.config["RATE_LIMITS"]:
        log.warning("FORUM_RATE_LIMITS is off: nobody is told to slow down. For load tests only.")
    if not app.config["SCREENING"]:
        log.warning("FORUM_SCREENING is off: no comment is held or refused. For load tests only.")
    if app.config["CLOCK"] and not app.config["TESTING"]:
        log.warning("FORUM_CLOCK is set without FORUM_TESTING and is not obeyed.")

"""Flask-Security, set up once: accounts on our own tables, in our own pages and letters, with sessions that can be ended."""

from datetime import timedelta
from typing import Any, NoReturn

from flask import Flask, Response, after_this_request, g, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import user_logged_in, user_logged_out
from flask_login.utils import _user_context_processor
from flask_security import (
    MailUtil,
    PasswordUtil,
    Security,
    SQLAlchemyUserDatastore,
    UserMixin,
    change_email_confirmed,
    password_changed,
    password_reset,
)
from flask_security.mail_util import EmailValidateException
from flask_wtf.csrf import CSRFError
from passlib.context import CryptContext
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from forum import clock, gate, mail, web
from forum.accounts import forms, letters, operations, second_step, sessions
from forum.accounts.models import Passkey, Role, User
from forum.errors import NotAllowed, SignInNeeded, error_page
from forum.extensions import db, let_go, may_write

SESSION = "sid"  # under which the cookie carries the session's token
# What a desk member without a second step still reaches while the site requires one.
ALWAYS_OPEN = frozenset({"accounts", "security", "health", None})

SETTINGS: dict[str, Any] = {
    "URL_PREFIX": "/account",
    "REGISTER_URL": "/register",
    "CHANGE_URL": "/password",
    "CHANGE_EMAIL_URL": "/email",
    "TWO_FACTOR_SETUP_URL": "/codes",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/code",
    "TWO_FACTOR_RESCUE_URL": "/code-lost",
    "TWO_FACTOR_SELECT_URL": "/second-step",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/recovery-codes",
    "MULTI_FACTOR_RECOVERY_URL": "/recovery",
    "WAN_REGISTER_URL": "/passkeys",
    "WAN_DELETE_URL": "/passkeys-delete",
    "WAN_SIGNIN_URL": "/passkey",
    "WAN_VERIFY_URL": "/verify-passkey",
    # Passwords
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_HASH": "argon2",
    "DEPRECATED_PASSWORD_SCHEMES": [],
    # Of the address inside a signed link; the usual scheme takes seconds where Python has no crypt().
    "HASHING_SCHEMES": ["hex_sha256"],
    "DEPRECATED_HASHING_SCHEMES": [],
    "PASSWORD_CHECK_BREACHED": False,  # it would ask a server elsewhere
    "PASSWORD_CONFIRM_REQUIRED": False,
    # What there is
    "REGISTERABLE": True,
    "CONFIRMABLE": True,
    "RECOVERABLE": True,
    "CHANGEABLE": True,
    "CHANGE_EMAIL": True,
    "TRACKABLE": False,  # it would keep addresses
    "TWO_FACTOR": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,  # seconds that a clock may be off
    "TWO_FACTOR_RESCUE_EMAIL": False,
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "MULTI_FACTOR_RECOVERY_CODES_N": 10,
    "TWO_FACTOR_IMPLEMENTATIONS": {
        "code": "flask_security.twofactor.CodeTfPlugin",
        "webauthn": "forum.accounts.second_step.PasskeyStep",
    },
    "TOTP_ISSUER": "Forum",  # the app is told the site's name: second_step.Codes
    "WEBAUTHN": True,
    "WAN_ALLOW_USER_HINTS": False,
    "WAN_ALLOW_AS_VERIFY": ["first"],
    # How long things last
    "FRESHNESS": timedelta(hours=1),
    "FRESHNESS_GRACE_PERIOD": timedelta(0),
    "CONFIRM_EMAIL_WITHIN": timedelta(days=2),
    "CHANGE_EMAIL_WITHIN": timedelta(hours=2),
    "RESET_PASSWORD_WITHIN": timedelta(hours=1),  # ASVS 5.0, 6.5.5
    # Where one comes next
    "POST_LOGIN_VIEW": "/",
    "POST_LOGOUT_VIEW": "/",
    "POST_REGISTER_VIEW": "/account/login",
    "POST_CONFIRM_VIEW": "/account/login",
    "POST_CHANGE_VIEW": "/account/",
    "POST_CHANGE_EMAIL_VIEW": "/account/",
    "LOGOUT_METHODS": ["POST"],
    "LOGOUT_CSRF": False,
    "REDIRECT_VALIDATE_MODE": ["regex"],
    "REDIRECT_VALIDATE_RE": r"^/(?![/\\]).*",
    "RETURN_GENERIC_RESPONSES": True,
    "STATIC_FOLDER": None,  # its pages are ours
    "EMAIL_PLAINTEXT": False,  # its letters too
    "EMAIL_HTML": False,
}

# Opened from a letter: the page asks, its button acts. Programs that look for harm follow the links in mail.
ASKS_FIRST = {
    "security.confirm_email": "accounts/confirm.html",
    "security.change_email_confirm": "accounts/confirm_address.html",
}


class Letters(MailUtil):
    """Flask-Security's letters, in our words and by our mail; and addresses as we keep them."""

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: Any, html: Any, **kwargs: Any
    ) -> None:
        """Write the letter, and see to it that it is committed: not every page that sends one does so."""
        letters.send(template, recipient, web.language(), kwargs)
        _commit_afterwards()

    def normalize(self, email: str) -> str:
        """Return the address as it is kept. Raises EmailValidateException."""
        try:
            return operations.normalised_email(email)
        except operations.InvalidAccount as refusal:
            raise EmailValidateException(str(refusal)) from refusal

    validate = normalize


class Hashing(CryptContext):
    """Argon2 takes its time on purpose; meanwhile nobody else waits for the lock with which SQLite's writers take turns."""

    def hash(self, *args: Any, **kwargs: Any) -> str:
        """Return the hash of a password, made outside of any transaction that has only read."""
        let_go()
        return str(super().hash(*args, **kwargs))

    def verify(self, *args: Any, **kwargs: Any) -> bool:
        """Tell whether a password is the one of this hash; found out outside of any transaction that has only read."""
        let_go()
        return bool(super().verify(*args, **kwargs))


class Passwords(PasswordUtil):
    """What a password must be, said in our words."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """Return what is wrong with it, or None; and the form of it that is hashed."""
        user = kwargs.get("user")
        words = [user.email, user.name] if user else [str(word) for word in kwargs.values() if word]
        try:
            return None, operations.checked_password(password, [*words, web.site().name])
        except operations.InvalidAccount as refusal:
            return [str(refusal)], self.normalize(password)


class Users(SQLAlchemyUserDatastore):
    """Makes users the way everybody else does."""

    def create_user(self, **kwargs: Any) -> User:
        """Return a new user who has yet to confirm the address."""
        return operations.sign_up(kwargs["email"], kwargs["name"], kwargs["password"])


def register(app: Flask) -> None:
    """Put everything about accounts below /account/."""
    config = app.config
    for name, value in SETTINGS.items():
        config.setdefault(f"SECURITY_{name}", value)
    config.update(
        SESSION_PROTECTION=None,  # it would keep a hash of the address; sessions are rows instead
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=sessions.KEPT,
        SECURITY_DATETIME_FACTORY=clock.now,
        SECURITY_PASSWORD_SALT=config["PASSWORD_SALT"],
        SECURITY_TOTP_SECRETS={"1": config["TOTP_KEY"]},
        # OWASP's second choice for argon2id: 19 MiB, so that 16 threads that hash at once stay small.
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={
            "argon2__memory_cost": 19456,
            "argon2__time_cost": 2,
            "argon2__parallelism": 1,
            **config.get("PASSWORD_COST", {}),
        },
        # Its sentences in our words, beside our own.
        SECURITY_I18N_DIRNAME=[config["BABEL_TRANSLATION_DIRECTORIES"]],
    )
    security = Security(
        app,
        Users(db, User, Role, Passkey),
        login_form=forms.SignInForm,
        register_form=forms.SignUpForm,
        send_confirmation_form=forms.AskConfirmationForm,
        forgot_password_form=forms.AskResetForm,
        reset_password_form=forms.ForgottenPasswordForm,
        change_password_form=forms.NewPasswordForm,
        change_email_form=forms.NewAddressForm,
        verify_form=forms.PasswordAgainForm,
        two_factor_verify_code_form=forms.CodeForm,
        mf_recovery_form=forms.RecoveryCodeForm,
        wan_register_form=forms.NewPasskeyForm,
        wan_signin_response_form=forms.PasskeyAnswerForm,
        mail_util_cls=Letters,
        password_util_cls=Passwords,
        totp_cls=second_step.Codes,
        mf_recovery_codes_util_cls=second_step.RecoveryCodes,
        webauthn_util_cls=second_step.Passkeys,
    )
    security.pwd_context = Hashing(**security.pwd_context.to_dict())
    security.want_json(lambda _request: False)
    security.unauthn_handler(_sign_in_first)
    # Templates know of nobody but `viewer`, and a page without one asks for no user.
    app.template_context_processors[None].remove(_user_context_processor)
    _ask_first(app)
    _keep_sessions(app)

    @app.errorhandler(CSRFError)
    def without_token(error: CSRFError) -> Response:
        return error_page(
            400, gettext("The form was open for too long, or your browser keeps no cookies. Open it again.")
        )


def _sign_in_first(mechanisms: list[str] | None = None, headers: dict[str, str] | None = None) -> NoReturn:
    raise SignInNeeded()


def _ask_first(app: Flask) -> None:
    """Let links in letters show a page with a button; only the button changes anything."""
    app.add_url_rule("/account/email/<token>", "security.change_email_confirm", methods=["POST"])
    for endpoint, template in ASKS_FIRST.items():
        app.view_functions[endpoint] = _asking(app.view_functions[endpoint], template)
    # Nobody is led to it while signing in: where a second step is required, _require_second_step sees to that.
    app.view_functions["security.two_factor_setup"] = _for_users(app.view_functions["security.two_factor_setup"])
    # It would sign out who is signed in already and only follows a link here.
    app.view_functions["security.two_factor_token_validation"] = _for_strangers(
        app.view_functions["security.two_factor_token_validation"]
    )
    # Its page for a lost phone offers letters to a help desk; here paper codes help.
    app.view_functions["security.two_factor_rescue"] = lambda: redirect("/account/recovery")


def _asking(act: Any, template: str) -> Any:
    def view(token: str) -> ResponseReturnValue:
        return act(token=token) if request.method == "POST" else web.page(template)

    return view


def _for_users(act: Any) -> Any:
    def view() -> ResponseReturnValue:
        web.require_user()
        return act()  # type: ignore[no-any-return]

    return view


def _for_strangers(act: Any) -> Any:
    def view() -> ResponseReturnValue:
        return act() if web.actor() is None else redirect("/account/")

    return view


# Sessions


def _keep_sessions(app: Flask) -> None:
    """Let nobody be signed in but by a session that is there: ended ones are over at their next request."""
    app.login_manager.user_loader(_signed_in)  # type: ignore[attr-defined]
    app.before_request(_require_second_step)
    app.after_request(_note_seen)
    user_logged_in.connect(_begin, app)
    user_logged_out.connect(_end, app)
    password_changed.connect(_end_others, app)
    password_reset.connect(_end_others, app)
    change_email_confirmed.connect(_address_changed, app)


def _signed_in(uniquifier: str) -> User | None:
    """Return who this is, as long as the account and the session stand."""
    user = db.session.scalar(select(User).where(User.fs_uniquifier == uniquifier))
    known = sessions.find(user, session.get(SESSION, "")) if user is not None and user.is_active else None
    if user is None or known is None:
        return None
    if sessions.is_stale(known):
        g.seen_session = known.id
    g.fs_authn_via, g.fs_paa = "session", session.get("fs_paa", 0)  # what Flask-Security's own loader notes
    return user


def token_here() -> str:
    """Return the token of the session that this request is of; "" without one."""
    return str(session.get(SESSION, ""))


def _begin(_app: Flask, user: UserMixin, **_more: Any) -> None:
    """Write the session's row. Who wants to stay signed in keeps the one cookie for longer; there is no second one."""
    if SESSION in session:
        sessions.end_by_token(session[SESSION])
    session.permanent = session.pop("_remember", None) == "set" or (session.permanent and SESSION in session)
    session[SESSION] = sessions.begin(_row(user), request.headers.get("User-Agent", ""))
    session.pop("_id", None)
    _commit_afterwards()


def _end(_app: Flask, **_more: Any) -> None:
    token = session.pop(SESSION, None)
    session.pop("_remember", None)
    session.permanent = False
    if token is not None:
        sessions.end_by_token(token)
        _commit_afterwards()


def _end_others(_app: Flask, user: UserMixin, **_more: Any) -> None:
    sessions.end_all(_row(user), but_token=session.get(SESSION))


def _address_changed(_app: Flask, user: UserMixin, old_email: str, **_more: Any) -> None:
    """Tell the old address, and end everything that was given out for it: links in letters and sessions, but this one."""
    row = _row(user)
    mail.send(old_email, "address-changed", web.language(), name=row.name)
    is_here = session.get("_user_id") == row.fs_uniquifier
    operations.renew(row)
    if is_here and SESSION in session:
        session["_user_id"] = row.fs_uniquifier
        session[SESSION] = sessions.begin(row, request.headers.get("User-Agent", ""))


def _row(user: Any) -> User:
    """Return the row itself: Flask-Security hands its proxy around."""
    return user._get_current_object() if hasattr(user, "_get_current_object") else user  # type: ignore[no-any-return]


def _commit_afterwards() -> None:
    if "commits" in g:
        return
    g.commits = True

    @after_this_request
    def commit(response: Response) -> Response:
        db.session.commit()
        return response


def _note_seen(response: Response) -> Response:
    """Note the hour, in a transaction of its own once the page is made; that it fails is no reason to give no page."""
    number = g.pop("seen_session", None)
    if number is None or request.method not in gate.SAFE_METHODS:
        return response
    session.modified = True  # a cookie that lasts begins to last anew
    db.session.rollback()
    token = may_write.set(True)
    try:
        sessions.seen(number)
        db.session.commit()
    except OperationalError:
        db.session.rollback()
    finally:
        may_write.reset(token)
    return response


def _require_second_step() -> ResponseReturnValue | None:
    """Lead a desk member to the second step, where the site requires one of everybody who speaks for it."""
    if request.blueprint in ALWAYS_OPEN or request.endpoint == "static":
        return None
    user = web.actor()
    if user is None or not user.is_staff or user.has_second_step or not web.site().settings.staff_needs_second_factor:
        return None
    if request.method not in gate.SAFE_METHODS:
        raise NotAllowed(
            gettext("Set up a second step for signing in first: this site asks it of everybody at the desk.")
        )
    return redirect("/account/?needed=1")

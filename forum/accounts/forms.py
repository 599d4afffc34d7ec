"""The forms about accounts: Flask-Security's with our limits and rules, and our own."""

from contextlib import suppress
from typing import Any

from flask import Response, after_this_request, session
from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _l
from flask_security import ChangeEmailForm, ChangePasswordForm, ResetPasswordForm
from flask_security.forms import (
    ForgotPasswordForm,
    LoginForm,
    RegisterFormV2,
    SendConfirmationForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.utils import hash_password
from flask_security.webauthn import WebAuthnRegisterForm, WebAuthnSigninResponseForm
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from forum import gate, limits, web
from forum.accounts import names, operations
from forum.accounts.models import User
from forum.articles.queries import protected_names
from forum.errors import ForumError, TooFast, in_words, with_retry
from forum.moderation import queries as moderation


def _too_fast(form: Any, refusal: TooFast) -> bool:
    """Tell the form's sender when to come back, with the status that says so to programs (RFC 6585, 4)."""
    form.form_errors.append(gettext("Too many tries. Wait %(wait)s and try again.", wait=in_words(refusal.retry_after)))

    def later(response: Response) -> Response:
        response.status_code = refusal.status
        return with_retry(response, refusal)

    after_this_request(later)
    return False


def _counted(form: Any, tried: dict[str, str]) -> bool:
    """Count a try under these limits and tell whether there was room."""
    try:
        for name, who in tried.items():
            limits.take(name, who)
    except TooFast as refusal:
        return _too_fast(form, refusal)
    return True


def _suspended(user: User) -> str:
    """Return until when and why somebody is kept out."""
    until = format_date(user.suspended_until, "d MMMM y")
    act = moderation.last_suspension(user)
    if act is None:
        return gettext("This account is suspended until %(day)s.", day=until)
    return gettext("This account is suspended until %(day)s. The reason: %(reason)s", day=until, reason=act.reason)


def _address_typed(form: Any) -> str:
    return (form.email.data or "").strip().lower()


class SignInForm(LoginForm):
    """Flask-Security's form, with growing patience for wrong passwords and no way in from outside for the demonstration."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = self.next.data or "/"  # else the second step leads back to this page, by its whole address

    def validate(self, **kwargs: Any) -> bool:
        """Tell whether this is somebody who may come in; the sentence never tells whether an address exists."""
        account, block = _address_typed(self), web.client_block()
        tried = {"sign-in from address": block, "sign-in to account": account, "sign-in": f"{account} {block}"}
        try:
            for name, who in tried.items():
                limits.look(name, who)
        except TooFast as refusal:
            return _too_fast(self, refusal)
        if not super().validate(**kwargs):
            if self.requires_confirmation:  # the password was right: this much may be told
                self.email.errors = []
                self.form_errors.append(
                    gettext("Confirm your address first, with the link in the letter that we sent.")
                )
                return False
            if self.user_authenticated and isinstance(self.user, User) and self.user.is_suspended:  # and this
                self.email.errors = []
                self.form_errors.append(_suspended(self.user))
                return False
            with suppress(TooFast):  # this was the last one: the next is told
                for name, who in tried.items():
                    limits.take(name, who)
            return False
        if isinstance(self.user, User) and self.user.is_demo and not gate.is_loopback():
            self.form_errors.append(gettext("Demonstration accounts work on the machine itself only."))
            return False
        return True


class SignUpForm(RegisterFormV2):
    """Address, password and the name that readers will see. Whether the address has an account already is never told."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=operations.LONGEST_NAME)])

    def validate(self, **kwargs: Any) -> bool:
        """Tell whether an account can be made of this."""
        if not _counted(self, {"sign-up from address": web.client_block()}):
            return False
        is_good = super().validate(**kwargs)
        if self.name.errors:
            return False
        try:
            self.name.data = operations.checked_name(self.name.data)
            names.refuse_lookalike(self.name.data, protected_names())
        except ForumError as refusal:
            self.name.errors = [*self.name.errors, str(refusal)]
            return False
        return is_good


class AskResetForm(ForgotPasswordForm):
    """Asking for the letter with which one sets a new password."""

    def validate(self, **kwargs: Any) -> bool:
        """Tell whether there is somebody to write to; the page says the same either way."""
        tried = {"letter from address": web.client_block(), "letter": _address_typed(self)}
        if not _counted(self, tried) or not super().validate(**kwargs):
            return False
        hash_password("not-a-password")  # what Flask-Security does for a strange address: both take equally long
        return True


class AskConfirmationForm(SendConfirmationForm):
    """Asking for the letter with which one confirms an address once more."""

    def validate(self, **kwargs: Any) -> bool:
        """Tell whether there is somebody to write to; the page says the same either way."""
        tried = {"letter from address": web.client_block(), "letter": _address_typed(self)}
        return _counted(self, tried) and super().validate(**kwargs)


class NewAddressForm(ChangeEmailForm):
    """The new address, which counts when it is confirmed."""

    def validate(self, **kwargs: Any) -> bool:
        """Tell whether a letter can go there; the page does not say when somebody has the address already."""
        tried = {"letter from address": web.client_block(), "letter": _address_typed(self)}
        return _counted(self, tried) and super().validate(**kwargs)


class NewPasswordForm(ChangePasswordForm):
    """The old password and the new one, once: who mistypes it asks for a letter."""

    new_password_confirm = None

    def validate(self, **kwargs: Any) -> bool:
        """Tell whether the old one is right and the new one good."""
        return _counted(self, {"password": web.require_user().fs_uniquifier}) and super().validate(**kwargs)


class ForgottenPasswordForm(ResetPasswordForm):
    """The new password, from the letter's link."""

    password_confirm = None


class PasswordAgainForm(VerifyForm):
    """The password again, before something that a borrowed browser must not do."""

    def validate(self, **kwargs: Any) -> bool:
        """Tell whether it is right."""
        return _counted(self, {"password": self.user.fs_uniquifier}) and super().validate(**kwargs)


def _guess(form: Any) -> bool:
    """Count a try to guess a code of whoever gave the password."""
    return form.user is not None and _counted(form, {"code": str(form.user.id)})


class CodeForm(TwoFactorVerifyCodeForm):
    """A code of the app."""

    def validate(self, **kwargs: Any) -> bool:
        """Tell whether it is right, and not used before."""
        return _guess(self) and super().validate(**kwargs)


class RecoveryCodeForm(MfRecoveryForm):
    """A code from paper."""

    def validate(self, **kwargs: Any) -> bool:
        """Tell whether it is right, and not used before."""
        return _guess(self) and super().validate(**kwargs)


class NewPasskeyForm(WebAuthnRegisterForm):
    """The name of a new passkey. Every one may sign in by itself."""

    def validate(self, **kwargs: Any) -> bool:
        """Tell whether the name is free."""
        self.usage.data = "first"
        return super().validate(**kwargs)


class PasskeyAnswerForm(WebAuthnSigninResponseForm):
    """What a passkey answered, by itself or after the password."""

    def validate(self, **kwargs: Any) -> bool:
        """Tell whether it is a passkey of whoever is signing in: the same ones serve for both."""
        follows, self.is_secondary = self.is_secondary, False
        if not super().validate(**kwargs) or not isinstance(self.user, User):
            return False
        if follows and self.user.fs_uniquifier != session.get("tf_user_id"):
            self.credential.errors = [gettext("This passkey is another account's.")]
            return False
        if self.user.is_demo and not gate.is_loopback():
            self.credential.errors = [gettext("Demonstration accounts work on the machine itself only.")]
            return False
        return True


class AboutForm(FlaskForm):
    """What a member tells of themselves."""

    about = TextAreaField(_l("About you"))


class LeaveForm(FlaskForm):
    """Letting an account go: what becomes of its comments, and the password."""

    comments = RadioField(
        _l("Your comments"),
        [InputRequired()],
        choices=[
            ("keep", _l("stay, without your name")),
            ("blank", _l("are emptied; the replies to them stay")),
        ],
        default="keep",
    )
    password = PasswordField(_l("Password"), [InputRequired()])


class EarlierForm(FlaskForm):
    """The address under which somebody wrote before there was this site."""

    email = EmailField(_l("E-mail"), [InputRequired(), Length(max=254)])


class FirstAdminForm(FlaskForm):
    """Who will run the site."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=operations.LONGEST_NAME)])
    email = EmailField(_l("E-mail"), [InputRequired(), Length(max=254)])
    password = PasswordField(_l("Password"), [InputRequired(), Length(min=8, max=200)])

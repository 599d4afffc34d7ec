"""What comes after the password: codes of an app, recovery codes and passkeys. Flask-Security's workings, made stricter."""

import hashlib
import hmac
import secrets
from typing import Any

import qrcode
from flask import current_app
from flask_babel import gettext
from flask_security import MfRecoveryCodesUtil, Totp, UserMixin, WebauthnUtil
from flask_security.webauthn import WebAuthnTfPlugin
from markupsafe import Markup
from passlib.exc import TokenError
from sqlalchemy import select
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from forum import clock
from forum.accounts.models import User
from forum.extensions import db


class Codes(Totp):
    """Codes of an app (TOTP, RFC 6238), of which none works twice."""

    def verify_totp(self, token: str, totp_secret: str, user: UserMixin, window: int = 0) -> bool:
        """Tell whether the app shows this code (or does so `window` seconds before or after), and it is later than any before.

        The row is ours until the commit: of two at once one waits, and is refused (RFC 6238, 5.2).
        """
        last = db.session.scalar(select(User.tf_last_counter).where(User.id == user.id).with_for_update())
        try:
            match = self._totp.verify(token, totp_secret, time=clock.now(), window=window, last_counter=last)
        except TokenError:
            return False
        user.tf_last_counter = match.counter  # type: ignore[attr-defined]
        return True

    def get_totp_uri(self, username: str, totp_secret: str) -> str:
        """Return what the app reads; the site's name stands with the account there."""
        name = current_app.extensions["forum-mail"]["site_name"]().replace(":", " ")
        return str(self._totp.from_source(totp_secret).to_uri(username, issuer=name))

    def generate_qrcode(self, username: str, totp: str) -> str:
        """Return that as a picture in the page itself, dark on light for a camera: no address, no file, no style."""
        code = qrcode.QRCode(border=4)
        code.add_data(self.get_totp_uri(username, totp))
        rows = code.get_matrix()
        path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
        return Markup(
            '<svg viewBox="0 0 {size} {size}" role="img" aria-label="{label}">'
            '<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path fill="#000" d="{path}"/></svg>'
        ).format(size=len(rows), path=path, label=gettext("QR code for your app"))


class RecoveryCodes(MfRecoveryCodesUtil):
    """Codes on paper, for who lost the rest. They are shown once; only hashes stay, and a used one goes."""

    def create_recovery_codes(self, user: UserMixin) -> list[str]:
        """Return new codes; those from before are worthless from now on."""
        words = [secrets.token_hex(8) for _ in range(current_app.config["SECURITY_MULTI_FACTOR_RECOVERY_CODES_N"])]
        user.mf_recovery_codes = [_hash(word) for word in words]
        return ["-".join(word[at : at + 4] for at in range(0, len(word), 4)) for word in words]

    def get_recovery_codes(self, user: UserMixin) -> list[str]:
        """Return none: they are shown when they are made."""
        return []

    def check_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Tell whether this is one of them. The row is ours until the commit: of two at once one waits, and is refused."""
        return _hash(code) in self._kept(user)

    def delete_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Take a used code away, and tell whether it was there."""
        kept = self._kept(user)
        user.mf_recovery_codes = [each for each in kept if each != _hash(code)]
        return len(user.mf_recovery_codes) < len(kept)

    def _kept(self, user: UserMixin) -> list[str]:
        found = select(User.mf_recovery_codes).where(User.id == user.id).with_for_update()
        return db.session.scalar(found) or []


def _hash(code: str) -> str:
    """Return what is kept of a code; in whatever way it is typed."""
    word = "".join(letter for letter in code.lower() if letter.isalnum())
    return hmac.new(current_app.config["PASSWORD_SALT"].encode(), word.encode(), hashlib.sha256).hexdigest()


class Passkeys(WebauthnUtil):
    """Passkeys that prove the person too (finger, face or PIN): they sign in by themselves, or follow the password."""

    def registration_options(self, user: UserMixin, usage: str, existing_options: dict[str, Any]) -> dict[str, Any]:
        """Return what the browser is asked for when one is made; it shows the site's name."""
        existing_options["rp_name"] = current_app.extensions["forum-mail"]["site_name"]()
        return super().registration_options(user, usage, existing_options)

    def authenticator_selection(self, user: UserMixin, usage: str) -> AuthenticatorSelectionCriteria:
        """Return what a new one must be able to do; where it is kept is its owner's affair."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        )

    def user_verification(self, user: UserMixin | None, usage: list[str]) -> UserVerificationRequirement:
        """Return that the person is always proven."""
        return UserVerificationRequirement.REQUIRED


class PasskeyStep(WebAuthnTfPlugin):
    """Who has a passkey is asked for it after the password too: else a stolen password would be enough."""

    def get_setup_methods(self, user: UserMixin) -> list[tuple[str, str]]:
        """Return this way, where there is a passkey to go it with."""
        return [("webauthn", gettext("A passkey"))] if user.webauthn else []

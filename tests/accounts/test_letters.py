"""Letters go to confirmed addresses only, but for the one that confirms."""

import pytest

from forum import mail
from forum.accounts.letters import TO_CONFIRM
from forum.accounts.operations import sign_up
from forum.worker import work
from tests.factories import make_user


@pytest.fixture
def arrive(app, session):
    """Send this letter to this address and tell whether it left."""

    def arrive(address, template):
        mail.outbox().clear()
        mail.send(address, template, "nl", links={"action": "/"}, name="Wilma", day="", reason="")
        session.commit()
        work(app, once=True)
        return len(mail.outbox()) == 1

    return arrive


@pytest.mark.parametrize("template", ["confirm", "reset", "password-changed", "suspended", "test"])
def test_an_account_that_is_not_confirmed_gets_only_what_confirms_it(arrive, session, now, template):
    wilma = sign_up("wilma@example.org", "Wilma", "geen hash")
    assert arrive("Wilma@example.org", template) == (template in TO_CONFIRM)
    wilma.confirmed_at = now()
    assert arrive("wilma@example.org", template)
    make_user("ann")
    assert arrive("ann@example.org", template)


def test_it_counts_when_the_letter_leaves_not_when_it_was_written(app, session, now):
    ann = make_user("ann")
    mail.outbox().clear()
    mail.send("ann@example.org", "test", "nl")
    ann.confirmed_at = None
    session.commit()
    work(app, once=True)
    assert mail.outbox() == []

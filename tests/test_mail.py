"""A letter leaves with its transaction, once, to who may get it; what people typed is in it as words and as nothing else."""

import email
import email.policy
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from forum import create_app, jobs, mail
from forum.config import ConfigError
from forum.jobs import Job
from forum.mail import MailAddress
from forum.settings import operations as settings
from tests.post_office import post_office
from tests.test_jobs import run, state
from tests.workers import at_work, kill_at_random, start, until

INJECTIONS = ("x\r\nBcc: eve@example.org", "x\nSubject: y", "x\x00", "x\u2028Bcc: eve@example.org")


@pytest.fixture(autouse=True)
def empty_outbox(app):
    mail.outbox().clear()


@pytest.fixture
def letter(app, session):
    """Write a letter, let the worker deliver it, and return it as it arrives."""

    def write(to="ann@example.org", template="test", language="nl", **more):
        mail.send(to, template, language, **more)
        run(app)
        (message,) = mail.outbox()
        mail.outbox().clear()
        return email.message_from_bytes(message.as_bytes(policy=mail.WIRE), policy=email.policy.default)

    return write


@pytest.fixture
def template(app):
    """Let there be a template "note" that repeats what somebody wrote, wherever it can."""
    from jinja2 import ChoiceLoader, DictLoader

    words = {
        "email/note.txt": '{% extends "email/base.txt" %}{% block subject %}Note {{ name }}{{ quote }}{% endblock %}'
        '{% block body %}{{ name }}: {% include "email/_quote.txt" %}{{ links.read }}{% endblock %}',
        "email/note.html": '{% extends "email/base.html" %}{% block body %}{{ name }}: {% include "email/_quote.html" %}'
        '<a href="{{ links.read }}">x</a>{% endblock %}',
    }
    usual = app.jinja_env.loader
    app.jinja_env.loader = ChoiceLoader([DictLoader(words), usual])
    yield "note"
    app.jinja_env.loader = usual
    app.jinja_env.cache.clear()


def text_of(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(message):
    return message.get_body(("html",)).get_content().replace("\r\n", "\n")


# What a letter is


def test_a_letter_is_text_and_html_in_the_language_of_its_reader(letter):
    settings.change(name="De Nieuwsbode")
    for language, subject, words in (
        ("nl", "Een proefbericht van De Nieuwsbode", "Je hoeft niets te doen."),
        ("en", "A test from De Nieuwsbode", "You need not do anything."),
    ):
        message = letter(language=language)
        assert message["Subject"] == subject
        assert words in text_of(message)
        assert words in html_of(message)
        assert f'lang="{language}"' in html_of(message)
        assert text_of(message).endswith("\n-- \nDe Nieuwsbode\nhttp://127.0.0.1:8000/\n")


def test_it_is_from_us_says_that_no_person_sent_it_and_asks_for_no_answer(make_site, letter):
    message = letter()
    assert message["From"] == "Forum <noreply@localhost>"
    assert message["To"] == "ann@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert {"Reply-To", "List-Unsubscribe", "Bcc", "Sender"} & set(message.keys()) == set()
    with make_site(SITE_URL="https://www.krant.example").app_context():
        assert mail.sender() == "noreply@www.krant.example"
        assert mail.absolute("/x") == "https://www.krant.example/x"


def test_links_begin_where_the_server_says_it_serves(home, app):
    there = create_app(home.instance, environ={mail.SERVED_AT: "http://127.0.0.1:8123"}, MAIL_BACKEND="memory")
    with there.app_context():
        assert mail.absolute("/account/") == "http://127.0.0.1:8123/account/"


def test_its_id_and_date_are_those_of_its_writing(app, session, now):
    mail.send("ann@example.org", "test", "nl")
    session.commit()
    written = session.scalar(select(Job.payload))["message_id"]
    now.moment += timedelta(hours=2)
    run(app)
    (message,) = mail.outbox()
    assert message["Message-ID"] == written
    assert re.fullmatch(r"<[0-9a-f]{24}\.[0-9a-f]{20}@localhost>", written)
    assert message["Date"].datetime == now() - timedelta(hours=2)


def test_a_letter_of_a_transaction_that_is_taken_back_is_never_sent(app, session):
    mail.send("ann@example.org", "test", "nl")
    session.rollback()
    run(app)
    assert mail.outbox() == []


def test_a_letter_with_a_key_is_written_once(app, session):
    for _ in range(2):
        mail.send("ann@example.org", "test", "nl", key="welcome ann")
        run(app)
    assert len(mail.outbox()) == 1


# What people typed


@pytest.mark.parametrize(
    "address",
    [
        *(f"{words}@example.org" for words in INJECTIONS),
        *(f"ann@example.org{words}" for words in INJECTIONS),
        "ann@example.org, eve@example.org",
        "ann",
        "@example.org",
        "ann@",
        "Ann <ann@example.org>",
        "ann@exa mple.org",
        "anñ@example.org",
        f"{'a' * 65}@example.org",
        f"ann@{'a.' * 130}nl",
    ],
)
def test_an_address_that_is_more_or_less_than_one_is_refused(app, address):
    with pytest.raises(ValueError, match="not a mail address"):
        mail.send(address, "test", "nl")


def test_a_domain_of_letters_of_any_kind_is_written_as_the_mail_servers_know_it(letter):
    assert letter(" Ann@BÜCHER.example")["To"] == "Ann@xn--bcher-kva.example"


@pytest.mark.parametrize("words", INJECTIONS)
def test_no_word_of_anybody_reaches_a_header(letter, template, words):
    settings.change(name=f"Krant {words}")
    message = letter(template=template, name=words, quote=words)
    assert "Bcc" not in message
    assert message["Subject"] == "Note"
    assert len(message.get_all("Subject")) == 1
    assert message["From"].addresses[0].display_name.startswith("Krant x")
    assert message["From"].addresses[0].addr_spec == "noreply@localhost"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("kijk op https://evil.example/a.b?c", "kijk op https: //evil. example/a. b?c"),
        ("www.evil.example", "www. evil. example"),
        ("evil.nl", "evil. nl"),
        ("http://localhost/x", "http: //localhost/x"),
        ("HTTP://10.0.0.1/", "HTTP: //10.0.0.1/"),
        ("mailto:eve@evil.nl", "mailto:eve @ evil. nl"),
        ("evil．nl evil。nl evil｡nl", "evil． nl evil。 nl evil｡ nl"),
        ("evil.\u200bnl", "evil. nl"),
        ("ev\u202eil.nl", "evil. nl"),
        ("evil-.nl ev_.nl", "evil-. nl ev_. nl"),
        ("punt.Nl", "punt. Nl"),
        ("Goed zo. Versie 3.14 kost 1.250,50 ... en meer.", "Goed zo. Versie 3.14 kost 1.250,50 ... en meer."),
        ("twee\nregels\ten\xa0meer\r\n", "twee\nregels en meer \n"),
    ],
)
def test_what_somebody_typed_has_no_live_link(typed, shown):
    assert mail.without_links(typed) == shown


def test_a_quotation_is_marked_and_harmless_in_both_parts_and_our_links_work(letter, template):
    message = letter(
        template=template,
        name="eve.nl",
        quote="<a href='https://evil.nl'>gratis</a>\nwww.evil.nl",
        links={"read": "/comments/42"},
    )
    text, html = text_of(message), html_of(message)
    assert "> <a href='https: //evil. nl'>gratis</a>\n> www. evil. nl\n" in text
    assert "&lt;a href=&#39;https: //evil. nl&#39;&gt;gratis&lt;/a&gt;<br>" in html
    links = re.findall(r"\w+://[^\s\"<]+", text + html)
    assert set(links) == {"http://127.0.0.1:8000/comments/42", "http://127.0.0.1:8000/"}
    assert set(re.findall(r'href="([^"]*)"', html)) == set(links)
    assert "eve.nl" not in text + html


@pytest.mark.parametrize("link", ["https://evil.nl/", "//evil.nl/", "evil.nl", "/a\r\nb", "/a b", ""])
def test_a_link_is_a_path_of_ours(app, link):
    with pytest.raises(ValueError, match="not a path of ours"):
        mail.send("ann@example.org", "test", "nl", links={"read": link})


def test_what_cannot_be_kept_or_is_not_there_is_refused_at_the_writing(app):
    from jinja2 import TemplateNotFound

    with pytest.raises(TypeError):
        mail.send("ann@example.org", "test", "nl", what=object())
    with pytest.raises(TemplateNotFound):
        mail.send("ann@example.org", "nothing", "nl")


# Lists


def test_a_letter_of_a_list_says_how_to_end_it_in_a_header_that_programs_can_read(app, session, letter, client):
    message = letter(mailing="digest")
    raw = message.as_bytes(policy=mail.WIRE).decode()
    token = session.scalar(select(MailAddress.token))
    assert f"\r\nList-Unsubscribe: <http://127.0.0.1:8000/mail/lists/digest/{token}>\r\n" in raw
    assert "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert message["List-Id"] == "<digest.localhost>"
    assert letter("ANN@example.org", mailing="digest")["List-Unsubscribe"] == message["List-Unsubscribe"]
    for name in ("Di gest", "x\r\nBcc: eve@example.org", ""):
        with pytest.raises(ValueError, match="no name for a list"):
            mail.send("ann@example.org", "test", "nl", mailing=name)


def test_who_declined_a_list_gets_that_list_no_more_and_all_else_still(app, session, letter):
    mail.decline("ann@example.org", "digest")
    mail.decline("Ann@example.org", "digest")
    mail.send("ann@example.org", "test", "nl", mailing="digest")
    run(app)
    assert mail.outbox() == []
    assert letter()["To"] == "ann@example.org"
    assert letter(mailing="replies")["To"] == "ann@example.org"
    mail.accept("ann@example.org", "digest")
    assert letter(mailing="digest")["To"] == "ann@example.org"


# Who may get one


def test_a_guard_is_asked_when_the_letter_leaves(app, session, letter):
    asked = []

    @mail.guards
    def only_ann(address, name):
        asked.append((address, name))
        return address.startswith("ann@")

    try:
        assert letter()["To"] == "ann@example.org"
        mail.send("eve@example.org", "test", "nl")
        run(app)
        assert mail.outbox() == []
        assert asked == [("ann@example.org", "test"), ("eve@example.org", "test")]
        assert session.scalar(select(func.count()).where(Job.kind == "mail", Job.finished_at.is_(None))) == 0
    finally:
        mail._guards.remove(only_ann)


def test_after_too_much_came_back_within_a_month_nothing_is_sent_until_it_is_forgiven(app, session, now, letter):
    mail.bounced("ann@example.org", mail.HARD)
    now.moment += timedelta(days=31)
    mail.bounced("ann@example.org", mail.HARD)
    assert letter()["To"] == "ann@example.org"
    for _ in range(2):
        mail.bounced("ANN@example.org", mail.SOFT)
    mail.send("ann@example.org", "test", "nl")
    run(app)
    assert mail.outbox() == []
    mail.forgive("ann@example.org")
    assert letter()["To"] == "ann@example.org"


REPORT = """\
From: MAILER-DAEMON@krant.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; krant.example

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}

--b
Content-Type: {kind}

{headers}
--b--
"""


def report(message_id, to="Ann@example.org", action="failed", status="5.1.1", kind="text/rfc822-headers"):
    headers = f"From: redactie@krant.example\nMessage-ID: {message_id}\nSubject: x\n"
    return REPORT.format(to=to, action=action, status=status, kind=kind, headers=headers).encode()


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_report_on_a_letter_of_ours_is_counted(app, session, letter, kind):
    number = letter()["Message-ID"]
    assert mail.take_back(report(number, kind=kind)) == "Ann@example.org"
    assert mail.take_back(report(number, kind=kind, status="4.4.7")) == "Ann@example.org"
    assert session.get(MailAddress, "ann@example.org").bounces == mail.HARD + mail.SOFT


def test_any_other_report_is_left_alone(app, session, letter):
    number = letter()["Message-ID"]
    for other in (
        report(number, to="eve@example.org"),
        report("<0123456789abcdef01234567.0123456789abcdef0123@localhost>"),
        report("<x@localhost>"),
        report(number, action="delayed"),
        report(number, to="x\x00"),
        b"",
        b"\xff\xfe no mail at all",
        b"Content-Type: multipart/report; boundary=b\n\n--b",
    ):
        assert mail.take_back(other) is None
    assert session.scalar(select(func.count()).select_from(MailAddress)) == 0


# How it leaves


@pytest.fixture
def by(make_site, app):
    """Let letters leave in another way."""

    def make(**settings):
        site = make_site(**settings)
        context = site.app_context()
        context.push()
        contexts.append(context)
        return site

    contexts = []
    yield make
    for context in reversed(contexts):
        context.pop()


def test_the_folder_has_a_file_for_each_letter_and_one_that_is_repeated_takes_its_own_place(by, session):
    site = by(MAIL_BACKEND="folder")
    for file in mail.folder().glob("*"):
        file.unlink()
    job = mail.send("ann@example.org", "test", "nl")
    session.commit()
    task = jobs.claim()
    session.commit()
    for _ in range(2):
        mail.deliver(task)
    (file,) = mail.folder().iterdir()
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["Message-ID"] == f"<{file.stem}@localhost>"
    assert (job.id, mail.folder().stat().st_mode & 0o077) == (task.id, 0)
    assert site.config["MAIL_BACKEND"] == "folder"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"MAIL_BACKEND": "pigeon"}, "MAIL_BACKEND must be one of"),
        ({"MAIL_SECURITY": "some"}, "MAIL_SECURITY must be one of"),
        ({"MAIL_BACKEND": "smtp"}, "needs MAIL_HOST"),
        ({"MAIL_BACKEND": "smtp", "MAIL_HOST": "mail.example"}, "MAIL_FROM or SITE_URL"),
        ({"MAIL_FROM": "Krant <a@b.nl>"}, "MAIL_FROM must be a mail address"),
        ({"MAIL_BOUNCES_TO": "a@b.nl\r\nx"}, "MAIL_BOUNCES_TO must be a mail address"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(tmp_path, wrong, words):
    with pytest.raises(ConfigError, match=words):
        create_app(tmp_path, environ={}, **wrong)


def test_a_mail_server_gets_each_letter_once(by, session, tmp_path):
    with post_office(tmp_path / "post") as office:
        site = by(**office.settings)
        for number in range(12):
            mail.send(f"reader{number}@example.org", "test", "nl", mailing="digest")
        unknown = mail.send("gone@example.org", "test", "nl")
        busy = mail.send("later@example.org", "test", "nl")
        run(site)
        letters = office.letters()
    assert sorted(letter["To"] for letter in letters) == sorted(f"reader{number}@example.org" for number in range(12))
    assert len({letter["Message-ID"] for letter in letters}) == 12
    assert {letter["From"] for letter in letters} == {"Forum <redactie@krant.example>"}
    assert {letter["X-MailFrom"] for letter in letters} == {"bounces@krant.example"}
    assert (state(unknown).failed_at is not None, unknown.error) == (True, "550 5.1.1 no such mailbox")
    assert session.get(MailAddress, "gone@example.org").bounces == mail.HARD
    assert (state(busy).failed_at, busy.tries, "come back later" in busy.error) == (None, 1, True)
    assert session.get(MailAddress, "later@example.org") is None


def test_a_mail_server_that_is_away_delays_a_letter_and_loses_none(by, session):
    site = by(
        MAIL_BACKEND="smtp", MAIL_HOST="127.0.0.1", MAIL_PORT=9, MAIL_SECURITY="none", MAIL_FROM="a@krant.example"
    )
    job = mail.send("ann@example.org", "test", "nl")
    run(site)
    assert (state(job).failed_at, job.finished_at, job.tries, job.payload["to"]) == (None, None, 1, "ann@example.org")
    assert job.error.startswith("ConnectionRefusedError")


def test_a_letter_whose_worker_dies_before_it_noted_the_delivery_comes_twice_under_one_id(by, session, tmp_path):
    with post_office(tmp_path / "post") as office:
        site = by(**office.settings)
        letter = mail.send("slow@example.org", "test", "nl")
        session.commit()
        with at_work(site) as workers:
            until(lambda: len(office.letters()) == 1)  # taken, and not yet said so
            workers[0].kill()
            workers[0].join()
            assert state(letter).finished_at is None
            number = letter.payload["message_id"]
            session.commit()
            workers[0] = start(site)
            until(lambda: session.scalar(select(func.count(Job.finished_at)).where(Job.kind == "mail")) == 1)
        assert [arrived["Message-ID"] for arrived in office.letters()] == [number, number]


def test_when_workers_are_killed_every_letter_arrives_and_at_most_one_double_for_each(by, session, tmp_path):
    killed = 5
    with post_office(tmp_path / "post") as office:
        site = by(**office.settings)
        numbers = {mail.send(f"reader{number}@example.org", "test", "nl").payload["message_id"] for number in range(24)}
        session.commit()
        with at_work(site, 2) as workers:
            kill_at_random(site, workers, times=killed, every=0.3)
            until(lambda: session.scalar(select(func.count(Job.finished_at)).where(Job.kind == "mail")) == 24)
        arrived = [letter["Message-ID"] for letter in office.letters()]
    assert set(arrived) == numbers
    assert len(arrived) <= 24 + killed

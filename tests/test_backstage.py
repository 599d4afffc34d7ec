"""Who keeps the site sees its jobs and its unsent letters, and nobody else does; the way out of a list is open to all."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum import clock, jobs, mail
from tests.factories import ROLES, make_user, sign_in
from tests.test_jobs import run

NOBODY_ELSE = [name for name in ROLES if name != "adam"]


@pytest.fixture
def dead(app, session):
    """A dead letter."""
    job = mail.send("ann@example.org", "test", "nl")
    job.failed_at, job.error, job.tries = clock.now(), "550 <b>weg</b>", 10
    session.commit()
    return job


# Jobs


def test_an_admin_sees_what_failed_is_done_waits_and_took_long(client, session, now, dead):
    waiting = jobs.enqueue("mail", {}, run_at=now() + timedelta(hours=1), title="wachtpost")
    running = jobs.enqueue("mail", {}, title="loopwerk")
    slow = jobs.enqueue("mail", {}, title="traag werk")
    running.lease, running.started_at, running.tries = "x", now() - timedelta(minutes=2), 1
    running.leased_until, running.done, running.total = now() + timedelta(minutes=1), 3, 4
    slow.finished_at, slow.took_ms = now(), 90_000
    session.commit()
    sign_in(client, "adam")
    answer = client.get("/desk/jobs/")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    page = answer.text
    assert [page.index(words) for words in ("test → ann@example.org", "loopwerk", "wachtpost", "traag werk")] == sorted(
        page.index(words) for words in ("test → ann@example.org", "loopwerk", "wachtpost", "traag werk")
    )
    assert "550 &lt;b&gt;weg" in page
    assert '<progress class="progress__bar" max="100" value="75"' in page
    assert "90 seconden" in page
    assert page.count(f"/desk/jobs/{dead.id}/retry") == 1
    assert f"/desk/jobs/{waiting.id}/retry" not in page


def test_no_secret_of_a_letter_is_on_the_page(client, session, dead):
    dead.payload = {**dead.payload, "links": {"reset": "/account/reset/geheim"}}
    session.commit()
    sign_in(client, "adam")
    assert "geheim" not in client.get("/desk/jobs/").text


def test_without_jobs_the_page_says_so(client):
    sign_in(client, "adam")
    assert "Er wacht niets en er is niets mislukt." in client.get("/desk/jobs/").text


@pytest.mark.parametrize("name", NOBODY_ELSE)
def test_only_an_admin_sees_or_settles_jobs(client, session, dead, name):
    sign_in(client, name)
    assert client.get("/desk/jobs/").status_code == 403
    assert client.post(f"/desk/jobs/{dead.id}/retry").status_code == 403
    assert client.post(f"/desk/jobs/{dead.id}/drop").status_code == 403
    session.refresh(dead)
    assert (dead.failed_at is not None, dead.finished_at) == (True, None)


def test_who_is_not_signed_in_is_sent_to_do_so(client, dead):
    make_user("adam")
    answer = client.get("/desk/jobs/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login?next=/desk/jobs/")
    assert client.post(f"/desk/jobs/{dead.id}/drop").status_code == 403


def test_a_dead_letter_is_retried_once(app, client, session, dead):
    mail.outbox().clear()
    sign_in(client, "adam")
    assert client.post(f"/desk/jobs/{dead.id}/retry").status_code == 303
    assert client.post(f"/desk/jobs/{dead.id}/retry").status_code == 409
    run(app)
    assert [letter["To"] for letter in mail.outbox()] == ["ann@example.org"]


def test_a_dropped_one_keeps_who_dropped_it(app, client, session, dead):
    sign_in(client, "adam")
    assert client.post(f"/desk/jobs/{dead.id}/drop").status_code == 303
    assert client.post(f"/desk/jobs/{dead.id}/drop").status_code == 409
    assert client.post("/desk/jobs/404/drop").status_code == 404
    session.refresh(dead)
    assert (dead.error.startswith("dropped by Adam"), dead.payload) == (True, {})
    assert "ann@example.org" not in client.get("/desk/jobs/").text


# Letters


@pytest.fixture
def browse(make_site, app, session):
    """A browser on a site with such settings, with one letter in its folder."""

    def make(**settings):
        site = make_site(**{"MAIL_BACKEND": "folder", **settings})
        with site.app_context():
            for file in mail.folder().glob("*"):
                file.unlink()
            mail.send("ann@example.org", "test", "nl", mailing="digest")
            run(site)
            (file,) = mail.folder().glob("*.eml")
        return site.test_client(), f"/dev/mail/{file.stem}"

    return make


def test_on_the_machine_itself_letters_can_be_read_and_their_links_followed(browse):
    browser, address = browse()
    page = browser.get("/dev/mail")
    assert f'<a href="{address}">Een proefbericht van Forum</a>' in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    letter = browser.get(address).text
    assert '<a href="/">http://127.0.0.1:8000/</a>' in letter
    assert "Je hoeft niets te doen." in letter
    assert "ann@example.org" in letter


@pytest.mark.parametrize(
    ("settings", "request_"),
    [
        ({}, {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}),
        ({}, {"headers": {"X-Forwarded-For": "192.0.2.7"}}),
        ({}, {"headers": {"Host": "www.krant.example"}}),
        ({"SITE_URL": "https://www.krant.example"}, {"headers": {"Host": "127.0.0.1"}}),
    ],
)
def test_from_elsewhere_or_on_a_public_site_there_are_no_letters(browse, settings, request_):
    browser, address = browse(**settings)
    for there in ("/dev/mail", address):
        assert browser.get(there, **request_).status_code == 404


def test_where_mail_is_sent_there_are_no_letters(browse, client):
    _, address = browse()
    for there in ("/dev/mail", address):
        assert client.get(there).status_code == 404


@pytest.mark.parametrize("name", ["..%2F..%2Fsecrets", "secrets", "0a.0b", "a" * 300, "0a.0b%00"])
def test_there_is_no_letter_of_such_a_name(browse, name):
    browser, _ = browse()
    assert browser.get(f"/dev/mail/{name}").status_code == 404


# Lists


@pytest.fixture
def way_out(app, session):
    mail.send("ann@example.org", "test", "nl", mailing="digest")
    session.commit()
    return f"/mail/lists/digest/{session.scalar(select(mail.MailAddress.token))}"


def test_following_the_link_changes_nothing_and_the_button_ends_the_list(client, way_out):
    assert "Deze mail niet meer" in client.get(way_out).text
    assert not mail.has_declined("ann@example.org", "digest")
    answer = client.post(way_out)
    assert (answer.status_code, answer.headers["Location"]) == (303, way_out)
    assert mail.has_declined("ann@example.org", "digest")
    page = client.get(way_out)
    assert "Je krijgt van deze lijst geen mail meer." in page.text
    assert f'action="{way_out}"' not in page.text
    assert client.post(way_out).status_code == 303


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_mail_program_ends_it_in_one_request_without_cookies(client, way_out, kind):
    answer = client.post(way_out, data={"List-Unsubscribe": "One-Click"}, content_type=kind)
    assert answer.status_code < 400
    assert "Set-Cookie" not in answer.headers
    assert mail.has_declined("ann@example.org", "digest")


@pytest.mark.parametrize(
    "change", [lambda way: way + "x", lambda way: way.replace("digest", "Di%20gest"), lambda way: way[:-1]]
)
def test_a_link_that_is_not_ours_leads_nowhere(client, way_out, change):
    assert client.get(change(way_out)).status_code == 404
    assert client.post(change(way_out)).status_code == 404


def test_its_secret_is_not_in_the_log(client, way_out, caplog):
    caplog.set_level("INFO")
    client.get(way_out)
    assert way_out.rsplit("/", 1)[1] not in caplog.text

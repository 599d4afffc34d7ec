"""A member's page shows what everybody can read of them, and nothing else."""

import pytest

from forum.accounts import operations as accounts
from forum.accounts.operations import InvalidAccount
from forum.moderation.operations import hide_comment
from tests.factories import make_article, make_comment, make_guest, make_user, sign_in


def test_a_page_shows_the_comments_of_a_member_in_their_context(client, app):
    ann = make_user("ann")
    article = make_article("Een kop")
    asked = make_comment(article, "Waarom?", make_guest("Bart"))
    make_comment(article, "Zichtbare woorden.", ann, parent=asked)
    hidden = make_comment(article, "Verborgen woorden.", ann)
    hide_comment(hidden, make_user("mo"), "Spam")
    make_comment(article, "Wachtende woorden.", ann, held_at=article.published_at)
    make_comment(article, "Weggehaalde woorden.", ann, removed_at=article.published_at)
    draft = make_article("Klad")
    make_comment(draft, "Onder een klad.", ann)
    draft.published_at = None
    page = client.get("/readers/Ann/").text
    for words in ("Zichtbare woorden.", "Een kop", "Bart", "Hier sinds"):
        assert words in page
    main = page.split("<main")[1].split("</main")[0]
    for words in ("Verborgen", "Wachtende", "Weggehaalde", "Onder een klad", "example.org", "Waarom?"):
        assert words not in main
    assert '<a href="/readers/Ann/">Ann</a>' in client.get(article.url).text


def test_a_name_in_another_spelling_leads_to_the_one_page_and_no_other_name_has_one(client, app):
    make_comment(make_article(), author=make_user("ann"))
    for name in ("ann", "ANN", "Аnn"):  # the last begins with a Cyrillic letter
        assert client.get(f"/readers/{name}/").location == "/readers/Ann/"
    make_user("bob")  # who never wrote or told anything
    for name in ("bob", "niemand", "!!", "Bart"):
        assert client.get(f"/readers/{name}/").status_code == 404


def test_a_guest_or_an_imported_name_has_no_page(client, app):
    article = make_article()
    make_comment(article, "Van een gast.", make_guest("Bart"))
    assert client.get("/readers/Bart/").status_code == 404
    assert "/readers/" not in client.get(article.url).text


def test_a_member_chooses_what_the_page_tells(client, app):
    sign_in(client, "ann")
    page = client.get("/account/about").text
    token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    send = {"csrf_token": token}
    assert client.post("/account/about", data={**send, "about": "Werkt bij <b>KPN</b>."}).status_code == 200
    assert "Werkt bij &lt;b&gt;KPN&lt;/b&gt;." in client.get("/readers/Ann/").text
    stranger = app.test_client()
    assert stranger.get("/readers/Ann/").status_code == 200
    answer = client.post("/account/about", data={**send, "about": "x" * 501})
    assert answer.status_code == 422
    assert "x" * 501 in answer.text
    client.post("/account/about", data={**send, "about": ""})
    assert stranger.get("/readers/Ann/").status_code == 404


def test_too_much_about_oneself_is_refused(session):
    with pytest.raises(InvalidAccount):
        accounts.tell_about(make_user("ann"), "x" * 501)

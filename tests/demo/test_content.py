"""The demonstration newsroom holds what it promises, and its files are read strictly."""

import io
import re
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from forum.demo import content, pictures
from forum.demo.newsroom import Article, Comment, Newsroom

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BIG = "rechter-back-up-die-niet-terug-kan"


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return content.load()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(content.FOLDER, tmp_path / "content"))


def comments_of(newsroom: Newsroom) -> list[Comment]:
    return [comment for article in newsroom.articles for comment in article.comments]


def article_named(newsroom: Newsroom, slug: str) -> Article:
    return next(article for article in newsroom.articles if article.slug == slug)


def test_the_newsroom_has_its_sections_tags_authors_and_accounts(newsroom: Newsroom) -> None:
    assert len(newsroom.sections) == 3
    assert 8 <= len(newsroom.tags) <= 10
    assert Counter(author.kind for author in newsroom.authors) == {"person": 4, "organisation": 1}
    assert [account.role for account in newsroom.accounts] == ["reader", "contributor", "editor", "moderator", "admin"]
    assert all(account.email.endswith("@example.org") for account in newsroom.accounts)
    assert {author.role for author in newsroom.authors} == {None, "contributor", "editor"}


def test_articles_fill_every_section_and_every_tag(newsroom: Newsroom) -> None:
    states = Counter(article.state for article in newsroom.articles)
    assert states["published"] >= 14
    assert states["scheduled"] == states["draft"] == 1
    assert {article.section for article in newsroom.articles} == {section.slug for section in newsroom.sections}
    assert {tag for article in newsroom.articles for tag in article.tags} == {tag.slug for tag in newsroom.tags}
    assert {author for article in newsroom.articles for author in article.authors} == {a.slug for a in newsroom.authors}


def test_articles_have_the_length_and_the_blocks_of_an_article(newsroom: Newsroom) -> None:
    for article in newsroom.articles:
        assert 250 <= len(article.body.split()) <= 700, article.slug
        assert "\n## " in article.body, article.slug
        assert "\n> " in article.body, article.slug
    bodies = [article.body for article in newsroom.articles]
    for block in (
        r"^\d\. ",
        r"^- ",
        r"^\|[-:|]+\|$",
        r"^\[\^\w+\]: ",
        r"^```$",
        r"^\*Correctie: ",
        r"^## Update dag 4",
    ):
        assert any(re.search(block, body, re.MULTILINE) for body in bodies), block


def test_polls_ask_a_question_for_each_of_ten_days(newsroom: Newsroom) -> None:
    assert [poll.days_ago for poll in newsroom.polls] == list(range(10))
    for poll in newsroom.polls:
        assert 2 <= len(poll.choices) <= 5
        assert all(choice.votes > 0 for choice in poll.choices)
        assert poll.question.endswith("?")
    today = datetime(2031, 3, 1, tzinfo=AMSTERDAM).date()
    assert newsroom.polls[9].day(today).isoformat() == "2031-02-20"


def test_the_polls_of_two_articles_get_their_ids(newsroom: Newsroom) -> None:
    ids = {poll.key: 100 + number for number, poll in enumerate(newsroom.polls)}
    texts = [article.text("De Patchkast", ids) for article in newsroom.articles]
    assert sum("[poll id=" in text for text in texts) == 2
    for article, text in zip(newsroom.articles, texts, strict=True):
        assert "{" not in text, article.slug
        assert [f"[poll id={ids[key]}]" for key in article.polls] == re.findall(r"\[poll id=\d+\]", text)


def test_standing_pages_come_in_their_order_and_name_the_site(newsroom: Newsroom) -> None:
    assert [page.slug for page in newsroom.pages] == ["over-ons", "huisregels", "privacy", "contact"]
    assert newsroom.pages[0].text("De Proefkrant").startswith("De Proefkrant ")
    assert not any("{" in page.text("De Proefkrant") for page in newsroom.pages)


def test_discussions_have_the_promised_size(newsroom: Newsroom) -> None:
    sizes = {article.slug: len(article.comments) for article in newsroom.articles if article.comments}
    assert sum(sizes.values()) >= 260
    assert len(sizes) >= 8
    assert sizes.pop(BIG) == 150
    assert all(5 <= size <= 25 for size in sizes.values()), sizes


def test_the_long_discussion_branches_deep_and_is_wholly_visible(newsroom: Newsroom) -> None:
    comments = article_named(newsroom, BIG).comments
    assert max(comment.depth for comment in comments) >= 8
    answered = Counter(comment.parent for comment in comments)
    assert sum(count >= 2 for parent, count in answered.items() if parent) >= 15
    assert {comment.state for comment in comments} == {"visible"}
    assert sum(comment.by_author for comment in comments) >= 5


def test_some_comments_wait_and_some_are_hidden_with_a_reason(newsroom: Newsroom) -> None:
    comments = comments_of(newsroom)
    assert Counter(c.state for c in comments if c.state != "visible") == {"hidden": 2, "held": 3}
    assert all((comment.reason is not None) == (comment.state != "visible") for comment in comments)
    parents = {comment.parent for comment in comments}
    assert all(comment.id not in parents for comment in comments if comment.state == "held")
    assert all(comment.id in parents for comment in comments if comment.state == "hidden")


def test_every_reply_follows_its_parent_and_lies_one_deeper(newsroom: Newsroom) -> None:
    for article in newsroom.articles:
        seen: dict[str, Comment] = {}
        for comment in article.comments:
            if comment.parent is None:
                assert comment.depth == 1
            else:
                parent = seen[comment.parent]
                assert (parent.depth + 1, True) == (comment.depth, parent.minutes < comment.minutes)
            seen[comment.id] = comment
        assert len(seen) == len(article.comments)


def test_no_two_comments_are_alike_and_no_sentence_is_said_twice(newsroom: Newsroom) -> None:
    bodies = [comment.body.casefold() for comment in comments_of(newsroom)]
    assert len(set(bodies)) == len(bodies)
    sentences = Counter(
        sentence.strip() for body in bodies for sentence in re.split(r"[.!?\n]+", body) if len(sentence.strip()) > 30
    )
    assert not [sentence for sentence, times in sentences.items() if times > 1]


def test_everyone_who_is_described_also_speaks(newsroom: Newsroom) -> None:
    spoken = Counter(comment.author_name for comment in comments_of(newsroom))
    assert 28 <= len(newsroom.commenters) <= 34
    assert all(spoken[commenter.name] >= 2 for commenter in newsroom.commenters)
    by_author = {comment.author_name for comment in comments_of(newsroom) if comment.by_author}
    assert by_author <= {author.name for author in newsroom.authors}
    assert {"reader", "moderator"} <= {comment.role for comment in comments_of(newsroom)}


def test_articles_appear_on_working_days_mostly_around_eight(newsroom: Newsroom) -> None:
    early = [article for article in newsroom.articles if "08:00" <= article.time.isoformat("minutes") <= "08:20"]
    assert len(early) >= 0.8 * len(newsroom.articles)
    start = datetime(2031, 3, 20, tzinfo=AMSTERDAM)  # summer time begins on the 30th
    for hours in range(0, 24 * 16, 5):
        now = (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(AMSTERDAM)
        for article in newsroom.articles:
            moment = article.moment(now)
            assert moment.tzinfo is UTC
            assert (moment > now) == (article.state == "scheduled"), (article.slug, now)
            assert moment.astimezone(AMSTERDAM).time() == article.time
            assert moment.astimezone(AMSTERDAM).isoweekday() <= 5


@pytest.mark.parametrize(
    ("now", "newest", "next_one"),
    [
        ("2031-03-05 09:29", "2031-03-04 08:00", "2031-03-06 08:00"),
        ("2031-03-05 09:30", "2031-03-05 08:00", "2031-03-06 08:00"),
        ("2031-03-07 15:00", "2031-03-07 08:00", "2031-03-10 08:00"),
        ("2031-03-08 00:10", "2031-03-07 08:00", "2031-03-10 08:00"),
        ("2031-03-09 23:50", "2031-03-07 08:00", "2031-03-10 08:00"),
        ("2031-03-10 00:10", "2031-03-07 08:00", "2031-03-11 08:00"),
    ],
)
def test_the_newest_article_is_never_old_and_the_next_never_far(
    newsroom: Newsroom, now: str, newest: str, next_one: str
) -> None:
    asked = datetime.fromisoformat(now).replace(tzinfo=AMSTERDAM)

    def shown(slug: str) -> str:
        return f"{article_named(newsroom, slug).moment(asked).astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"

    assert shown("vlotbrug-koopt-lisdodde-hosting") == newest
    assert shown("gemeente-oosterlee-haalt-servers-terug") == next_one


def test_articles_come_oldest_first(newsroom: Newsroom) -> None:
    now = datetime(2031, 3, 5, 12, tzinfo=AMSTERDAM)
    moments = [article.moment(now) for article in newsroom.articles if article.state == "published"]
    assert moments == sorted(moments)
    assert [article.state for article in newsroom.articles[-2:]] == ["scheduled", "draft"]


def test_a_conversation_lies_between_its_article_and_now(newsroom: Newsroom) -> None:
    for hours in range(0, 24 * 8, 3):
        now = datetime(2031, 3, 3, 0, 30, tzinfo=AMSTERDAM) + timedelta(hours=hours)
        for article in newsroom.articles:
            placed = article.conversation(now)
            moments = [moment for _, moment in placed]
            assert moments == sorted(moments)
            assert all(article.moment(now) < moment < now for moment in moments), (article.slug, now)
            at = {comment.id: moment for comment, moment in placed}
            assert all(at[comment.parent] < moment for comment, moment in placed if comment.parent)


def test_a_moment_needs_a_zone(newsroom: Newsroom) -> None:
    with pytest.raises(ValueError, match="zone"):
        newsroom.articles[0].moment(datetime(2031, 3, 5, 12))  # noqa: DTZ001 - the naive one is the point


DISCUSSION = "discussions/storing-windvaan-connect.txt"
ARTICLE = "articles/storing-windvaan-connect.md"


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "what"),
    [
        (DISCUSSION, "# Henk-Jan Kuiper", "# Henk-Jan Kuyper", 13, "unknown commenter 'Henk-Jan Kuyper'"),
        (DISCUSSION, "## Daan S.", "### Daan S.", 4, "no comment at depth 2"),
        (DISCUSSION, "+34 min", "+22 min", 4, "comes after what it answers"),
        (DISCUSSION, "+34 min", "34 min", 4, "not the head of a comment"),
        (DISCUSSION, "+34 min", "+34 min · verborgen=", 4, "not the head of a comment"),
        (DISCUSSION, "# Tjeerd", "Eerst dit.\n# Tjeerd", 1, "before the first head"),
        (DISCUSSION, "Niet doen. Er zit altijd een spin in.", "", 13, "has no text"),
        (DISCUSSION, "Niet doen.", "```\nNiet doen.", 13, "fence of code"),
        (ARTICLE, '"marit-hoekstra"', '"marit"', 6, "unknown authors 'marit'"),
        (ARTICLE, '["marit-hoekstra"]', "[]", 6, "needs an author"),
        (ARTICLE, '"netwerken"', '"netwerk"', 5, "unknown tags 'netwerk'"),
        (ARTICLE, '"netwerken"', '"netwerken", "netwerken"', 5, "twice"),
        (ARTICLE, 'section = "markt"', 'section = "sport"', 4, "unknown section 'sport'"),
        (ARTICLE, "## Wat je zelf", "[poll id={poll:weg}]\n\n## Wat je zelf", 22, "unknown poll 'weg'"),
        (ARTICLE, "days_ago = 4", "days_ago = -4", 7, "only for that"),
        (ARTICLE, "days_ago = 4", 'days_ago = "4"', 7, "whole number"),
        (ARTICLE, '"14:20"', '"25:20"', 8, "no time of the day"),
        (ARTICLE, "days_ago = 4", "days_ago = 4\ndays_agoo = 5", 8, "days_agoo means nothing here"),
        (ARTICLE, "days_ago = 4", 'days_ago = 4\nstate = "ready"', 8, "unknown state 'ready'"),
        (ARTICLE, "days_ago = 4", 'days_ago = 4\nstate = "draft"', None, "no published article"),
        (ARTICLE, "days_ago = 4", "days_ago =", 7, "Invalid value"),
        (ARTICLE, '"14:20"\n+++', '"14:20"', None, "no closing"),
        (ARTICLE, "+++\nheadline", "headline", 1, "must begin with"),
        ("polls.toml", 'key = "dmarc-streng"', 'key = "na-de-overname"', 16, "stands here twice"),
        ("polls.toml", "votes = 96", 'votes = "96"', 8, "votes must be a whole number"),
        ("polls.toml", "Meteen rondkijken naar een ander", "Blijven, zolang het werkt", 8, "different choices"),
        ("people.toml", 'role = "reader"', 'role = "lezer"', 5, "unknown role 'lezer'"),
        ("people.toml", 'kind = "organisation"', 'kind = "kantoor"', 60, "unknown kind 'kantoor'"),
        ("site.toml", 'name = "Markt"', 'name = ""', 8, "name must be a text"),
        ("pages/contact.md", "position = 4", 'position = "4"', 2, "whole number"),
    ],
)
def test_a_mistake_is_named_by_file_and_line(
    copy: Path, file: str, old: str, new: str, line: int | None, what: str
) -> None:
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(what)) as refusal:
        content.load(copy)
    place = Path(DISCUSSION).name if what == "no published article" else path.name
    assert str(refusal.value).startswith(f"{place}, line {line or ''}")


def test_a_discussion_of_no_article_is_refused(copy: Path) -> None:
    (copy / "discussions/bestaat-niet.txt").write_text("# Daan S. · +4 min\nHoi.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^bestaat-niet\.txt, line 1: there is no published article 'bestaat-niet'$"):
        content.load(copy)


def test_every_picture_can_be_drawn_and_has_its_words(newsroom: Newsroom) -> None:
    drawn = [article.picture for article in newsroom.articles if article.picture]
    assert {picture.motif for picture in drawn} == set(pictures.MOTIFS)
    assert {picture.palette for picture in drawn} <= set(pictures.PALETTES)
    assert set(pictures.PALETTES) == {section.slug for section in newsroom.sections}
    assert len({picture.alt for picture in drawn}) == len({picture.caption for picture in drawn}) == len(drawn) >= 12
    assert {picture.credit for picture in drawn} == {"Illustratie: redactie"}


@pytest.mark.parametrize("motif", pictures.MOTIFS)
def test_a_picture_is_a_jpeg_and_the_same_each_time(motif: str) -> None:
    one = pictures.draw(motif, "techniek", "een")
    with Image.open(io.BytesIO(one)) as picture:
        picture.load()
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (pictures.WIDTH, pictures.HEIGHT))
    assert len(one) < 500_000
    assert pictures.draw(motif, "techniek", "een") == one
    assert pictures.draw(motif, "techniek", "twee") != one


def test_a_section_has_colours_of_its_own() -> None:
    assert len({pictures.draw("bars", palette, "een") for palette in pictures.PALETTES}) == 3


@pytest.mark.parametrize(("motif", "palette"), [("kat", "markt"), ("waves", "sport")])
def test_an_unknown_motif_or_palette_is_refused(motif: str, palette: str) -> None:
    with pytest.raises(ValueError, match="unknown"):
        pictures.draw(motif, palette, "een")

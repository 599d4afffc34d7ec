"""The demonstration newsroom in the database: made by one call, taken away by another."""

import json
import secrets
from pathlib import Path

from sqlalchemy import delete, select

from forum import clock, versions
from forum.accounts import operations as accounts
from forum.accounts.models import RoleName, User
from forum.articles import operations as articles
from forum.articles.models import Article, Author, AuthorAlias, Byline, Kind, Section, Tag, article_tags
from forum.comments import operations as comments
from forum.comments import queries as discussions
from forum.comments.models import Comment, Discussion
from forum.demo import content, pictures
from forum.demo.newsroom import Account, Newsroom
from forum.demo.newsroom import Article as Story
from forum.extensions import db
from forum.media.models import Media
from forum.media.operations import add_picture, remove_picture
from forum.moderation.operations import hide_comment
from forum.polls import operations as polls
from forum.polls.models import Poll
from forum.settings import operations as settings
from forum.settings.models import SiteSetting

SOURCE = "demo"
DECLINED = "without_demonstration"  # the setting that remembers it
HOUSE_RULES = "huisregels"  # the page that the form for comments leads to
POLL_IS_OPEN_FOR = 7  # days


def is_wanted() -> bool:
    """Tell whether this site may begin with the demonstration: nothing is in it, and nobody said that it begins without."""
    begun = [db.session.scalar(select(model.id).limit(1)) for model in (User, Article, Poll)]
    return not any(begun) and db.session.get(SiteSetting, DECLINED) is None


def decline() -> None:
    """Remember that this site begins, or goes on, without the demonstration."""
    if db.session.get(SiteSetting, DECLINED) is None:
        db.session.add(SiteSetting(name=DECLINED, value=True))
        db.session.flush()


def load() -> list[tuple[Account, str]]:
    """Make the newsroom and return its accounts with their passwords, which are kept nowhere."""
    newsroom = content.load()
    settings.change(name=newsroom.site.name, tagline=newsroom.site.tagline)
    passwords, users = _make_accounts(newsroom)
    sections, authors = _make_places(newsroom, users)
    poll_numbers = _make_polls(newsroom)
    editor, moderator = users["editor"], users["moderator"]
    for story in newsroom.articles:
        article = _make_article(newsroom, story, editor, sections, authors, poll_numbers)
        _make_discussion(story, article, users, moderator)
    for page in newsroom.pages:
        article = articles.create_article(editor, page.title, Kind.PAGE)
        article.source, article.source_id = SOURCE, f"page:{page.slug}"
        articles.save(article, editor, page.title, page.standfirst, page.text(newsroom.site.name), None, [], [], 0)
        article.slug = articles.free_slug(page.slug, Kind.PAGE, article.id)
        articles.publish(article, editor)
    settings.change(house_rules=HOUSE_RULES)
    return passwords


def remove(instance: Path) -> list[str]:
    """Take all of it away and return what was done, a sentence each.

    What people wrote under demonstration articles goes with them, but not for good: it is kept in a file of the instance folder.
    """
    said = []
    kept = _words_of_others()
    if kept:
        file = instance / f"removed-with-demonstration-{clock.now():%Y%m%d-%H%M%S}.json"
        file.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        said.append(f"{len(kept)} comments by others stood under it; they are kept in {file.name}.")
    for media in db.session.scalars(select(Media).where(Media.source == SOURCE)):
        remove_picture(media)
    gone = []
    for model, word in ((Article, "articles and pages"), (Poll, "polls"), (User, "accounts")):
        removed = db.session.execute(delete(model).where(model.source == SOURCE).returning(model.id)).all()
        gone.append(f"{len(removed)} {word}")
    used_sections = select(Article.section_id).where(Article.section_id.is_not(None))
    db.session.execute(delete(Section).where(Section.source == SOURCE, Section.id.not_in(used_sections)))
    db.session.execute(delete(Tag).where(Tag.source == SOURCE, Tag.id.not_in(select(article_tags.c.tag_id))))
    db.session.execute(delete(Author).where(Author.source == SOURCE, Author.id.not_in(select(Byline.author_id))))
    newsroom = content.load()
    site = {"name": newsroom.site.name, "tagline": newsroom.site.tagline, "house_rules": HOUSE_RULES}
    for name, value in site.items():
        row = db.session.get(SiteSetting, name)
        if row is not None and row.value == value:
            db.session.delete(row)
    decline()  # else the next start would make it again
    versions.bump(versions.ARTICLES, versions.SIDEBAR, versions.SITE)
    db.session.expire_all()
    return [*said, f"Taken away: {', '.join(gone)}."]


def _make_accounts(newsroom: Newsroom) -> tuple[list[tuple[Account, str]], dict[str, User]]:
    passwords: list[tuple[Account, str]] = []
    users: dict[str, User] = {}
    for account in newsroom.accounts:
        password = secrets.token_urlsafe(12)
        users[account.role] = accounts.create_user(
            account.email, account.name, password, [RoleName(account.role)], SOURCE, account.role
        )
        passwords.append((account, password))
    return passwords, users


def _make_places(newsroom: Newsroom, users: dict[str, User]) -> tuple[dict[str, Section], dict[str, Author]]:
    sections = {
        section.slug: Section(
            name=section.name,
            slug=section.slug,
            description=section.description,
            position=position,
            source=SOURCE,
            source_id=section.slug,
        )
        for position, section in enumerate(newsroom.sections)
    }
    authors = {
        author.slug: Author(
            name=author.name,
            slug=author.slug,
            is_organisation=author.kind == "organisation",
            bio=author.bio,
            user_id=users[author.role].id if author.role else None,
            source=SOURCE,
            source_id=author.slug,
            aliases=[AuthorAlias(name=alias, slug=articles.free_author_slug(alias)) for alias in author.aliases],
        )
        for author in newsroom.authors
    }
    tags = [Tag(name=tag.name, slug=tag.slug, source=SOURCE, source_id=tag.slug) for tag in newsroom.tags]
    db.session.add_all([*sections.values(), *authors.values(), *tags])
    db.session.flush()
    return sections, authors


def _make_polls(newsroom: Newsroom) -> dict[str, int]:
    """Make the polls and return by which number a text of the demonstration calls each."""
    numbers = {poll.key: number for number, poll in enumerate(newsroom.polls, start=1)}
    for poll in newsroom.polls:
        day = poll.day(clock.today())
        row = polls.create_poll(
            poll.question,
            [choice.label for choice in poll.choices],
            day,
            poll.explanation,
            clock.days_later(day, POLL_IS_OPEN_FOR),
            source=SOURCE,
            source_id=str(numbers[poll.key]),
        )
        for choice, given in zip(row.choices, poll.choices, strict=True):
            choice.vote_count = choice.carried_count = given.votes
        row.vote_count = row.carried_count = sum(choice.votes for choice in poll.choices)
    db.session.flush()
    return numbers


def _make_article(
    newsroom: Newsroom,
    story: Story,
    editor: User,
    sections: dict[str, Section],
    authors: dict[str, Author],
    poll_numbers: dict[str, int],
) -> Article:
    article = articles.create_article(editor, story.headline)
    article.source, article.source_id = SOURCE, story.slug
    tag_names = [tag.name for tag in newsroom.tags if tag.slug in story.tags]
    bylines = [authors[slug] for slug in story.authors]
    text = story.text(newsroom.site.name, poll_numbers)
    articles.save(
        article, editor, story.headline, story.standfirst, text, sections[story.section], tag_names, bylines, 0
    )
    article.slug = story.slug
    if story.picture is not None:
        drawn = pictures.draw(story.picture.motif, story.picture.palette, story.picture.seed)
        article.picture = add_picture(
            drawn, story.picture.alt, story.picture.caption, story.picture.credit, SOURCE, f"article:{story.slug}"
        )
    if story.state != "draft":
        articles.publish(article, editor, story.moment(clock.now().astimezone(clock.zone())))
        article.created_at = article.updated_at = min(clock.now(), article.published_at or clock.now())
    return article


def _make_discussion(story: Story, article: Article, users: dict[str, User], moderator: User) -> None:
    discussion = discussions.of_article(article.id)
    if discussion is None or not story.comments:
        return
    placed: dict[str, Comment] = {}
    for comment, moment in story.conversation(clock.now().astimezone(clock.zone())):
        placed[comment.id] = comments.carry_over(
            discussion,
            comment.author_name,
            comment.body,
            moment,
            placed[comment.parent] if comment.parent else None,
            user_id=users[comment.role].id if comment.role else None,
            hold_reason=comment.reason if comment.state == "held" else None,
            source=SOURCE,
            source_id=f"{story.slug}:{comment.id}",
        )
        if comment.state == "hidden":
            hide_comment(placed[comment.id], moderator, comment.reason or "")


def _words_of_others() -> list[dict[str, str]]:
    """Return the comments under demonstration articles and polls that are not the demonstration's own, oldest first."""
    ours = select(Discussion.id).where(
        Discussion.article_id.in_(select(Article.id).where(Article.source == SOURCE))
        | Discussion.poll_id.in_(select(Poll.id).where(Poll.source == SOURCE))
    )
    written = (
        select(Comment)
        .where(Comment.discussion_id.in_(ours), Comment.source.is_distinct_from(SOURCE))
        .order_by(Comment.id)
    )
    return [
        {"name": comment.author_name, "at": clock.iso(comment.created_at), "text": comment.body}
        for comment in db.session.scalars(written)
    ]

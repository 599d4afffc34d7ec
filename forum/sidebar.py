"""What stands beside every public page: today's poll and the latest comments, asked for when a template shows them."""

from functools import cached_property

from forum import text, web
from forum.comments import queries as comments
from forum.polls import queries as polls
from forum.polls.views import Ballot, ballot

EXCERPT_LENGTH = 100


class Sidebar:
    """Today's question and who said what last."""

    @cached_property
    def ballot(self) -> Ballot | None:
        """Return the question of the day."""
        poll = polls.of_today()
        return ballot(poll) if poll is not None else None

    @cached_property
    def latest(self) -> list[dict[str, str]]:
        """Return the latest comments, the newest first."""
        return [
            {
                "article_title": row.headline,
                "author_name": row.author_name,
                "excerpt": text.excerpt(row.body_html, EXCERPT_LENGTH),
                "url": f"/comments/{row.id}",
            }
            for row in comments.latest(web.site().settings.latest_comments, web.reader())
        ]

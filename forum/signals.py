"""What features tell one another without knowing each other. Sent inside the transaction, before its commit."""

from blinker import Namespace

_signals = Namespace()

article_created = _signals.signal("article-created", doc="A new article or page has its id. Sender: the Article.")
article_published = _signals.signal("article-published", doc="An article got its `published_at`. Sender: the Article.")
article_withdrawn = _signals.signal("article-withdrawn", doc="An article left public view. Sender: the Article.")
poll_created = _signals.signal("poll-created", doc="A new poll has its id. Sender: the Poll.")
comment_posted = _signals.signal("comment-posted", doc="A comment was taken in, held or visible. Sender: the Comment.")
comment_hidden = _signals.signal("comment-hidden", doc="A moderator hid a comment. Sender: the Comment.")
comment_shown = _signals.signal("comment-shown", doc="A comment was approved or restored. Sender: the Comment.")
picture_changed = _signals.signal(
    "picture-changed", doc="A picture looks or reads differently, or goes. Sender: the Media."
)
user_leaving = _signals.signal(
    "user-leaving", doc="An account is about to go. Sender: the User; `blank_comments`: whether its words go too."
)

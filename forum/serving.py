"""What the production server runs: the site, with its log on standard error."""

import logging

from flask import Flask

from forum import create_app


def app() -> Flask:
    """Return the site with logging set up."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("forum").setLevel(logging.INFO)
    return create_app()

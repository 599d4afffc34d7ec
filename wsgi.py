"""The site as a WSGI application, for any server that asks for one: `gunicorn wsgi:app`."""

from forum import create_app

app = create_app()

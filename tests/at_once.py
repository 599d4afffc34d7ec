"""Several who do something at the same moment: threads of one program, or programs of their own."""

import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask

from forum.extensions import db


def in_threads(app: Flask, work: Callable[[int], Any], many: int = 8) -> list[Any]:
    """Let so many threads do `work(number)` at once, each in a context of its own; return what each returned or raised."""
    db.session.commit()  # the test's own transaction would stand in everybody's way
    barrier = threading.Barrier(many)
    answers: dict[int, Any] = {}

    def run(number: int) -> None:
        barrier.wait()
        answers[number] = _answer(app, work, number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(many)]


def in_programs(app: Flask, work: Callable[[int], Any], many: int = 2) -> list[Any]:
    """Let so many programs do `work(number)` at once; return the words of what each returned or raised."""
    db.session.commit()
    db.engine.dispose()  # a connection belongs to one program
    forked = multiprocessing.get_context("fork")
    barrier = forked.Barrier(many)
    pipes = [forked.Pipe(duplex=False) for _ in range(many)]

    def run(number: int, out: Connection) -> None:
        barrier.wait()
        out.send(str(_answer(app, work, number)))

    programs = [forked.Process(target=run, args=(number, out)) for number, (_, out) in enumerate(pipes)]
    for program in programs:
        program.start()
    answers = [into.recv() if into.poll(60) else "no answer" for into, _ in pipes]
    for program in programs:
        program.join()
    return answers


def _answer(app: Flask, work: Callable[[int], Any], number: int) -> Any:
    with app.app_context():
        try:
            return work(number)
        except Exception as error:
            db.session.rollback()
            return error

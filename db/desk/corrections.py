"""Answers that change stories: an article leaves a story for another, and comes back when that is undone.

The decisions are those of db.stories.decisions; here they meet the row that logs the answer. Every function works in
one transaction of its caller, who may write all of the archive.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace

from db import story_reads
from db.desk.answers import Answer, add, take_back
from db.errors import UsageError
from db.rows import stamp
from db.stories import decisions
from db.stories.membership import is_alone, seat_of
from db.stories.rules import Occasion

#: The desk's words for why a correction was not made.
PROBLEMS = ("problem_gone", "problem_alone", "problem_story", "problem_later")
_STORY = re.compile(r"(?:.*/stories/)?(st-[0-9a-z-]{1,40})/?(?:[?#].*)?", re.ASCII)
_ANSWER = "select story_id, value, article_id from triage where id = ? and kind = 'wrong_story' and undone_at is null"
_DECISION = """
    select id from story_decisions where story_id = ? and other_story_id = ? and kind in ('split', 'move')
        and json_extract(before, '$.seats[0].article_id') = ? and undone_at is null
    order by id desc limit 1
"""


def move_out(connection: sqlite3.Connection, answer: Answer, target: str, occasion: Occasion) -> tuple[list[int], str]:
    """The article of `answer` goes to the story that `target` names by id or address, or, where that is empty, to one
    of its own. Gives the id of the row made, or none and the desk's word for why not."""
    seat = seat_of(connection, answer.article or 0)
    if seat is None or seat.story_id != answer.story:
        return [], "problem_gone"
    if not target and is_alone(connection, seat):
        return [], "problem_alone"
    named = _STORY.fullmatch(target)
    other = story_reads.resolve(connection, named[1]) if named else None
    if target and other in (None, answer.story):
        return [], "problem_story"
    by = decisions.Author(answer.by, answer.kind)
    made = (
        decisions.move(connection, seat.article_id, other, by, occasion)
        if other
        else decisions.split(connection, answer.story, [seat.article_id], by, occasion)
    )
    return [add(connection, replace(answer, value=made.other_story_id or ""))], ""


def bring_back(number: int, by: str, connection: sqlite3.Connection, occasion: Occasion) -> str:
    """Undoes what the answer of this number did; "" or the desk's word for why not."""
    answer = connection.execute(_ANSWER, (number,)).fetchone()
    if answer is None:
        return ""
    decision = connection.execute(_DECISION, tuple(answer)).fetchone()
    if decision is not None:
        try:
            decisions.undo(connection, decision[0], decisions.Author(by), occasion)
        except UsageError:
            return "problem_later"
    take_back(connection, [number], by, stamp(occasion.now))
    return ""

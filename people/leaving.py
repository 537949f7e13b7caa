"""Somebody leaves: the posts end today; somebody goes by another account: they go with him.

What becomes of the issues is issues/departure.py's business. Coming back is the roster's.
"""

from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from people.reading import Part, changed
from people.town import Person, Post, Town
from storage import tables
from storage.tables import Resident


def ahead(town: Town, person_id: int, today: date) -> list[Post]:
    """The posts that somebody holds today or will hold."""
    posts = town.posts_of.get(person_id, ())
    return [post for post in posts if post.ends_on is None or post.ends_on >= today]


def end_posts(session: Session, town: Town, person_id: int, today: date) -> list[Post]:
    """End them all, so that nobody finds him on a seat today; what has been ended."""
    ended = ahead(town, person_id, today)
    _end(session, ended, today)
    return ended


def vacant(town: Town, posts: list[Post], today: date) -> list[Post]:
    """Those among ended posts that nobody else holds."""
    return [post for post in posts if not _shared(town, post, today)]


def merge(session: Session, town: Town, person: Person, into: Person, today: date) -> None:
    """The roster knows the same human by the new account already: one person from now on."""
    mine = ahead(town, person.id, today)
    _end(session, [post for post in mine if _shared(town, post, today)], today)
    moved = update(tables.PostRow).where(tables.PostRow.id.in_([post.id for post in mine]))
    session.execute(moved.values(person_id=into.id))
    homes = select(Resident.household_id).where(Resident.person_id == into.id)
    known = set(session.scalars(homes))
    for home in session.scalars(select(Resident).where(Resident.person_id == person.id)):
        if home.household_id in known:
            session.delete(home)
        else:
            home.person_id = into.id
    session.flush()
    changed(session, Part.HOMES, Part.SEATS)


def _end(session: Session, posts: list[Post], today: date) -> None:
    ended = update(tables.PostRow).where(tables.PostRow.id.in_([post.id for post in posts]))
    session.execute(ended.values(ends_on=today - timedelta(days=1)))
    changed(session, Part.SEATS)


def _shared(town: Town, post: Post, today: date) -> bool:
    """Whether another post of the same role in the same unit is held today."""
    others = (other for other in town.posts_in.get(post.unit_id, ()) if other.id != post.id)
    return any(other.role is post.role and other.held_on(today) for other in others)

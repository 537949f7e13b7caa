"""Somebody leaves: the posts end today; somebody goes by another account: they go with him.

What becomes of the issues is issues/departure.py's business. Coming back is the roster's.
"""

from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from people import tree
from storage.tables import Person, Post, Resident


def ahead(session: Session, person_id: int, today: date) -> list[Post]:
    """The posts that somebody holds today or will hold."""
    held = select(Post).where(
        Post.person_id == person_id, or_(Post.ends_on.is_(None), Post.ends_on >= today)
    )
    return list(session.scalars(held.order_by(Post.id)))


def end_posts(session: Session, person: Person, today: date) -> list[Post]:
    """End them all, so that nobody finds him on a seat today; what has been ended."""
    ended = ahead(session, person.id, today)
    for post in ended:
        post.ends_on = today - timedelta(days=1)
    session.flush()
    return ended


def vacant(session: Session, posts: list[Post], today: date) -> list[Post]:
    """Those among ended posts that nobody else holds."""
    return [post for post in posts if not _shared(session, post, today)]


def merge(session: Session, person: Person, into: Person, today: date) -> None:
    """The roster knows the same human by the new account already: one person from now on."""
    for post in ahead(session, person.id, today):
        post.person_id = into.id
        if _shared(session, post, today):
            post.ends_on = today - timedelta(days=1)
    homes = select(Resident.household_id).where(Resident.person_id == into.id)
    known = set(session.scalars(homes))
    for home in session.scalars(select(Resident).where(Resident.person_id == person.id)):
        if home.household_id in known:
            session.delete(home)
        else:
            home.person_id = into.id
    session.flush()


def _shared(session: Session, post: Post, today: date) -> bool:
    """Whether another post of the same role in the same unit is held today."""
    others = select(Post.id).where(
        Post.id != post.id, Post.unit_id == post.unit_id, Post.role == post.role
    )
    return session.scalar(others.where(tree.in_office(today)).limit(1)) is not None

"""The HTTP edge: WeCom's callbacks, /healthz and /metrics.

Size first, then signature, then decrypt; 200 only after commit; forged or broken requests get an
empty body. What a message does is handlers/, how it is written on the wire is channels/.
"""

import logging
from datetime import timedelta
from time import monotonic
from typing import Any

from flask import Blueprint, Flask, Request, Response, request
from sqlalchemy import func, select
from werkzeug.exceptions import HTTPException

from bot.channels.contract import Channel
from bot.channels.crypto import Refused
from bot.channels.request import LARGEST_BODY, RawRequest
from bot.metrics import Metrics
from bot.service import Service
from handlers.message import Incoming
from rules.words import OPEN_STATES
from storage.db import WriteBusy
from storage.tables import Heartbeat, Inbox, InPerson, Issue, Outbox

log = logging.getLogger(__name__)

#: The clockwork beats every ten seconds; silence this long means that no reminder leaves.
SILENT = timedelta(minutes=3)
#: A notice that should have left this long ago.
STUCK = timedelta(hours=1)


def create(service: Service) -> Flask:
    """The WSGI application of one service."""
    web, metrics = Flask(__name__, static_folder=None), Metrics()
    web.register_blueprint(_callbacks(service, metrics))
    web.register_blueprint(_operations(service, metrics))
    _handle_errors(web, metrics)
    return web


def _callbacks(service: Service, metrics: Metrics) -> Blueprint:
    pages = Blueprint("callbacks", __name__)

    @pages.get("/wecom/<kind>")
    def verify(kind: str) -> Response:
        channel = _channel(service, kind)
        plain = channel.verify(RawRequest(request.args, b""), service.now())
        return Response(plain, mimetype="text/plain")

    @pages.post("/wecom/<kind>")
    def receive(kind: str) -> Response:
        channel, now, start = _channel(service, kind), service.now(), monotonic()
        with metrics.timing(kind):
            opened = channel.open(RawRequest(request.args, _body(request)), now)
            outcome = service.dispatcher.receive(opened.incoming, now)
            body, mimetype = channel.seal(outcome.reply, opened, now)
        if monotonic() - start > channel.LISTENS:
            service.dispatcher.answer_late(opened.incoming, outcome.reply, now)
        metrics.answered(kind, outcome.handler)
        _note(service, kind, opened.incoming)
        return Response(body, content_type=mimetype)

    return pages


def _note(service: Service, kind: str, incoming: Incoming) -> None:
    """What an admin looks for in the log: unknown events, and groups that no unit claims yet."""
    if incoming.kind == "other":
        log.info("%s: %s needs no answer", kind, incoming.event)
    if incoming.kind == "contact":
        log.info("%s: change_contact %s of %s", kind, incoming.event, incoming.userid)
    if incoming.in_group and incoming.chat_id not in service.office.chats:
        log.warning("group %s belongs to no [[wecom.webhook]] yet (chat_id)", incoming.chat_id)


def _operations(service: Service, metrics: Metrics) -> Blueprint:
    pages = Blueprint("operations", __name__)

    @pages.get("/healthz")
    def healthz() -> tuple[dict[str, Any], int]:
        state = health(service)
        return state, 200 if state["ok"] else 503

    @pages.get("/metrics")
    def prometheus() -> Response:
        return Response(metrics.text(service), mimetype="text/plain; version=0.0.4")

    return pages


def _handle_errors(web: Flask, metrics: Metrics) -> None:
    """Whatever goes wrong, the body stays empty: a stack trace is nobody's business."""

    @web.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        metrics.refused(error.status)
        log.warning("refused %s from %s: %s", request.path, request.remote_addr, error.why)
        return Response(b"", status=error.status)

    @web.errorhandler(WriteBusy)
    def busy(error: WriteBusy) -> Response:
        metrics.refused(503)
        log.error("nothing was stored, WeCom will send again: %s", error)
        return Response(b"", status=503, headers={"Retry-After": "1"})

    @web.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return Response(b"", status=error.code)

    @web.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log.exception("request failed")
        return Response(b"", status=500)


def health(service: Service) -> dict[str, Any]:
    """What an operator looks at first; ``ok`` is false when reminders do not leave."""
    now = service.now()
    try:
        with service.database.read() as session:
            beat = session.get(Heartbeat, "tick")
            waiting = ("waiting", "sending")
            oldest = session.scalar(
                select(func.min(Outbox.next_at)).where(Outbox.state.in_(waiting))
            )
            counts = {
                "open_issues": session.scalar(
                    select(func.count()).where(Issue.state.in_(OPEN_STATES))
                ),
                "outbox_waiting": session.scalar(
                    select(func.count()).where(Outbox.state.in_(waiting))
                ),
                "outbox_dead": session.scalar(select(func.count()).where(Outbox.state == "dead")),
                "in_person": session.scalar(select(func.count()).where(InPerson.told_at.is_(None))),
                "inbox_failed": session.scalar(select(func.count()).where(Inbox.state != "done")),
            }
    except Exception:
        log.exception("the database does not answer")
        return {"ok": False, "database": False}
    alive = beat is not None and now - beat.at < SILENT
    stuck = oldest is not None and now - oldest > STUCK
    return {
        "ok": alive and not stuck,
        "database": True,
        "ticks": alive,
        "last_tick": beat.at.isoformat() if beat else None,
        "outbox_stuck": stuck,
        "faq_entries": len(service.shelf.book.entries),
        **counts,
    }


def _channel(service: Service, kind: str) -> Channel:
    channel = service.channels.get(kind)
    if channel is None:
        raise Refused(404, f"no channel {kind}")
    return channel


def _body(incoming: Request) -> bytes:
    """The body, if it is small and plain; 413 before a large one is read."""
    if incoming.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused(400, "compressed body")
    if (incoming.content_length or 0) > LARGEST_BODY:
        raise Refused(413, "body too large")
    body = incoming.stream.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise Refused(413, "body too large")
    return body

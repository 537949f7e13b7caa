"""The HTTP edge: WeCom's callbacks, /healthz and /metrics.

Size first, then signature, then decrypt; 200 only after commit; forged or broken requests get an
empty body. What a message does is handlers/, how it is written on the wire is channels/.
"""

import logging
from typing import Any

from flask import Blueprint, Flask, Request, Response, request
from werkzeug.exceptions import HTTPException

from bot import logs
from bot.channels.contract import Channel
from bot.channels.crypto import Refused
from bot.channels.fitting import fitting
from bot.channels.request import LARGEST_BODY, RawRequest
from bot.counters import Counters
from bot.health import Health
from bot.intake import Crowded, Received
from bot.metrics import Metrics
from bot.service import Service
from handlers.message import Incoming
from storage.db import WriteBusy

log = logging.getLogger(__name__)


def create(service: Service) -> Flask:
    """The WSGI application of one service."""
    web, metrics = Flask(__name__, static_folder=None), Metrics()
    web.url_map.merge_slashes = False  # one address each; another way to write it is not there
    web.register_blueprint(_callbacks(service, metrics))
    web.register_blueprint(_operations(service, metrics))
    _handle_errors(web, metrics)
    _number_runs(web)
    return web


def _number_runs(web: Flask) -> None:
    """Every line that a request logs carries its id, also what its errors log."""
    inside = web.wsgi_app

    def numbered(environ: dict[str, Any], start_response: Any) -> Any:
        with logs.within("web"):
            return inside(environ, start_response)

    web.wsgi_app = numbered  # type: ignore[method-assign]


def _callbacks(service: Service, metrics: Metrics) -> Blueprint:
    pages = Blueprint("callbacks", __name__)

    @pages.get("/wecom/<kind>")
    def verify(kind: str) -> Response:
        channel = _channel(service, kind)
        plain = channel.verify(RawRequest(request.args, b""), service.now())
        return Response(plain, mimetype="text/plain")

    @pages.post("/wecom/<kind>")
    def receive(kind: str) -> Response:
        channel, now = _channel(service, kind), service.now()
        arrival = Received.of(request.environ)
        with metrics.timing(kind, arrival.at):
            opened = channel.open(RawRequest(request.args, _body(request)), now)
            incoming = fitting(opened.incoming)
            outcome = service.intake.take(channel, incoming, arrival, now)
            body, mimetype = channel.seal(outcome.reply, opened, now)
        metrics.answered(kind, outcome.handler)
        _note(service, kind, incoming)
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
    pages, counters = Blueprint("operations", __name__), Counters(service.database)
    health = Health(service, counters)

    @pages.get("/healthz")
    def healthz() -> tuple[dict[str, Any], int]:
        state = health.state()
        return state, 200 if state["ok"] else 503

    @pages.get("/metrics")
    def prometheus() -> Response:
        text = metrics.text(service, counters, health)
        return Response(text, mimetype="text/plain; version=0.0.4")

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

    @web.errorhandler(Crowded)
    def crowded(error: Crowded) -> Response:
        metrics.refused(503)
        log.warning("too much at once, WeCom will send again: %s", error)
        return Response(b"", status=503, headers={"Retry-After": "1"})

    @web.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return Response(b"", status=error.code)

    @web.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log.exception("request failed")
        return Response(b"", status=500)


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

"""The chat page at / and the control API under /emulator/api/: a thin JSON skin over FakeWecom.

Loopback only: a foreign Host or Origin is refused, and every change needs a JSON body, which no
page of another site can send without asking first.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request, send_from_directory

from emulator.callbacks import CallbackRefused, Delivery
from emulator.corp import FakeCorp, Sent
from emulator.phones import Shown
from emulator.stage import FakeWecom
from emulator.world import Member, World

STATIC = Path(__file__).parent / "static"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Body = dict[str, Any]


def page_blueprint(stage: FakeWecom) -> Blueprint:
    page = Blueprint("page", __name__)
    page.before_app_request(guard)
    page.after_app_request(with_headers)
    page.register_error_handler(ValueError, complaint)
    page.register_error_handler(CallbackRefused, complaint)
    add_files(page, stage)
    add_questions(page, stage)
    add_actions(page, stage)
    return page


# -- who may call


def guard() -> tuple[str, int] | None:
    """Against pages of other sites in the same browser: Host, Origin, and JSON for changes."""
    origin = request.headers.get("Origin")
    if not loopback(f"//{request.host}") or (origin and not loopback(origin)):
        return "the emulator answers on loopback only", 403
    ours = request.path.startswith("/emulator/")
    if ours and request.method not in ("GET", "HEAD") and not request.is_json:
        return "send application/json", 415
    return None


def loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in LOOPBACK
    except ValueError:
        return False


def with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


def complaint(error: Exception) -> tuple[Response, int]:
    return jsonify(error=str(error)), 400


# -- files


def add_files(page: Blueprint, stage: FakeWecom) -> None:
    @page.get("/")
    def home() -> Response:
        return send_from_directory(STATIC, "page.html")

    @page.get("/emulator/static/<name>")
    def static_file(name: str) -> Response:
        return send_from_directory(STATIC, name)

    @page.get("/emulator/picture/<media_id>")
    def picture(media_id: str) -> Response:
        medium = stage.corp.media.picture(media_id)
        if medium is None or not medium.mime.startswith("image/"):
            return Response("", status=404)
        return Response(medium.data, content_type=medium.mime)


# -- questions


def add_questions(page: Blueprint, stage: FakeWecom) -> None:
    @page.get("/emulator/api/world")
    def world() -> Response:
        slots = [f"{one:%H:%M}" for one in stage.slots]
        return jsonify(world_json(stage.world, stage.corp) | {"slots": slots})

    @page.get("/emulator/api/updates")
    def updates() -> Response:
        """Everything that changed after ?since=SEQ; `seq` is the next one to ask with."""
        corp, since = stage.corp, request.args.get("since", 0, type=int)
        with corp.lock:
            changed = [shown_json(one) for one in corp.phones.since(since)]
            return jsonify(seq=corp.phones.seq(), now=iso(corp.clock.now()), messages=changed)

    @page.get("/emulator/api/phones/<userid>")
    def phone(userid: str) -> Response:
        return jsonify([shown_json(one) for one in stage.phone(userid)])

    @page.get("/emulator/api/groups/<chat_id>")
    def group(chat_id: str) -> Response:
        userid = request.args.get("userid", "")
        return jsonify([shown_json(one) for one in stage.group(chat_id, userid)])

    @page.get("/emulator/api/sent")
    def sent() -> Response:
        since = request.args.get("since", 0, type=int)
        return jsonify([sent_json(one) for one in stage.corp.sent if one.number > since])

    @page.get("/emulator/api/deliveries")
    def deliveries() -> Response:
        return jsonify([delivery_json(one) for one in stage.corp.courier.deliveries])

    @page.get("/emulator/api/faults")
    def faults() -> Response:
        return jsonify([asdict(one) for one in stage.faults.pending()])


def world_json(world: World, corp: FakeCorp) -> Body:
    """No secrets: they belong to whoever built the world."""
    return {
        "corp_id": world.corp_id,
        "app": {"agent_id": world.app.agent_id, "name": world.app.name},
        "bot": {"bot_id": world.bot.bot_id, "name": world.bot.name},
        "connected": {"app": corp.app_line.url, "bot": corp.bot_line.url},
        "members": [member_json(one) for one in world.members],
        "groups": [
            {
                "chat_id": one.chat_id,
                "name": one.name,
                "members": one.members,
                "has_bot": one.has_bot,
            }
            for one in world.groups
        ],
    }


def member_json(member: Member) -> Body:
    return {
        "userid": member.userid,
        "name": member.name,
        "label": member.label,
        "role": member.role,
        "place": member.place,
    }


def shown_json(shown: Shown) -> Body:
    body = {name: value for name, value in vars(shown).items() if name not in ("at", "faces")}
    faces = {userid: asdict(face) for userid, face in shown.faces.items()}
    return body | {"at": iso(shown.at), "buttons": shown.buttons, "faces": faces}


def sent_json(sent: Sent) -> Body:
    return asdict(sent) | {"at": iso(sent.at)}


def delivery_json(delivery: Delivery) -> Body:
    """The packet stays inside: it is signed, and long."""
    names = ("id", "via", "userid", "chat", "trigger", "said", "status", "error", "message_id")
    body = {name: getattr(delivery, name) for name in names}
    reply = {name: value for name, value in (delivery.reply or {}).items() if name != "pictures"}
    return body | {
        "attempts": delivery.attempts,
        "text": delivery.text,
        "reply": reply or None,
        "shown": [one.id for one in delivery.shown],
        "also": [one.id for one in delivery.also],
    }


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


# -- actions


def add_actions(page: Blueprint, stage: FakeWecom) -> None:
    @page.post("/emulator/api/<action>")
    def act(action: str) -> Response | tuple[Response, int]:
        body = request.get_json(silent=True)
        if action not in ACTIONS or not isinstance(body, dict):
            return jsonify(error=f"POST a JSON object to one of {', '.join(ACTIONS)}"), 404
        try:
            return jsonify(ACTIONS[action](stage, body))
        except (KeyError, TypeError, binascii.Error) as error:
            return jsonify(error=f"missing or wrong: {error}"), 400


def say(stage: FakeWecom, body: Body) -> Body:
    location = body.get("location")
    voice = body.get("voice")
    delivery = stage.say(
        body["userid"],
        str(body.get("text", "")),
        chat=body.get("chat"),
        via=str(body.get("via", "app")),
        images=[unpack(one) for one in body.get("images", [])],
        voice=None if voice is None else unpack(voice),
        location=(float(location[0]), float(location[1]), str(location[2])) if location else None,
        quote=body.get("quote"),
        mention=bool(body.get("mention", True)),
    )
    return delivery_json(delivery)


def unpack(text: str) -> bytes:
    """Base64, with or without the head of a data: URL."""
    return base64.b64decode(text.rpartition(",")[2], validate=True)


def open_chat(stage: FakeWecom, body: Body) -> Body:
    return delivery_json(stage.open_chat(body["userid"], str(body.get("via", "app"))))


def click(stage: FakeWecom, body: Body) -> Body:
    selected = body.get("selected") or {}
    return delivery_json(
        stage.click(body["userid"], body["message_id"], body["key"], dict(selected))
    )


def feedback(stage: FakeWecom, body: Body) -> Body:
    more = {name: body[name] for name in ("content", "inaccurate_reason_list") if name in body}
    return delivery_json(
        stage.feedback(body["userid"], body["message_id"], int(body["type"]), **more)
    )


def redeliver(stage: FakeWecom, body: Body) -> Body:
    delivery = stage.corp.courier.find(str(body["delivery_id"]))
    if delivery is None:
        raise ValueError("there is no such delivery")
    return delivery_json(stage.redeliver(delivery))


def member(stage: FakeWecom, body: Body) -> Body:
    """{"userid": …} and "action": delete, disable, enable, add (name, label), rename (new)."""
    userid, action = str(body["userid"]), str(body["action"])
    if action == "add":
        label = str(body.get("label", "居民"))
        told = stage.add_member(Member(userid, str(body["name"]), label))
    elif action == "rename":
        told = stage.rename_member(userid, str(body["new"]))
    else:
        told = MEMBER_ACTIONS[action](stage, userid)
    return {"told": delivery_json(told) if told else None}


MEMBER_ACTIONS: dict[str, Callable[[FakeWecom, str], Delivery | None]] = {
    "delete": FakeWecom.delete_member,
    "disable": FakeWecom.disable_member,
    "enable": FakeWecom.enable_member,
}


def connect(stage: FakeWecom, body: Body) -> Body:
    """{"app": url, "bot": url}: save one or both callbacks."""
    if "app" in body:
        stage.connect_app(body["app"])
    if "bot" in body:
        stage.connect_bot(body["bot"])
    return world_json(stage.world, stage.corp)


def move_clock(stage: FakeWecom, body: Body) -> Body:
    """{"hours": 1}, {"months": 1}, {"slot": true}, {"set": "2026-11-23T09:00+08:00"},
    {"freeze": true}.
    """
    clock = stage.corp.clock
    if "set" in body:
        clock.set(datetime.fromisoformat(body["set"]))
    if "freeze" in body:
        (clock.freeze if body["freeze"] else clock.thaw)()
    if body.get("slot"):
        clock.next_of(stage.slots)
    for _ in range(min(int(body.get("months", 0)), 24)):
        clock.next_month()
    units = ("seconds", "minutes", "hours", "days", "weeks")
    step = timedelta(**{unit: float(body[unit]) for unit in units if unit in body})
    if step:
        clock.advance(step)
    return {"now": iso(clock.now())}


def add_fault(stage: FakeWecom, body: Body) -> Body:
    """{"path": "message/send", "errcode": 45009, "times": 2}, {"callback": "duplicate"},
    {"invalidate_tokens": 40014}, {"release": true} or {"clear": true}.
    """
    faults, times = stage.faults, int(body.get("times", 1))
    if "clear" in body:
        faults.clear()
    elif "release" in body:
        stage.release()
    elif "invalidate_tokens" in body:
        faults.invalidate_tokens(int(body["invalidate_tokens"]))
    elif "callback" in body:
        more = {"via": str(body.get("via", "*")), "value": float(body.get("value", 1))}
        faults.callback(body["callback"], times=times, **more)  # type: ignore[arg-type]
    else:
        rest = {name: value for name, value in body.items() if name not in ("path", "times")}
        faults.api(body["path"], times=times, **rest)
    return {"pending": [asdict(one) for one in faults.pending()]}


ACTIONS: dict[str, Callable[[FakeWecom, Body], Body]] = {
    "say": say,
    "open": open_chat,
    "click": click,
    "feedback": feedback,
    "redeliver": redeliver,
    "connect": connect,
    "member": member,
    "clock": move_clock,
    "faults": add_fault,
}

"""/cgi-bin/…: the table of API calls, and what happens to every one of them before and after.

Each call is logged, may meet a fault, and has its token, address and frequency checked here;
what it does stands in sending.py, contacts.py and below.
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, request

from emulator import contacts, sending
from emulator.corp import FakeCorp, Sent
from emulator.errcodes import Refusal
from emulator.faults import Fault
from emulator.sending import Call

Answer = dict[str, Any]

#: Per corp and API call.
CALL_LIMITS = {60: 10_000}


@dataclass(frozen=True)
class Endpoint:
    method: str
    run: Callable[[FakeCorp, Call], Answer | Response]
    needs_token: bool = True


def gettoken(corp: FakeCorp, call: Call) -> Answer:
    if call.query.get("corpid") != corp.world.corp_id:
        raise Refusal(40013)
    if call.query.get("corpsecret") != corp.world.app.secret:
        raise Refusal(40001, "corpsecret")
    token = corp.tokens.hand_out()
    seconds = math.ceil((token.expires_at - corp.clock.now()).total_seconds())
    return {"errcode": 0, "errmsg": "ok", "access_token": token.text, "expires_in": seconds}


def media_upload(corp: FakeCorp, call: Call) -> Answer:
    return upload(corp, call, call.query.get("type", ""))


def hook_upload(corp: FakeCorp, call: Call) -> Answer:
    sending.hook_group(corp, call)
    kind = call.query.get("type", "")
    if kind not in ("file", "voice"):
        raise Refusal(40004, "type is file or voice")
    return upload(corp, call, kind)


def upload(corp: FakeCorp, call: Call, kind: str) -> Answer:
    if call.file is None:
        raise Refusal(44001, "the multipart field is called media")
    name, data = call.file
    medium = corp.media.upload(kind, data, name)
    created = str(int(medium.created_at.timestamp()))
    return {
        "errcode": 0,
        "errmsg": "ok",
        "type": kind,
        "media_id": medium.id,
        "created_at": created,
    }


def media_get(corp: FakeCorp, call: Call) -> Response:
    medium = corp.media.get(call.query.get("media_id", ""))
    headers = {"Content-Disposition": f'attachment; filename="{medium.id[:8]}"'}
    return Response(medium.data, content_type=medium.mime, headers=headers)


ENDPOINTS: dict[str, Endpoint] = {
    "gettoken": Endpoint("GET", gettoken, needs_token=False),
    "message/send": Endpoint("POST", sending.send),
    "message/update_template_card": Endpoint("POST", sending.update_card),
    "message/recall": Endpoint("POST", sending.recall),
    "media/upload": Endpoint("POST", media_upload),
    "media/get": Endpoint("GET", media_get),
    "user/get": Endpoint("GET", contacts.user_get),
    "user/simplelist": Endpoint("GET", contacts.user_simplelist),
    "department/list": Endpoint("GET", contacts.department_list),
    "department/simplelist": Endpoint("GET", contacts.department_simplelist),
    "getcallbackip": Endpoint("GET", contacts.callback_ips),
    "get_api_domain_ip": Endpoint("GET", contacts.api_ips),
    "webhook/send": Endpoint("POST", sending.hook_send, needs_token=False),
    "webhook/upload_media": Endpoint("POST", hook_upload, needs_token=False),
    "aibot/response": Endpoint("POST", sending.response, needs_token=False),
}


def api_blueprint(corp: FakeCorp) -> Blueprint:
    api = Blueprint("api", __name__, url_prefix="/cgi-bin")

    @api.route("/<path:path>", methods=["GET", "POST"])
    def call_api(path: str) -> Response:
        log = corp.log(path, request.args.to_dict(), seen_body())
        fault = corp.faults.take_api(path)
        response = broken(fault) or answered(corp, path, log)
        if fault is not None and fault.kind == "lost":
            response = Response("", status=int(fault.value))
        log.status = response.status_code
        log.answer = without_token(response.get_json(silent=True))
        return response

    @api.get("/aibot/media/<name>")
    def encrypted_media(name: str) -> Response:
        data = corp.media.encrypted(name)
        if data is None:
            return Response("", status=403)
        return Response(data, content_type="application/octet-stream")

    return api


def without_token(answer: Any) -> Any:
    """The log is shown on a page."""
    hide = isinstance(answer, dict) and "access_token" in answer
    return {**answer, "access_token": "…"} if hide else answer


def seen_body() -> Any:
    if request.method == "GET":
        return None
    return request.get_json(force=True, silent=True) if not request.files else "(a file)"


def broken(fault: Fault | None) -> Response | None:
    """What a fault answers in place of the call; a delay only makes it wait."""
    if fault is None:
        return None
    if fault.kind == "delay":
        time.sleep(fault.value)
    if fault.kind == "errcode":
        return jsonify(Refusal(int(fault.value), "a fault on purpose").answer())
    if fault.kind == "status":
        return Response("a fault on purpose", status=int(fault.value))
    if fault.kind == "garbage":
        return Response('{"errcode":0,"errmsg":"o', content_type="application/json")
    return None


def answered(corp: FakeCorp, path: str, log: Sent) -> Response:
    try:
        with corp.lock:
            answer = run(corp, path, log)
    except Refusal as refusal:
        answer = refusal.answer()
    return answer if isinstance(answer, Response) else jsonify(answer)


def run(corp: FakeCorp, path: str, log: Sent) -> Answer | Response:
    endpoint = ENDPOINTS.get(path)
    if endpoint is None:
        raise Refusal(40066, "no such API in this emulator")
    if request.method != endpoint.method:
        raise Refusal(43001 if endpoint.method == "GET" else 43002, f"use {endpoint.method}")
    if endpoint.needs_token:
        check_access(corp, path)
    return endpoint.run(corp, read_call(path, log))


def check_access(corp: FakeCorp, path: str) -> None:
    corp.tokens.check(request.args.get("access_token", ""))
    trusted = corp.world.app.trusted_ips
    if trusted and request.remote_addr not in trusted:
        raise Refusal(60020, f"from ip: {request.remote_addr}")
    if not corp.windows.hit(("call", path), CALL_LIMITS):
        raise Refusal(45009)


def read_call(path: str, log: Sent) -> Call:
    upload = request.files.get("media")
    if request.method == "GET" or request.files:
        body, raw = {}, b""
    else:
        raw = request.get_data()
        body = parse(raw)
        if b"\\u" in raw:
            log.warnings.append("\\uXXXX escapes: send UTF-8, some interfaces answer 40033")
    return Call(
        path=path,
        query=request.args.to_dict(),
        body=body,
        raw=raw,
        log=log,
        ip=request.remote_addr or "",
        file=(upload.filename or "", upload.read()) if upload else None,
    )


def parse(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Refusal(40035, "Warning: wrong json format") from error
    if not isinstance(body, dict):
        raise Refusal(40035, "Warning: wrong json format. an object is expected")
    return body

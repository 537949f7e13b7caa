"""What members do towards the 自建应用: write, send photos, open it, tap its cards.

Builds the XML packets and shows the passive replies; the way there and back is callbacks.py.
"""

from dataclasses import dataclass, field
from typing import Any

from emulator import replies
from emulator.callbacks import Delivery, Packet, with_query
from emulator.corp import FakeCorp
from emulator.said import Spoken, Tap, keep_pictures
from emulator.sending import RESPONSE_CODE_LIFETIME
from emulator.world import Member
from emulator.xml import to_xml

#: MsgId is a 64-bit number; it grows by one with each message.
FIRST_MSG_ID = 7_301_234_567_890_000_000

#: Who writes what the corp itself has to say.
SYSTEM = "sys"
CHANGE = "change_contact"

Fields = dict[str, Any]


@dataclass
class AppPart:
    """One packet's worth of what was said, and how it looks on the sender's phone."""

    kind: str
    fields: Fields
    words: str
    pictures: list[str] = field(default_factory=list)


class AppSide:
    def __init__(self, corp: FakeCorp) -> None:
        self.corp = corp

    def say(self, member: Member, said: Spoken) -> Delivery:
        """An app has no mixed messages: words, photos, voice and place are packets of their own."""
        deliveries = [self._send(member, part) for part in self._parts(said)]
        if not deliveries:
            raise ValueError("nothing to say: give text, images, voice or location")
        first, *rest = deliveries
        first.also = rest
        return first

    def event(self, member: Member, event: str, fields: Fields | None = None) -> Delivery:
        """Any event, known or not: enter_agent, subscribe, click with an EventKey …"""
        delivery = self.corp.courier.open("app", member.userid, chat="app", trigger=event)
        self._carry(delivery, {"MsgType": "event", "Event": event, **(fields or {"EventKey": ""})})
        return delivery

    def contact_event(self, change: str, fields: Fields) -> Delivery:
        """change_contact comes from the corp itself: sender "sys", no AgentID."""
        delivery = self.corp.courier.open("app", SYSTEM, chat="app", trigger=CHANGE)
        delivery.said = f"{change} {fields.get('UserID', '')}".strip()
        head = {"MsgType": "event", "Event": CHANGE, "ChangeType": change}
        self._carry(delivery, {**head, **fields})
        return delivery

    def message(self, member: Member, kind: str, fields: Fields) -> Delivery:
        """Any message type with its own fields, such as link or video."""
        return self._send(member, AppPart(kind, fields, f"[{kind}]"))

    def tap(self, tap: Tap) -> Delivery:
        member = self.corp.world.member(tap.userid)
        assert member is not None
        trigger = "template_card_menu_event" if is_menu(tap) else "template_card_event"
        delivery = self.corp.courier.open("app", member.userid, chat="app", trigger=trigger)
        delivery.message_id, delivery.said = tap.shown.id, tap.key
        self._carry(delivery, self._tap_fields(tap), tap)
        return delivery

    def _parts(self, said: Spoken) -> list[AppPart]:
        parts: list[AppPart] = []
        if said.text and said.voice is None:
            parts.append(AppPart("text", {"Content": said.text}, said.text))
        for media_id in keep_pictures(self.corp, said.images):
            address = f"{self.corp.api_base}/emulator/picture/{media_id}"
            fields = {"PicUrl": address, "MediaId": media_id}
            parts.append(AppPart("image", fields, "[图片]", [media_id]))
        if said.voice is not None:
            medium = self.corp.media.keep("voice", said.voice)
            fields = {"MediaId": medium.id, "Format": "amr"}
            parts.append(AppPart("voice", fields, f"[语音] {said.text}".strip()))
        if said.location is not None:
            parts.append(place(said.location))
        return parts

    def _send(self, member: Member, part: AppPart) -> Delivery:
        userid, words = member.userid, part.words
        shown = self.corp.phones.show(
            "app", userid, part.kind, words, owner=userid, pictures=part.pictures
        )
        delivery = self.corp.courier.open("app", userid, chat="app", trigger="message", said=words)
        delivery.message_id = shown.id
        msg_id = FIRST_MSG_ID + self.corp.next_number()
        self._carry(delivery, {"MsgType": part.kind, **part.fields, "MsgId": msg_id})
        if delivery.complaint:
            self.corp.phones.note(shown, delivery.complaint)
        return delivery

    def _tap_fields(self, tap: Tap) -> Fields:
        code = self.corp.tickets.issue(RESPONSE_CODE_LIFETIME, msgid=tap.shown.msgid)
        fields: Fields = {
            "MsgType": "event",
            "Event": "template_card_event",
            "EventKey": tap.key,
            "TaskId": tap.task_id,
            "CardType": tap.card_type,
            "ResponseCode": code,
        }
        if is_menu(tap):
            return fields | {"Event": "template_card_menu_event"}
        if tap.selected:
            chosen = [
                {"QuestionKey": key, "OptionIds": {"OptionId": list(options)}}
                for key, options in tap.selected.items()
            ]
            fields["SelectedItems"] = {"SelectedItem": chosen}
        return fields

    def _carry(self, delivery: Delivery, fields: Fields, tap: Tap | None = None) -> None:
        line, courier = self.corp.app_line, self.corp.courier
        member = self.corp.world.member(delivery.userid)
        if not line.url:
            delivery.error = "应用还没有保存接收消息的地址"
        elif delivery.userid != SYSTEM and (member is None or not self.corp.world.in_range(member)):
            delivery.error = "这位成员不在应用的可见范围内"
        else:
            faults = courier.faults.take_callbacks("app")
            delivery.packet = self._packet(delivery.userid, fields, faults)
            courier.carry(delivery, lambda one, body: self._accept(one, body, tap), faults)

    def _packet(self, userid: str, fields: Fields, faults: dict[str, float]) -> Packet:
        world, line, clock = self.corp.world, self.corp.app_line, self.corp.clock
        agent_id = world.app.agent_id
        head = {
            "ToUserName": world.corp_id,
            "FromUserName": userid,
            "CreateTime": clock.timestamp(),
        }
        of_app = {} if userid == SYSTEM else {"AgentID": agent_id}
        plain = to_xml({"xml": {**head, **fields, **of_app}})
        encrypted = line.cipher.encrypt(plain)
        if "wrong_receive_id" in faults:
            encrypted = line.cipher.for_stranger().encrypt(plain)
        no_agent = userid == SYSTEM or "empty_agent_id" in faults
        shown_agent = "" if no_agent else str(agent_id)
        envelope = {
            "ToUserName": world.corp_id,
            "AgentID": shown_agent,
            "Encrypt": encrypted,
        }
        query = line.signed(encrypted, clock, faults)
        return Packet(
            with_query(line.url, query),
            to_xml({"xml": envelope}).encode(),
            "text/xml; charset=utf-8",
            query["nonce"],
            query["timestamp"],
        )

    def read(self, delivery: Delivery, body: bytes) -> None:
        """Check an answer and remember it, without showing it."""
        cipher, trigger = self.corp.app_line.cipher, delivery.trigger
        delivery.reply = replies.app_reply(body, cipher, userid=delivery.userid, trigger=trigger)

    def _accept(self, delivery: Delivery, body: bytes, tap: Tap | None) -> None:
        self.read(delivery, body)
        reply = delivery.reply
        if reply is None:
            return
        with self.corp.lock:
            if tap is None or reply["type"] in replies.APP_MESSAGES:
                delivery.shown.append(self._show(delivery, reply))
            elif reply["card"]:
                self.corp.phones.replace_card(tap.shown, reply["card"])
            else:
                self.corp.phones.grey(tap.shown, reply["text"])

    def _show(self, delivery: Delivery, reply: dict[str, Any]) -> Any:
        pictures = [reply["media_id"]] if reply["type"] == "image" else []
        return self.corp.phones.show(
            "app",
            "app",
            reply["type"],
            reply["text"],
            owner=delivery.userid,
            pictures=pictures,
            links=reply.get("links", []),
        )


def is_menu(tap: Tap) -> bool:
    kinds = {one.get("key"): one["kind"] for one in tap.shown.buttons}
    return kinds.get(tap.key) == "menu"


def place(location: tuple[float, float, str]) -> AppPart:
    latitude, longitude, label = location
    fields = {
        "Location_X": latitude,
        "Location_Y": longitude,
        "Scale": 15,
        "Label": label,
        "AppType": "wxwork",
    }
    return AppPart("location", fields, f"[位置] {label}")

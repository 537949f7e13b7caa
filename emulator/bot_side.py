"""What members do towards the 智能机器人: @ it in a group, write privately, open it, tap its cards.

Builds the JSON packets, follows a stream until it is finished, shows the replies.
"""

import json
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from emulator import replies
from emulator.callbacks import TRIES, Delivery, Packet, with_query
from emulator.corp import FakeCorp
from emulator.errcodes import OWN_CHOICE
from emulator.phones import Shown
from emulator.said import Spoken, Tap, keep_pictures, quoted_words
from emulator.world import Group, Member

RESPONSE_URL_LIFETIME = timedelta(hours=1)
STREAM_LIFETIME = timedelta(minutes=6)
MOST_IN_FLIGHT = 3

Body = dict[str, Any]


class BotSide:
    def __init__(self, corp: FakeCorp, refresh_seconds: float) -> None:
        self.corp = corp
        self.refresh_seconds = refresh_seconds
        self._in_flight: Counter[str] = Counter()
        self._entered: set[tuple[str, str]] = set()
        self._stream_shown: dict[str, Shown] = {}

    def say(self, member: Member, said: Spoken, group: Group | None) -> Delivery:
        chat = group.chat_id if group else "bot"
        shown = self._show_own(member, said, group)
        delivery = self.corp.courier.open(
            "bot", member.userid, chat=chat, trigger="message", said=shown.text
        )
        delivery.message_id = shown.id
        delivery.error = self._not_called_back(said, group)
        if not delivery.error:
            self._exchange(delivery, self._message(shown, said, group))
        if delivery.complaint:
            self.corp.phones.note(shown, delivery.complaint)
        return delivery

    def enter(self, member: Member) -> Delivery:
        """The first time that day; not sent again that day, even if it was not answered."""
        delivery = self.corp.courier.open("bot", member.userid, chat="bot", trigger="enter_chat")
        today = self.corp.clock.now().date().isoformat()
        if (member.userid, today) in self._entered:
            delivery.error = "今天已经进入过"
            return delivery
        self._entered.add((member.userid, today))
        self._carry(delivery, self._event(member.userid, "enter_chat", {}, "bot"), tries=1)
        return delivery

    def tap(self, tap: Tap) -> Delivery:
        """Exactly one attempt; an event that is not answered in time is gone."""
        shown = tap.shown
        delivery = self.corp.courier.open(
            "bot", tap.userid, chat=shown.chat, trigger="template_card_event"
        )
        delivery.message_id, delivery.said = shown.id, tap.key
        payload: Body = {
            "card_type": tap.card_type,
            "event_key": tap.key,
            "task_id": tap.task_id,
        }
        if tap.selected:
            chosen = [
                {"question_key": key, "option_ids": {"option_id": list(options)}}
                for key, options in tap.selected.items()
            ]
            payload["selected_items"] = {"selected_item": chosen}
        body = self._event(tap.userid, "template_card_event", payload, shown.chat)
        body["response_url"] = self._response_url(tap.userid, shown.chat, shown.text)
        self._carry(delivery, body, tries=1, tap=tap)
        return delivery

    def feedback(self, member: Member, shown: Shown, payload: Body) -> Delivery:
        """Only a message that carried a feedback.id can be judged."""
        delivery = self.corp.courier.open(
            "bot", member.userid, chat=shown.chat, trigger="feedback_event"
        )
        if not shown.feedback_id:
            delivery.error = "这条消息没有反馈入口"
            return delivery
        payload = {"id": shown.feedback_id, **payload}
        body = self._event(member.userid, "feedback_event", payload, shown.chat)
        self._carry(delivery, body, tries=1)
        return delivery

    # -- what was said

    def _show_own(self, member: Member, said: Spoken, group: Group | None) -> Shown:
        text = said.text
        if group and said.mention:
            text = f"@{self.corp.world.bot.name} {text}"
        words = [text, "[图片]" * len(said.images)]
        words += ["[语音]"] if said.voice is not None else []
        words += [f"[位置] {said.location[2]}"] if said.location else []
        return self.corp.phones.show(
            group.chat_id if group else "bot",
            member.userid,
            "text" if text else "image",
            " ".join(filter(None, words)),
            owner="" if group else member.userid,
            pictures=keep_pictures(self.corp, said.images),
            quote=quoted_words(self.corp, said.quote),
        )

    def _not_called_back(self, said: Spoken, group: Group | None) -> str:
        """Why WeCom shows this message but sends no callback; empty if it does."""
        if not self.corp.bot_line.url:
            return "机器人还没有保存回调地址"
        if said.location is not None:
            return "机器人收不到位置消息"
        if group is None:
            return "" if said.text or said.images or said.voice else "空消息"
        if not group.has_bot:
            return "机器人不在这个群里"
        if not said.mention:
            return "没有@机器人，机器人收不到这条消息"
        return "群里的机器人只收文字和图文消息" if said.voice or not said.text else ""

    def _message(self, shown: Shown, said: Spoken, group: Group | None) -> Body:
        text = f"@{self.corp.world.bot.name} {said.text}" if group else said.text
        body = self._envelope(shown.sender, shown.chat)
        body["response_url"] = self._response_url(shown.sender, shown.chat, shown.text)
        body |= self._content(text, said)
        if quote := self._quote(said.quote):
            body["quote"] = quote
        return body

    def _content(self, text: str, said: Spoken) -> Body:
        if said.voice is not None:
            return {"msgtype": "voice", "voice": {"content": text}}
        images = [{"url": self._encrypted_url(one)} for one in said.images]
        if not images:
            return {"msgtype": "text", "text": {"content": text}}
        if not text and len(images) == 1:
            return {"msgtype": "image", "image": images[0]}
        words = [{"msgtype": "text", "text": {"content": text}}] if text else []
        items = [*words, *({"msgtype": "image", "image": one} for one in images)]
        return {"msgtype": "mixed", "mixed": {"msg_item": items}}

    def _quote(self, message_id: str) -> Body | None:
        """The quoted message without author and id."""
        quoted = self.corp.phones.find(message_id) if message_id else None
        if quoted is None:
            return None
        media = [self.corp.media.picture(one) for one in quoted.pictures]
        if media and media[0] is not None:
            url = self._encrypted_url(media[0].data)
            return {"msgtype": "image", "image": {"url": url}}
        return {"msgtype": "text", "text": {"content": quoted.text}}

    def _encrypted_url(self, data: bytes) -> str:
        name = self.corp.media.offer_encrypted(self.corp.bot_line.cipher.encrypt_media(data))
        return f"{self.corp.api_base}/cgi-bin/aibot/media/{name}"

    def _response_url(self, userid: str, chat: str, quote: str) -> str:
        code = self.corp.tickets.issue(RESPONSE_URL_LIFETIME, userid=userid, chat=chat, quote=quote)
        return f"{self.corp.api_base}/cgi-bin/aibot/response?response_code={code}"

    def _envelope(self, userid: str, chat: str) -> Body:
        body: Body = {
            "msgid": f"CAIQ{self.corp.next_number():08d}",
            "aibotid": self.corp.world.bot.bot_id,
            "chattype": "single" if chat == "bot" else "group",
            "from": {"userid": userid},
        }
        return body if chat == "bot" else body | {"chatid": chat}

    def _event(self, userid: str, kind: str, payload: Body, chat: str) -> Body:
        body = self._envelope(userid, chat)
        if kind == "enter_chat":
            del body["chattype"]
        return body | {
            "create_time": self.corp.clock.timestamp(),
            "msgtype": "event",
            "event": {"eventtype": kind, kind: payload},
        }

    # -- there and back

    def _exchange(self, delivery: Delivery, body: Body) -> None:
        """One message and, if its answer is an unfinished stream, the polling that follows."""
        userid = delivery.userid
        with self.corp.lock:
            if self._in_flight[userid] >= MOST_IN_FLIGHT:
                delivery.error = f"前三条还没有答复，第四条不再受理 {OWN_CHOICE}"
                return
            self._in_flight[userid] += 1
        try:
            self._carry(delivery, body)
            self._follow(delivery)
        finally:
            with self.corp.lock:
                self._in_flight[userid] -= 1

    def _follow(self, delivery: Delivery) -> None:
        """Poll about every second until finish=true, six minutes at most."""
        started, polls = self.corp.clock.now(), 0
        while unfinished(delivery):
            time.sleep(self.refresh_seconds)
            polls += 1
            waited = max(self.corp.clock.now() - started, timedelta(seconds=polls))
            if waited > STREAM_LIFETIME:
                delivery.status, delivery.error = "failed", "六分钟内没有收到 finish=true"
                self._note_stream(delivery, "回答超时")
                return
            self._refresh(delivery)

    def _refresh(self, delivery: Delivery) -> None:
        """A refresh that fails changes nothing; the next one may succeed."""
        assert delivery.reply is not None
        poll = self.corp.courier.open("bot", delivery.userid, chat=delivery.chat, trigger="stream")
        stream_id = delivery.reply["stream_id"]
        body = self._envelope(delivery.userid, delivery.chat)
        poll.message_id = delivery.message_id
        body |= {"msgtype": "stream", "stream": {"id": stream_id}}
        self._carry(poll, body, tries=1, stream=delivery)
        delivery.also.append(poll)
        if poll.status == "refused":
            delivery.status, delivery.error = "refused", poll.error
        if poll.reply is not None:
            card = poll.reply["card"] or delivery.reply["card"]
            delivery.reply = {**poll.reply, "card": card}

    def _carry(
        self,
        delivery: Delivery,
        body: Body,
        *,
        tries: int = TRIES,
        tap: Tap | None = None,
        stream: Delivery | None = None,
    ) -> None:
        line, courier = self.corp.bot_line, self.corp.courier
        if not line.url:
            delivery.error = "机器人还没有保存回调地址"
            return
        faults = courier.faults.take_callbacks("bot")
        delivery.packet = self._packet(body, faults)

        def accept(one: Delivery, answer: bytes) -> None:
            self._accept(one, answer, tap=tap, stream=stream)

        courier.carry(delivery, accept, faults, tries)

    def _packet(self, body: Body, faults: dict[str, float]) -> Packet:
        line = self.corp.bot_line
        cipher = line.cipher.for_stranger() if "wrong_receive_id" in faults else line.cipher
        encrypted = cipher.encrypt(json.dumps(body, ensure_ascii=False))
        query = line.signed(encrypted, self.corp.clock, faults)
        return Packet(
            with_query(line.url, query),
            json.dumps({"encrypt": encrypted}).encode(),
            "application/json",
            query["nonce"],
            query["timestamp"],
        )

    def read(self, delivery: Delivery, answer: bytes) -> None:
        """Check an answer and remember it, without showing it."""
        assert delivery.packet is not None
        cipher, nonce = self.corp.bot_line.cipher, delivery.packet.nonce
        delivery.reply = replies.bot_reply(answer, cipher, nonce=nonce, trigger=delivery.trigger)

    def _accept(
        self, delivery: Delivery, answer: bytes, *, tap: Tap | None, stream: Delivery | None
    ) -> None:
        self.read(delivery, answer)
        reply = delivery.reply
        if reply is None:
            return
        with self.corp.lock:
            self._check_card(reply, tap, stream)
            if tap is not None:
                self._update(tap, reply)
            elif "stream_id" in reply:
                self._show_stream(delivery, reply, stream)
            else:
                self._show(delivery, reply)

    def _check_card(self, reply: Body, tap: Tap | None, stream: Delivery | None) -> None:
        """Rules that need to know what came before: the task_id, one card per message."""
        if stream is not None and stream.reply is not None:
            same = reply["stream_id"] == stream.reply["stream_id"]
            replies.require(same, "stream.id is not the one that was asked for")
            second = reply["card"] and stream.reply["card"]
            replies.require(not second, "only one card per message")
        if not reply["card"]:
            return
        task_id = str(reply["card"].get("task_id", ""))
        if tap is not None:
            replies.require(task_id == tap.task_id, "task_id differs from the callback's")
        elif task_id:
            fresh = ("bot", task_id) not in self.corp.task_ids
            replies.require(fresh, "task_id has been used before")
            self.corp.task_ids.add(("bot", task_id))

    # -- what the phones show

    def _update(self, tap: Tap, reply: Body) -> None:
        """Without userids the card changes for everybody who got it."""
        for userid in reply["userids"] or [""]:
            self.corp.phones.replace_card(tap.shown, reply["card"], userid)

    def _show_stream(self, delivery: Delivery, reply: Body, first: Delivery | None) -> None:
        key = (first or delivery).id
        shown = self._stream_shown.get(key)
        if shown is None:
            more = self._where(delivery) | {"feedback_id": reply["feedback_id"]}
            shown = self.corp.phones.show(delivery.chat, "bot", "markdown", "", **more)
            self._stream_shown[key] = shown
        shown.text = reply["stream_text"]
        shown.pictures = keep_pictures(self.corp, reply["pictures"])
        self.corp.phones.note(shown, "" if reply["finish"] else "正在回答…")
        delivery.shown.append(shown)
        if reply["card"]:
            self._show_card(delivery, reply)

    def _show(self, delivery: Delivery, reply: Body) -> None:
        if reply["card"]:
            self._show_card(delivery, reply)
        else:
            more = self._where(delivery)
            shown = self.corp.phones.show(delivery.chat, "bot", "text", reply["text"], **more)
            delivery.shown.append(shown)

    def _show_card(self, delivery: Delivery, reply: Body) -> None:
        more = self._where(delivery) | {"feedback_id": reply["card_feedback_id"], "quote": ""}
        shown = self.corp.phones.show_card(delivery.chat, "bot", reply["card"], **more)
        delivery.shown.append(shown)

    def _where(self, delivery: Delivery) -> Body:
        """In a group the answer quotes the question, as the client shows it."""
        if delivery.chat == "bot":
            return {"owner": delivery.userid}
        asked = self.corp.phones.find(delivery.message_id)
        return {"quote": asked.text if asked else ""}

    def _note_stream(self, delivery: Delivery, note: str) -> None:
        shown = self._stream_shown.get(delivery.id)
        if shown is not None:
            self.corp.phones.note(shown, note)


def unfinished(delivery: Delivery) -> bool:
    reply = delivery.reply
    waiting = reply is not None and "stream_id" in reply and not reply["finish"]
    return waiting and delivery.status == "delivered"

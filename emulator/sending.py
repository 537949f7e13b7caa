"""message/send, update_template_card, recall, the group webhook and the aibot's response_url.

Each function takes the corp and one Call and returns the answer, or raises Refusal.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from emulator import card_rules
from emulator.content import (
    APP_COMPOSERS,
    HOOK_COMPOSERS,
    RESPONSE_COMPOSERS,
    SINGLE_RESPONSE_COMPOSERS,
    Content,
    changed_card,
    compose,
)
from emulator.corp import FakeCorp, Sent
from emulator.errcodes import OWN_CHOICE, Refusal
from emulator.phones import Shown
from emulator.world import Group, Member

Answer = dict[str, Any]

RESPONSE_CODE_LIFETIME = timedelta(hours=72)
RECALL_LIFETIME = timedelta(hours=24)
MEMBER_LIMITS = {60: 30, 3600: 1000}
WEBHOOK_LIMITS = {60: 20}
REPEAT_SECONDS = 1800
MOST_REPEAT_SECONDS = 14400


@dataclass
class Call:
    """One request of the service, already parsed."""

    path: str
    query: dict[str, str]
    body: dict[str, Any]
    raw: bytes
    log: Sent
    ip: str = ""
    file: tuple[str, bytes] | None = None


@dataclass
class Recipients:
    found: dict[str, Member] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)
    parties: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def add(self, member: Member) -> None:
        """Whoever is named twice gets one message."""
        self.found[member.userid] = member


def send(corp: FakeCorp, call: Call) -> Answer:
    require_agent(corp, call.body)
    if (answer := repeated(corp, call)) is not None:
        call.log.repeated = True
        return answer
    people = recipients(corp, call.body)
    content = compose(corp, call.body, APP_COMPOSERS)
    call.log.warnings += content.warnings
    msgid = corp.new_msgid("mid-")
    deliver(corp, call, people=people, content=content, msgid=msgid)
    answer = {"errcode": 0, "errmsg": "ok", "unlicenseduser": "", "msgid": msgid}
    answer |= {"invaliduser": "|".join(people.users), "invalidparty": "|".join(people.parties)}
    answer["invalidtag"] = "|".join(people.tags)
    if content.card and card_rules.needs_callback(content.card):
        answer["response_code"] = corp.tickets.issue(RESPONSE_CODE_LIFETIME, msgid=msgid)
    if call.body.get("enable_duplicate_check"):
        corp.repeats[fingerprint(call)] = (corp.clock.now(), answer)
    return answer


def deliver(
    corp: FakeCorp, call: Call, *, people: Recipients, content: Content, msgid: str
) -> None:
    """Beyond 30 a minute and 1000 an hour a member silently gets nothing."""
    for member in people.found.values():
        if corp.windows.hit(("member", member.userid), MEMBER_LIMITS):
            content.show(corp, "app", "app", owner=member.userid, msgid=msgid)
        else:
            call.log.dropped.append(member.userid)


def require_agent(corp: FakeCorp, body: dict[str, Any]) -> None:
    if str(body.get("agentid")) != str(corp.world.app.agent_id):
        raise Refusal(40056, f"agentid {body.get('agentid')!r}")


def fingerprint(call: Call) -> str:
    return hashlib.sha256(call.raw).hexdigest()


def repeated(corp: FakeCorp, call: Call) -> Answer | None:
    """The first answer again, if the very same bytes came inside the interval."""
    if not call.body.get("enable_duplicate_check"):
        return None
    at, answer = corp.repeats.get(fingerprint(call), (None, None))
    wanted = whole(call.body.get("duplicate_check_interval") or REPEAT_SECONDS)
    interval = timedelta(seconds=min(wanted, MOST_REPEAT_SECONDS))
    return answer if at is not None and corp.clock.now() - at < interval else None


def recipients(corp: FakeCorp, body: dict[str, Any]) -> Recipients:
    users, parties, tags = (names(body, key) for key in ("touser", "toparty", "totag"))
    if not users + parties + tags:
        raise Refusal(82001)
    for listed, most, errcode in ((users, 1000, 82001), (parties, 100, 82002), (tags, 100, 82003)):
        if len(listed) > most:
            raise Refusal(errcode, f"at most {most}")
    people = Recipients(tags=tags)
    add_users(corp, people, users)
    add_parties(corp, people, parties)
    if not people.found:
        raise Refusal(81013)
    return people


def names(body: dict[str, Any], key: str) -> list[str]:
    value = body.get(key) or ""
    if not isinstance(value, str):
        raise Refusal(40035, f"{key} is a string, names are joined with |")
    return [one.strip() for one in value.split("|") if one.strip()]


def whole(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise Refusal(40035, f"{value!r} is no whole number") from error


def add_users(corp: FakeCorp, people: Recipients, users: list[str]) -> None:
    if users == ["@all"]:
        users = [one.userid for one in corp.world.members if corp.world.in_range(one)]
    known = {one.userid.lower(): one for one in corp.world.members}
    for userid in users:
        member = known.get(userid.lower())
        if member is None or not corp.world.in_range(member):
            people.users.append(userid.lower())
        else:
            people.add(member)


def add_parties(corp: FakeCorp, people: Recipients, parties: list[str]) -> None:
    count = len(corp.world.departments())
    for party in parties:
        if not party.isdigit() or not 1 <= int(party) <= count:
            people.parties.append(party)
            continue
        for member in members_of(corp, int(party)):
            people.add(member)


def members_of(corp: FakeCorp, department: int) -> list[Member]:
    """The root holds everybody."""
    everyone = [one for one in corp.world.members if corp.world.in_range(one)]
    return [one for one in everyone if department in (1, corp.world.department_of(one))]


# -- changing what was sent


def update_card(corp: FakeCorp, call: Call) -> Answer:
    """With a response_code: grey the buttons, or put another card, for every listed recipient."""
    require_agent(corp, call.body)
    ticket = corp.tickets.check(call.body.get("response_code"))
    change = CardChange.read(call.body)
    copies = {one.owner.lower(): one for one in corp.phones.of_msgid(ticket.subject["msgid"])}
    listed = targets(corp, call.body, list(copies))
    if not listed:
        raise Refusal(82001, "userids, partyids, tagids or atall")
    ticket.used = True
    for userid in listed:
        if userid in copies:
            change.apply(corp, copies[userid])
    invalid = [one for one in listed if one not in copies]
    return {"errcode": 0, "errmsg": "ok", "invaliduser": invalid}


@dataclass
class CardChange:
    label: str
    card: dict[str, Any] | None

    @classmethod
    def read(cls, body: dict[str, Any]) -> "CardChange":
        button, card = body.get("button"), body.get("template_card")
        if (button is None) == (card is None):
            raise Refusal(40058, "either button or template_card")
        if card is not None:
            return cls("", changed_card(card, card_rules.APP))
        name = button.get("replace_name") if isinstance(button, dict) else None
        if not name:
            raise Refusal(40063, "button.replace_name")
        return cls(str(name), None)

    def apply(self, corp: FakeCorp, shown: Shown) -> None:
        if self.card is None:
            corp.phones.grey(shown, self.label)
        else:
            corp.phones.replace_card(shown, self.card)


def targets(corp: FakeCorp, body: dict[str, Any], everybody: list[str]) -> list[str]:
    if body.get("atall"):
        return everybody
    users = [str(one).lower() for one in body.get("userids") or []]
    for party in body.get("partyids") or []:
        users += [one.userid.lower() for one in members_of(corp, whole(party))]
    return list(dict.fromkeys(users))


def recall(corp: FakeCorp, call: Call) -> Answer:
    msgid = str(call.body.get("msgid", ""))
    sent_at = corp.msgids.get(msgid)
    if sent_at is None or not msgid.startswith("mid-"):
        raise Refusal(40058, f"unknown msgid {OWN_CHOICE}")
    if corp.clock.now() - sent_at > RECALL_LIFETIME:
        raise Refusal(40058, f"older than 24 hours {OWN_CHOICE}")
    for shown in corp.phones.of_msgid(msgid):
        corp.phones.recall(shown)
    return {"errcode": 0, "errmsg": "ok"}


# -- without an access_token


def hook_send(corp: FakeCorp, call: Call) -> Answer:
    group = hook_group(corp, call)
    content = compose(corp, call.body, HOOK_COMPOSERS)
    call.log.warnings += content.warnings
    if not corp.windows.hit(("webhook", group.webhook_key), WEBHOOK_LIMITS):
        raise Refusal(45009, "20 messages a minute for one webhook")
    content.show(corp, group.chat_id, "webhook")
    return {"errcode": 0, "errmsg": "ok"}


def hook_group(corp: FakeCorp, call: Call) -> Group:
    group = corp.world.group_of_key(call.query.get("key", ""))
    if group is None:
        raise Refusal(93000)
    return group


def response(corp: FakeCorp, call: Call) -> Answer:
    """The one active reply of an aibot: in a group it quotes the message that caused it."""
    ticket = corp.tickets.check(call.query.get("response_code"))
    chat, userid = ticket.subject["chat"], ticket.subject["userid"]
    single = chat == "bot"
    content = compose(corp, call.body, SINGLE_RESPONSE_COMPOSERS if single else RESPONSE_COMPOSERS)
    call.log.warnings += content.warnings
    ticket.used = True
    quote = "" if single else ticket.subject["quote"]
    content.show(corp, chat, "bot", owner=userid if single else "", quote=quote)
    return {"errcode": 0, "errmsg": "ok"}

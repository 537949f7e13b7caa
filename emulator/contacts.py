"""The address book the service may ask: user/get, user/simplelist, department lists, IP lists.

Departments are read from the members' labels: the root, and one for every place.
"""

from typing import Any

from emulator.corp import FakeCorp
from emulator.errcodes import Refusal
from emulator.sending import Call, members_of
from emulator.world import ROOT_DEPARTMENT, Member

Answer = dict[str, Any]
OK = {"errcode": 0, "errmsg": "ok"}


def user_get(corp: FakeCorp, call: Call) -> Answer:
    member = corp.world.member(call.query.get("userid", ""))
    if member is None:
        raise Refusal(60111, f"userid {call.query.get('userid', '')!r}")
    if not corp.world.in_range(member):
        raise Refusal(60011)
    department = corp.world.department_of(member)
    return (
        OK
        | brief(corp, member)
        | {
            "position": member.label,
            "order": [0],
            "is_leader_in_dept": [0],
            "direct_leader": [],
            "status": 1,
            "main_department": department,
            "alias": "",
            "telephone": "",
        }
    )


def user_simplelist(corp: FakeCorp, call: Call) -> Answer:
    department = department_id(corp, call.query.get("department_id", ""))
    return OK | {"userlist": [brief(corp, one) for one in members_of(corp, department)]}


def department_list(corp: FakeCorp, call: Call) -> Answer:
    return OK | {"department": listed(corp, call, names=True)}


def department_simplelist(corp: FakeCorp, call: Call) -> Answer:
    return OK | {"department_id": listed(corp, call, names=False)}


def callback_ips(_corp: FakeCorp, _call: Call) -> Answer:
    return OK | {"ip_list": ["127.0.0.1", "127.0.0.*"]}


def api_ips(_corp: FakeCorp, _call: Call) -> Answer:
    return OK | {"ip_list": ["127.0.0.1"]}


def brief(corp: FakeCorp, member: Member) -> Answer:
    departments = [corp.world.department_of(member)]
    return {
        "userid": member.userid,
        "name": member.name,
        "department": departments,
        "open_userid": "",
    }


def department_id(corp: FakeCorp, text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= len(corp.world.departments()):
        raise Refusal(40035, "department_id")
    return int(text)


def listed(corp: FakeCorp, call: Call, *, names: bool) -> list[Answer]:
    wanted = department_id(corp, call.query.get("id", "") or str(ROOT_DEPARTMENT))
    found = []
    for number, name in enumerate(corp.world.departments(), start=1):
        parent = 0 if number == ROOT_DEPARTMENT else ROOT_DEPARTMENT
        if wanted in (number, parent):
            more = {"name": name, "name_en": "", "department_leader": []} if names else {}
            found.append({"id": number, "parentid": parent, "order": 1000 - number, **more})
    return found

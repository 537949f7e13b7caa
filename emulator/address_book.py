"""What the admin of the corp does in the 通讯录, and the change_contact event that follows.

Only changes of members whom the app can see are told to it. Who asks is answered by contacts.py.
"""

from typing import Any

from emulator.app_side import AppSide
from emulator.callbacks import Delivery
from emulator.corp import FakeCorp
from emulator.world import Member

ACTIVE, DISABLED, INVITED = 1, 2, 4


class AddressBook:
    def __init__(self, corp: FakeCorp, app: AppSide) -> None:
        self.corp = corp
        self._app = app

    def add(self, member: Member) -> Delivery | None:
        world = self.corp.world
        if world.member(member.userid) is not None:
            raise ValueError(f"there is a member {member.userid} already")
        with self.corp.lock:
            world.members.append(member)
        fields = {"Name": member.name, "Department": "1", "Status": INVITED}
        return self._tell(member, "create_user", member.userid, fields)

    def delete(self, member: Member) -> Delivery | None:
        """Gone from the corp and from all its groups; nothing reaches the account any more."""
        seen, world = self.corp.world.in_range(member), self.corp.world
        with self.corp.lock:
            world.members.remove(member)
            for group in world.groups:
                group.members = [one for one in group.members if one != member.userid]
        return self._app.contact_event("delete_user", {"UserID": member.userid}) if seen else None

    def disable(self, member: Member) -> Delivery | None:
        """禁用: still in the book, but can no longer use WeCom."""
        seen = self.corp.world.in_range(member)
        member.active = False
        fields = {"UserID": member.userid, "Status": DISABLED}
        return self._app.contact_event("update_user", fields) if seen else None

    def enable(self, member: Member) -> Delivery | None:
        member.active = True
        return self._tell(member, "update_user", member.userid, {"Status": ACTIVE})

    def rename(self, member: Member, userid: str) -> Delivery | None:
        """Another userid for the same person; WeCom allows it once."""
        if self.corp.world.member(userid) is not None:
            raise ValueError(f"there is a member {userid} already")
        old = member.userid
        with self.corp.lock:
            for group in self.corp.world.groups:
                group.members = [userid if one == old else one for one in group.members]
            visible = self.corp.world.app.visible
            visible[:] = [userid if one.lower() == old.lower() else one for one in visible]
            member.userid = userid
            self.corp.phones.rename(old, userid)
        return self._tell(member, "update_user", old, {"NewUserID": userid})

    def _tell(
        self, member: Member, change: str, userid: str, fields: dict[str, Any]
    ) -> Delivery | None:
        if not self.corp.world.in_range(member):
            return None
        return self._app.contact_event(change, {"UserID": userid, **fields})

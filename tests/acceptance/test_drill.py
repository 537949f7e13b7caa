"""The restore drill of docs/install.md §7, by the letter, on both databases."""

import re
import subprocess
import sys

import pytest

from bot.config import CHECKOUT
from tests.acceptance.conftest import awake
from tests.acceptance.deployment import START_UP, eventually, number_in, short

LAMP = "渡口的电表箱坏了没人修"
#: What stands before and behind each block that is typed here.
BACKUP, DRILL = "手工备份一次：", "恢复（出了事，或者演练"
SYSTEMD = re.compile(r"sudo systemctl (start|stop) sanzhang$")


def block(heading):
    """The lines of the first block behind those words."""
    page = (CHECKOUT / "docs/install.md").read_text("utf-8")
    return page.partition(heading)[2].partition("```bash\n")[2].partition("```")[0].splitlines()


class Office:
    """A machine on which somebody types what the page says."""

    def __init__(self, place):
        self.place = place
        self.backups = place.home / "backups"

    def type_(self, lines):
        """Line after line; systemd is ourselves, the rest is bash's."""
        waiting: list[str] = []
        said = ""
        for line in [*lines, ""]:
            order = SYSTEMD.match(line)
            if order or not line:
                said += self._bash(waiting)
                waiting = []
            else:
                waiting.append(line)
            if order:
                self.place.stop() if order[1] == "stop" else self.place.start()
        return said

    def _bash(self, lines):
        sanzhang = f'{sys.executable} -m bot --config {self.place.config_file} "$@"'
        head = ["set -eu", 'sudo() { "$@"; }', f"sz() {{ {sanzhang}; }}"]
        script = "\n".join([*head, *lines]).replace("/var/backups/sanzhang", str(self.backups))
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=CHECKOUT, capture_output=True, text=True, timeout=START_UP, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request, setup):
    more = {}
    if request.param == "postgresql":
        more["database"] = request.getfixturevalue("postgres").create("drill")
    return Office(setup(quiet=awake(), **more).start())


def test_what_was_backed_up_is_there_again_and_no_number_is_given_twice(office):
    place = office.place
    kept = number_in(place.app.text("res_1_1", LAMP).text)
    assert eventually(lambda: place.api.cards("lin_1_1", kept))
    photo = place.home / "var" / "media" / "2026" / "06" / "1-1.jpg"
    photo.parent.mkdir(parents=True, exist_ok=True)
    photo.write_bytes(b"photo")
    office.type_(block(BACKUP))
    lost = number_in(place.app.text("res_1_2", LAMP).text)
    assert eventually(lambda: place.api.cards("lin_1_2", lost))
    photo.unlink()

    said = office.type_(block(DRILL))

    assert "都对得上" in said
    assert [issue["number"] for issue in place.issues()] == [kept]
    assert photo.read_bytes() == b"photo"
    assert len(place.api.cards("lin_1_1", kept)) == 1
    again = number_in(place.app.text("res_1_3", LAMP).text)
    assert again > lost
    assert short(again) == f"{next_hundred(lost) + 1:04d}"


def next_hundred(number):
    return -(-(int(short(number)) + 100) // 100) * 100


def test_doctor_is_content_afterwards(office):
    assert "✗" not in office.place.cli("doctor")

"""kill -9 just after the API has taken a message: it is sent again and arrives once, a direct
answer as well as a card; and the same answer to another question arrives all the same."""

from datetime import datetime, timedelta

import pytest

from tests.acceptance.conftest import awake
from tests.acceptance.deployment import ZONE, Deployment, eventually
from tests.acceptance.town import CHAT_ONE, lins

pytestmark = pytest.mark.long
KILLS = 5


class Killed:
    """Residents report in their group; as soon as something has left, the service is killed."""

    def __init__(self, place: Deployment) -> None:
        self.place = place
        self.deadly = False
        self.residents: list[str] = []
        self.linzhang: list[str] = []
        self._send = place.api.send
        place.api.send = self.send  # type: ignore[method-assign]

    def send(self, query, body):
        answer = self._send(query, body)
        if self.deadly and self.place.process is not None:
            self.deadly = False
            self.place.process.kill()  # it has sent and cannot write it down any more
        return answer

    def round(self, lin) -> None:
        place = self.place
        self.residents.append(lin.resident)
        self.linzhang.append(lin.linzhang)
        self.deadly = True
        place.bot.text(lin.resident, "桥头的电表箱坏了没人修", chat=CHAT_ONE)
        process = place.process
        assert process is not None
        eventually(lambda: process.poll() is not None)
        place.process = None
        place.start()

    def end(self) -> None:
        """What was half sent is taken over when its lease has run out."""
        self.deadly = False
        for minutes in (10, 20, 30):
            self.place.tick(datetime.now(ZONE) + timedelta(minutes=minutes))


@pytest.fixture(scope="module")
def killed(setup) -> Killed:
    killed = Killed(setup(quiet=awake()).start())
    for lin in lins(1)[:KILLS]:
        killed.round(lin)
    killed.end()
    return killed


def number_of(killed, resident):
    issues = killed.place.issues()
    shown = [killed.place.show(issue["number"]) for issue in issues]
    return next(one["number"] for one in shown if one["reporter"] == resident)[-4:]


def test_every_private_receipt_arrived_once(killed):
    told = [killed.place.api.told(one, number_of(killed, one)) for one in killed.residents]
    assert [len(texts) for texts in told] == [1] * KILLS


def test_every_card_arrived_once(killed):
    for resident, linzhang in zip(killed.residents, killed.linzhang, strict=True):
        assert len(killed.place.api.cards(linzhang, number_of(killed, resident))) == 1


def test_every_half_sent_message_was_sent_again(killed):
    """Else nothing was looked at here."""
    assert killed.place.api.calls.count("message/send") > len(killed.place.api.members)


def test_the_same_words_to_another_question_arrive_again(killed):
    resident, place = killed.residents[0], killed.place
    before = len(place.api.told(resident))
    for _ in range(2):
        place.bot.text(resident, "进度", chat=CHAT_ONE)
    eventually(lambda: len(place.api.told(resident)) == before + 2)
    first, second = place.api.told(resident)[-2:]
    assert first == second

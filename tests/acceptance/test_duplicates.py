"""WeCom's re-sends and its network's repeats: the same answer, and one issue."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.acceptance.deployment import eventually, number_in
from tests.acceptance.town import CHAT_TWO

LAMP = "村口水管漏水没人修"
THREADS = 8


def test_a_message_sent_three_times_is_one_issue_with_one_reply(town, lin):
    now = int(time.time())
    texts = {town.app.text(lin.resident, LAMP, msgid="31001", at=now).text for _ in range(3)}
    assert len(texts) == 1
    assert _count(town, lin) == 1


def test_a_bot_message_sent_three_times_is_one_issue_with_one_reply(town, lin):
    texts = {town.bot.text(lin.resident, LAMP, msgid="dup-1").text for _ in range(3)}
    assert len(texts) == 1
    assert _count(town, lin) == 1


def test_eight_at_once_are_one_issue_with_one_reply(town, lin):
    now = int(time.time())

    def send(_):
        return town.app.text(lin.resident, LAMP, msgid="31002", at=now).text

    with ThreadPoolExecutor(THREADS) as pool:
        texts = set(pool.map(send, range(THREADS)))
    assert len(texts) == 1
    assert _count(town, lin) == 1


def test_eight_at_once_in_a_group_are_one_issue_and_one_private_receipt(town, api, lin):
    def send(_):
        return town.bot.text(lin.resident, LAMP, lin.chat, msgid="dup-2").text

    with ThreadPoolExecutor(THREADS) as pool:
        texts = set(pool.map(send, range(THREADS)))
    assert len(texts) == 1
    number = number_in(texts.pop())
    eventually(lambda: api.told(lin.resident, number))
    assert len(api.told(lin.resident, number)) == 1


def test_the_linzhang_gets_one_card_however_often_it_was_sent(town, api, lin):
    now = int(time.time())
    said = [town.app.text(lin.resident, LAMP, msgid="31003", at=now) for _ in range(4)]
    number = number_in(said[0].text)
    eventually(lambda: api.cards(lin.linzhang, number))
    time.sleep(1.5)
    assert len(api.cards(lin.linzhang, number)) == 1


def test_the_same_msgid_of_two_senders_is_two_messages(town, lin):
    first = number_in(town.app.text(lin.resident, LAMP, msgid="31004").text)
    assert number_in(town.app.text(lin.neighbour, LAMP, msgid="31004").text) != first


def test_two_messages_without_msgid_are_two_messages(town, lin):
    now = int(time.time())
    bare = (
        f"<xml><FromUserName>{lin.resident}</FromUserName><CreateTime>{{at}}</CreateTime>"
        "<MsgType>text</MsgType><Content>{said}没人管</Content></xml>"
    )
    first = town.app.post_plain(bare.format(at=now - 5, said="一号楼漏水"))
    second = town.app.post_plain(bare.format(at=now, said="二号楼漏水"))
    assert number_in(first.text) != number_in(second.text)


def test_a_hundred_people_at_once_get_a_hundred_numbers(town):
    def send(n: int) -> str:
        return number_in(town.bot.text(f"crowd_{n}", f"{n} 号门口积水没人管", CHAT_TWO).text)

    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(send, range(100)))
    assert len(set(numbers)) == 100


def _count(town, lin) -> int:
    return sum(one["unit"] == lin.path for one in town.issues())

"""What saving one FAQ file costs, as ratios to ceilings measured in the same run.

10,000 entries in 100 files. Taking up one saved file beside reading everything afresh, and the
messages answered meanwhile beside those of quiet time. Run: python -m benchmarks.reload
"""

import gc
import http.client
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from time import perf_counter

import yaml

from benchmarks.faq_data import shipped_set
from benchmarks.service_speed import Packet, packet, service
from bot import web
from bot.listening import in_background
from faq.book import Book
from faq.current import CurrentBook

FILES = 100
ENTRIES = 10_000
SAVES = 10
CLIENTS = 4
#: Between two messages of one client: some 100 a second in all, ten times a busy county.
PAUSE = 0.04
ANSWER = "这一条的答复，带身份证到村部办理。"
SYNONYM = "- [新词{0}, 旧词{0}]\n"


def write_faq(folder: Path) -> list[str]:
    """Real questions, repeated with a number in them; gives all questions."""
    texts = [text for one in shipped_set().phrasings for text in one]
    asked = [f"{texts[n % len(texts)]}{n // len(texts) or ''}" for n in range(ENTRIES)]
    (folder / "entries").mkdir(parents=True)
    (folder / "tables").mkdir()
    for file in range(FILES):
        lines = [
            {"编号": f"e{n}", "问题": asked[n], "答复": ANSWER} for n in range(file, ENTRIES, FILES)
        ]
        plain = yaml.safe_dump(lines, allow_unicode=True, sort_keys=False)
        (folder / "entries" / f"{file:03}.yaml").write_text(plain, "utf-8")
    return asked


def save_entries(folder: Path, number: int) -> None:
    """Another answer in one of the files."""
    file = folder / "entries" / f"{number:03}.yaml"
    file.write_text(file.read_text("utf-8").replace(ANSWER, f"{number}。{ANSWER}"), "utf-8")


def save_words(folder: Path, number: int) -> None:
    """Another line in the table that all phrasings depend on."""
    own = folder / "tables" / "synonyms.yaml"
    shipped = Path("faq/tables/synonyms.yaml").read_text("utf-8")
    own.write_text(shipped + SYNONYM.format(number), "utf-8")


def seconds_of(act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    return perf_counter() - start


def taking_up(folder: Path) -> None:
    """Nothing else going on: reading afresh, and what a save costs."""
    fresh = statistics.median(seconds_of(lambda: Book.load(folder)) for _ in range(3))
    print(f"{ENTRIES} entries in {FILES} files, read afresh: {fresh:.2f} s")
    current = CurrentBook(folder)
    for name, save in (("one file of entries", save_entries), ("the table of words", save_words)):
        spent = []
        for number in range(5):
            save(folder, number)
            spent.append(seconds_of(current.refresh))
        median = statistics.median(spent)
        print(f"taking up {name:20} {median:.2f} s   {median / fresh:.2f} x afresh")


def ask(port: int, packets: list[Packet], seconds: float) -> list[float]:
    """How long each message took, from a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_ask, (port, packets, seconds))


def _ask(port: int, packets: list[Packet], seconds: float) -> list[float]:
    spent: list[float] = []
    shares = [packets[n::CLIENTS] for n in range(CLIENTS)]
    threads = [Thread(target=_client, args=(port, share, seconds, spent)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return spent


def _client(port: int, packets: list[Packet], seconds: float, spent: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    end = perf_counter() + seconds
    for path, body in packets:
        start = perf_counter()
        if start > end:
            break
        connection.request("POST", path, body)
        answer = connection.getresponse()
        if answer.status != 200 or not answer.read():
            raise RuntimeError(f"status {answer.status} or no answer")
        spent.append(perf_counter() - start)
        time.sleep(PAUSE)


def save_often(current: CurrentBook, save: Callable[[Path, int], None], waits: list[float]) -> None:
    """Save, wait until the answers are others, rest a little; again."""
    time.sleep(2.0)
    for number in range(SAVES):
        before, start = current.book, perf_counter()
        save(current.path, 10 + number)
        while current.book is before:
            time.sleep(0.01)
        waits.append(perf_counter() - start)
        time.sleep(0.5)


def meanwhile(home: Path, asked: list[str]) -> None:
    """The shipped server answering while files are saved."""
    made = service(home, more='[faq]\npath = "faq"\n')
    packets = [packet(n, asked[n * 37 % len(asked)]) for n in range(10_000)]
    made.faq.start()
    gc.collect()
    gc.freeze()  # as `serve` does
    with in_background(web.create(made)) as port:
        ask(port, packets, 3)
        quiet = ask(port, packets, 20)
        show("quiet", quiet, quiet)
        for name, save in (("entries saved", save_entries), ("words saved", save_words)):
            waits: list[float] = []
            saver = Thread(target=save_often, args=(made.faq, save, waits))
            saver.start()
            busy = ask(port, packets, 20)
            saver.join()
            show(name, busy, quiet)
            print(f"  from the save to the new answers: {min(waits):.2f}-{max(waits):.2f} s")
    made.stop()


def show(name: str, spent: list[float], quiet: list[float]) -> None:
    """p50, p99 and the longest, and the longest beside that of quiet time."""
    p50, p99, most = (_at(spent, share) * 1000 for share in (0.5, 0.99, 1.0))
    ratio = max(spent) / max(quiet)
    print(
        f"{name:14} {len(spent)} messages   p50 {p50:5.1f} ms   p99 {p99:5.1f} ms   "
        f"longest {most:5.1f} ms, {ratio:.1f} x quiet"
    )


def _at(spent: list[float], share: float) -> float:
    return sorted(spent)[min(int(len(spent) * share), len(spent) - 1)]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        asked = write_faq(home / "faq")
        taking_up(home / "faq")
        meanwhile(home, asked)


if __name__ == "__main__":
    main()

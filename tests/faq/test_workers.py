"""Every worker process decides alike, whatever its hash seed."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from faq.book import Book
book = Book.load(sys.argv[1])
for text in ("医保几时交", "户口迁移", "路灯不亮", "养老保险多少岁领", "宽带", "衣保怎么交"):
    match = book.match(text)
    print(text, match.band, match.confidence, [(c.entry.id, c.score) for c in match.candidates])
"""


def decisions(folder: Path, seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", SCRIPT, str(folder)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_two_processes_with_other_hash_seeds_agree(folder):
    assert decisions(folder, "1") == decisions(folder, "2")

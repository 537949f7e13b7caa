"""Which Python `make install` takes: one that the account of the service can start too."""

import importlib.util
import os
import re
import subprocess
import sys

import pytest

from bot.config import CHECKOUT

SCRIPT = CHECKOUT / "deploy" / "python_fits.py"
spec = importlib.util.spec_from_file_location("python_fits", SCRIPT)
assert spec
assert spec.loader
fits = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fits)


@pytest.fixture
def interpreter(tmp_path):
    """A file in folders that anybody may enter, and a link to it."""
    inner = tmp_path / "home" / "bin"
    inner.mkdir(parents=True)
    file = inner / "python3"
    file.write_text("")
    for path in (file, inner, inner.parent):
        path.chmod(0o755)
    link = tmp_path / "python3"
    link.symlink_to(file)
    return link


def test_a_folder_that_others_may_not_enter_is_named(interpreter, tmp_path, monkeypatch):
    real = os.stat
    above = {str(p) for p in tmp_path.parents} | {str(tmp_path)}

    def open_above(path, *words, **more):
        done = real(path, *words, **more)
        return real("/") if str(path) in above else done

    monkeypatch.setattr(os, "stat", open_above)
    assert fits.closed_to_others(str(interpreter)) == ""
    closed = tmp_path / "home"
    closed.chmod(0o700)
    assert fits.closed_to_others(str(interpreter)) == str(closed)


def test_this_python_is_new_enough():
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode != fits.TOO_OLD


def test_the_makefile_takes_one_that_fits():
    """Asked of make itself, which reads the Python of this machine."""
    words = ["make", "-n", "VENV=no-such-folder", "install"]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    chosen = re.search(r'test -n "(\S+)"', done.stdout)
    assert chosen, done.stdout + done.stderr
    fitting = [name for name in KNOWN if status(name) == 0]
    assert chosen[1] == next(iter(fitting or [n for n in KNOWN if status(n) == fits.CLOSED]))


KNOWN = ("python3.11", "python3", "/usr/bin/python3.11", "/usr/bin/python3")


def status(name):
    try:
        return subprocess.run([name, SCRIPT], capture_output=True, check=False).returncode
    except OSError:
        return None

"""Whether this Python can run the service: new enough (else exit status 1), and not root's own (2).

An interpreter below /root (uv and pyenv put theirs there) starts for root, who installs, and not
for the account that runs the service. Run by the Makefile with each Python that could be taken;
written so that an old one can read it as well.
"""

import os
import stat
import sys

OLDEST = (3, 11)
TOO_OLD, CLOSED = 1, 2


def closed_to_others(path: str) -> str:
    """The first part of the path that other accounts may not enter or read; "" if they may."""
    whole = os.path.realpath(path)
    parts = whole.split(os.sep)
    for count in range(2, len(parts)):
        folder = os.sep.join(parts[:count])
        if not os.stat(folder).st_mode & stat.S_IXOTH:
            return folder
    return "" if os.stat(whole).st_mode & stat.S_IROTH else whole


def main() -> int:
    """The exit status, with a word on stderr."""
    if sys.version_info[:2] < OLDEST:
        sys.stderr.write(f"{sys.executable} 低于 Python 3.11。\n")
        return TOO_OLD
    if os.name == "nt" or os.geteuid() != 0:
        return 0
    for path in (sys.executable, os.__file__):
        closed = closed_to_others(path)
        if closed:
            told = f"{os.path.realpath(path)} 别的账号打不开（{closed}），服务用它启动不了。"
            sys.stderr.write(told + "请装系统的 python3，或用 PYTHON=路径 换一个。\n")
            return CLOSED
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env bash
# Consistent copy of a running SQLite database, checked before it counts; older copies are then dropped.
#   backup.sh DATABASE FOLDER [KEEP_DAYS]
# Copying the file itself would miss what still stands in the -wal file; VACUUM INTO does not.
set -euo pipefail
umask 077
database=${1:?用法：backup.sh 数据库文件 备份文件夹 [保留天数]}
folder=${2:?用法：backup.sh 数据库文件 备份文件夹 [保留天数]}
keep_days=${3:-30}
python=$(dirname "$(readlink -f "$0")")/../.venv/bin/python

test -f "$database" || { echo "没有这个数据库文件：$database" >&2; exit 1; }
database=$(readlink -f "$database")
mkdir -p "$folder"
target=$folder/sanzhang-$(date +%Y%m%d-%H%M%S).db
"$python" - "$database" "$target.part" <<'PY'
import os, sqlite3, sys
source, target = sys.argv[1:]
db = sqlite3.connect(source, timeout=30)
db.execute("VACUUM INTO ?", (target,))
db.close()
copy = sqlite3.connect(target)
verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
copy.close()
if verdict != "ok":
    sys.exit(f"备份有损坏：{verdict}")
with open(target, "rb") as file:
    os.fsync(file.fileno())
PY
mv "$target.part" "$target"
# A mark in the database, so that doctor sees how old the newest backup is; without it, this one counts.
(cd "$(dirname "$(readlink -f "$0")")/.." && "$python" - "$database" <<'PY') || echo "没能在数据库里记下这次备份，doctor 会以为没有备份" >&2
import sys
from datetime import UTC, datetime
from storage import heartbeats
from storage.db import Database
mark = heartbeats.Beat(heartbeats.BACKUP, datetime.now(UTC))
Database(f"sqlite:///{sys.argv[1]}").write(lambda session: heartbeats.put(session, [mark]))
PY
find "$folder" -name 'sanzhang-*.db' -type f -mtime "+$keep_days" -delete
find "$folder" -name 'sanzhang-*.db.part' -type f -mtime +1 -delete
echo "已备份到 $target（$(du -h "$target" | cut -f1)）"

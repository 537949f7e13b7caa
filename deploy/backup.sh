#!/usr/bin/env bash
# One backup of database and photos; older ones are dropped once it is whole (docs/install.md §7).
#   backup.sh CONFIG FOLDER [KEEP_DAYS]
set -euo pipefail
umask 077
config=${1:?用法：backup.sh 配置文件 备份文件夹 [保留天数]}
folder=${2:?用法：backup.sh 配置文件 备份文件夹 [保留天数]}
keep_days=${3:-30}
sanzhang=$(dirname "$(readlink -f "$0")")/../.venv/bin/sanzhang

exec "$sanzhang" --config "$config" backup "$folder" --keep "$keep_days"

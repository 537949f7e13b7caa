# 三长: everything runs in .venv, installed from the locks in requirements/ (with hashes).
#
#   make demo      the whole story on this machine          make test     all tests but the long plays
#   make install   what the service needs                   make check    ruff and mypy
#   make dev       that, and what tests and checks need      make test-all all tests, more examples
#   make cover     all tests with branch coverage
#   make audit     known holes in the locked packages (needs pip-audit and the internet)
#   make wheels    fill ./wheels for a machine without internet, there: make install WHEELS=./wheels
#   make install POSTGRES=1   with the PostgreSQL driver     make lock     make the locks anew

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := install

VENV := .venv
BIN := $(VENV)/bin
WHEELS ?=
POSTGRES ?=
UV ?= uv
UPGRADE ?=
ARGS ?=

# The first Python that is new enough and, for root, that the service's account can start as well;
# PYTHON=… chooses another. Where there is no such one, tests and demo take root's own.
FITS := deploy/python_fits.py
PYTHON ?= $(shell for wanted in 0 2; do for p in python3.11 python3 /usr/bin/python3.11 /usr/bin/python3 \
	/usr/local/bin/python3; do $$p $(FITS) 2>/dev/null && is=0 || is=$$?; test $$is != $$wanted || { echo $$p; exit 0; }; done; done)
SERVES := $(filter install,$(or $(MAKECMDGOALS),install))

OFFLINE = $(if $(WHEELS),--no-index --find-links "$(WHEELS)")
PIP = $(BIN)/python -m pip --disable-pip-version-check --no-input
# Hashes for every file, no build isolation: nothing is fetched that the lock does not name.
PIP_LOCKED = $(PIP) install --require-hashes --no-deps --no-build-isolation --use-pep517 $(OFFLINE)
LOCK_COUNT = $$(grep -o '^[a-z0-9._-]*==' $(1) | sort -u | wc -l)
PROGRESS = awk -v total=$(LOCK_COUNT) \
	'/^(Collecting|Processing) / { sub(/.*\//, "", $$2); printf "   %3d/%d  %s\n", ++n, total, $$2; fflush() } \
	 /^Installing collected/ { print "   下载完毕，正在安装……"; fflush() }'

.PHONY: install dev demo test test-all check audit cover bench bench-faq calibrate learn-accusing learn-acts learn-danger lock wheels clean

# Compiled here, since the service may not write here (deploy/sanzhang.service) and would compile
# itself at every start.
install: $(VENV)/.run $(if $(POSTGRES),$(VENV)/.postgres)
	@$(BIN)/python -m compileall -q -x '/(\.venv|tests|benchmarks)/' .
	@echo "就绪：$(BIN)/sanzhang"

dev: $(VENV)/.dev
	@echo "就绪：make test，make check"

$(VENV)/.build: requirements/build.lock
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更新的版本（python3.11 或 python3），或用 make PYTHON=路径 指定。" >&2; exit 1; }
	@for p in $(PYTHON) $$(test ! -x $(BIN)/python || echo $(BIN)/python); do \
		$$p $(FITS) || { test $$? = 2 && test -z "$(SERVES)"; } || { echo "$$p 不能用；$(VENV) 已经有了的，先删掉。" >&2; exit 1; }; \
	done
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) 缺少 venv 模块；Debian、Ubuntu 上请先安装 python3-venv。" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "建立虚拟环境 $(VENV)（$$($(PYTHON) --version)）……"; $(PYTHON) -m venv $(VENV); }
	@$(PIP_LOCKED) --quiet -r $<
	@touch $@

$(VENV)/.run: $(VENV)/.build requirements/run.lock pyproject.toml
	@echo "安装运行所需的软件包（第一次约需一两分钟）……"
	@$(PIP_LOCKED) -r requirements/run.lock | $(call PROGRESS,requirements/run.lock)
	@$(PIP) install --quiet --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(VENV)/.postgres: $(VENV)/.run requirements/postgres.lock
	@echo "安装 PostgreSQL 驱动……"
	@$(PIP_LOCKED) --quiet -r requirements/postgres.lock
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	@echo "安装测试和检查所需的软件包……"
	@$(PIP_LOCKED) -r requirements/dev.lock | $(call PROGRESS,requirements/dev.lock)
	@touch $@

demo: $(VENV)/.run
	@$(BIN)/sanzhang demo $(ARGS)

# Four processes, also on two cores: who waits for a running service leaves the core to the others.
# Each has its own PostgreSQL and its own services; the tests of a module stay together and in
# order, so that they can share them.
TOGETHER = -n 4 --dist loadscope --no-loadscope-reorder

test: $(VENV)/.dev
	@$(BIN)/python -m pytest $(TOGETHER) -m "not long" $(ARGS)

test-all: $(VENV)/.dev
	@$(BIN)/python -m pytest $(TOGETHER) --hypothesis-profile thorough $(ARGS)

# Known holes in the locked packages. Needs pip-audit (pip install pip-audit) and the internet;
# without one of them it says so and nothing fails.
audit:
	@if ! command -v pip-audit >/dev/null; then echo "依赖审计跳过：没有 pip-audit（pip install pip-audit）"; \
	elif ! python3 -c 'import socket; socket.create_connection(("pypi.org", 443), 5)' 2>/dev/null; then \
		echo "依赖审计跳过：这里不能上网，请在能上网的机器上执行 make audit"; \
	else pip-audit --disable-pip --require-hashes -r requirements/build.lock -r requirements/postgres.lock; fi

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

cover: $(VENV)/.dev
	@$(BIN)/python -m pytest $(TOGETHER) --cov $(ARGS)

bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.service_speed $(ARGS)

bench-faq: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.faq $(ARGS)

# ARGS="--ordinary FOLDER" counts false emergencies among the messages of question sets as well.
learn-danger: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.danger_learning $(ARGS)

calibrate: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.calibrate $(ARGS)

# speech/accusing.json: whether a 长 who is spoken of is complained about; half a minute.
learn-accusing: $(VENV)/.dev
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.accusing_learning $(ARGS)

# speech/acts.json: what a sentence is taken for in its situation.
learn-acts: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.learn_acts $(ARGS)

# Needs uv (pip install uv). Keeps the versions it finds; UPGRADE=--upgrade takes newer ones.
# Universal: hashes of every file for every platform, and no index address anywhere.
COMPILE = $(UV) pip compile --no-config --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(UPGRADE)

lock:
	@command -v $(UV) >/dev/null || { echo "make lock 需要 uv：pip install uv" >&2; exit 1; }
	$(COMPILE) --group build -o requirements/build.lock
	$(COMPILE) pyproject.toml -c requirements/build.lock -o requirements/run.lock
	$(COMPILE) pyproject.toml --extra postgres -c requirements/run.lock -o requirements/postgres.lock
	$(COMPILE) pyproject.toml --extra postgres --group dev -c requirements/run.lock -o requirements/dev.lock

# jieba stays a source archive here, so that its hash in the lock still holds where it is installed.
wheels: $(VENV)/.build
	@echo "下载离线安装包到 ./wheels ……"
	@$(PIP) download --require-hashes --no-deps --no-build-isolation --dest wheels \
		-r requirements/build.lock -r requirements/postgres.lock \
		| $(call PROGRESS,requirements/postgres.lock)
	@echo "完成：$$(ls wheels | wc -l) 个文件。连同源码一起拷到目标机器，执行 make install WHEELS=./wheels"

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

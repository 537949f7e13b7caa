"""What whoever runs the service relies on: health, metrics, config check, doctor, exit statuses."""

import time

import pytest
import requests
from click.testing import CliRunner

from bot.cli import main
from tests.acceptance.conftest import awake
from tests.acceptance.deployment import PATIENCE, eventually, sanzhang

WRONG = """\
[service]
nane = "x"
listen = "nowhere"
timezone = "Asia/Shaoshan"
[wecom]
corp_id = "ww1"
[wecom.app]
agent_id = "one"
secret = ""
token = "has spaces"
encoding_aes_key = "short"
[deadlins]
counting = "civil"
"""


@pytest.fixture(scope="module")
def spare(setup):
    """Another service, for what the shared one should not go through."""
    return setup(quiet=awake()).start()


def test_the_service_is_healthy_as_soon_as_it_answers(town):
    answer = requests.get(f"{town.url}/healthz", timeout=PATIENCE)
    assert answer.status_code == 200
    assert answer.json()["ok"] is True


def test_metrics_are_prometheus_text_and_count_answers(town):
    before = town.metric('sanzhang_messages_total{channel="app",handler="answer"}')
    town.app.text("res_1_40", "医保什么时候交")
    assert town.metric('sanzhang_messages_total{channel="app",handler="answer"}') == before + 1
    answer = requests.get(f"{town.url}/metrics", timeout=PATIENCE)
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")


def test_of_the_example_only_what_an_office_has_to_fill_in_is_told():
    done = CliRunner().invoke(main, ["config", "check", "--config", "config.example.toml"])
    told = {row.partition("「")[2].partition("」")[0] for row in done.output.splitlines()}
    assert (done.exit_code, {name.split(".")[-1] for name in told}) == (
        1,
        {"corp_id", "secret", "token", "encoding_aes_key", "key"},
    )


def test_config_check_tells_all_mistakes_at_once_and_the_nearest_name(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(WRONG, "utf-8")
    done = sanzhang("config", "check", "--config", str(path))
    assert done.returncode == 1
    assert "是不是 name" in done.stderr
    assert "是不是 deadlines" in done.stderr
    for place in ("listen", "timezone", "agent_id", "secret", "token", "encoding_aes_key"):
        assert place in done.stderr
    assert "Traceback" not in done.stderr


def test_config_check_names_the_file_that_is_not_there(tmp_path):
    done = CliRunner().invoke(main, ["config", "check", "--config", str(tmp_path / "none.toml")])
    assert (done.exit_code, "none.toml" in done.output) == (1, True)


def test_a_time_that_is_no_time_is_a_mistake_of_usage(town):
    town.cli("tick", "--at", "tomorrow", status=2)


def test_a_number_that_nobody_has_is_told_with_status_1(town):
    assert "SZ-19990101-0001" in town.cli("issues", "show", "SZ-19990101-0001", status=1)


def test_a_tick_by_command_says_what_it_did(setup):
    config = str(setup().home / "config.toml")
    done = sanzhang("tick", "--at", "2027-01-01T09:00+08:00", "--config", config)
    assert done.returncode == 0
    assert "2027-01-01T09:00:00+08:00" in done.stdout
    assert "到期提醒和升级：0" in done.stdout


def test_doctor_is_content_with_a_good_installation(town):
    told = town.cli("doctor")
    assert "✗" not in told
    assert "企业微信接口可用" in told


def test_doctor_says_that_the_api_cannot_be_reached(setup):
    place = setup()
    place.api.down()
    assert "连不上" in place.cli("doctor", status=1)


def test_doctor_names_a_unit_of_the_faq_that_the_roster_does_not_have(setup):
    place = setup()
    faq = place.home / "faq.yaml"
    lost = "\n- {编号: nowhere, 问题: 电表箱归谁管, 答复: 村里。, 适用: 石坪村}\n"
    faq.write_text(faq.read_text("utf-8") + lost, "utf-8")
    assert "「适用: 石坪村」在花名册里找不到" in place.cli("doctor", status=1)


def test_a_service_started_with_a_broken_faq_takes_reports_and_tells_the_admin(setup):
    place = setup(quiet=awake())
    (place.home / "faq.yaml").write_text("- id: [broken", "utf-8")
    place.start()
    assert "编号 SZ-" in place.app.text("res_1_1", "村口电表箱坏了三天没人修").text
    assert eventually(lambda: place.api.told("adm_1", "问什么都转给邻长"))


def test_doctor_says_that_the_secret_is_wrong(setup):
    place = setup()
    place.api.fail("gettoken", 40001)
    assert "secret" in place.cli("doctor", status=1)


def test_a_roster_with_errors_names_every_line_and_writes_nothing(town, tmp_path):
    path = tmp_path / "坏名册.csv"
    path.write_text("姓名,账号,角色,单位,户,手机号\n甲,a,村长,x,,\n,b,居民,东山镇,,\n", "utf-8")
    told = town.cli("roster", "import", str(path), status=1)
    assert ":2" in told
    assert ":3" in told


def test_importing_the_same_roster_again_changes_nothing(town):
    told = town.cli("roster", "import", str(town.home / "roster.csv"))
    assert "新增" not in told
    assert "变更" not in told


def test_a_broken_faq_keeps_the_last_good_version_and_tells_the_admin(spare):
    (spare.home / "faq.yaml").write_text("- id: [broken", "utf-8")
    assert eventually(lambda: spare.api.told("adm_1", "faq.yaml"))
    assert "九月到十二月" in spare.app.text("res_1_1", "医保什么时候交").text


def test_sigterm_ends_the_service_with_status_0(spare):
    assert spare.stop() == 0


def test_a_quiet_service_writes_a_quiet_log(town):
    def silent() -> bool:
        before = len(town.log)
        time.sleep(2.5)
        return len(town.log) == before

    assert eventually(silent)  # other tests may have left something to do


def test_no_secret_and_no_phone_reaches_the_log(town):
    town.app.text("res_1_39", "我的电话 13800138000 电表箱坏了没人修")
    assert "13800138000" not in town.log
    assert "acceptance-secret" not in town.log
    assert "电表箱坏了没人修" not in town.log

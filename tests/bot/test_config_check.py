"""config check tells what will break, each with its line; serve lets no stranger speak."""

import re
import socket
from contextlib import closing

import pytest
from click.testing import CliRunner

from bot import config_keys
from bot.channels.kinds import CHANNELS
from bot.cli import main
from bot.config import CHECKOUT, environment, load_with_source
from bot.serving import prepare
from bot.starting import Door
from bot.toml_lines import line_of, lines
from tests.bot.conftest import own

EXAMPLE = (CHECKOUT / "config.example.toml").read_text("utf-8")
GOOD = own(EXAMPLE)
SECOND_GROUP = '\n[[wecom.webhook]]\nunit = "韶山村/二片"\nkey = "{key}"\nchat_id = "{chat}"\n'
KEY = re.findall(r'^key = "(.*)"', GOOD, re.M)[0]


@pytest.fixture
def office(tmp_path, monkeypatch):
    """A folder in which a configuration is checked: office(text, **environment)."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def _office(text=GOOD, status=1, **environ):
        path = tmp_path / "config.toml"
        data = text if isinstance(text, bytes) else text.replace(":8211", f":{port}").encode()
        path.write_bytes(data)
        done = CliRunner(env=environ).invoke(main, ["config", "check", "--config", str(path)])
        assert done.exit_code == status, done.output + repr(done.exception)
        return done.output

    return _office


def changed(name: str, value: str, text: str = GOOD) -> str:
    """The configuration with another value in the first line of that name."""
    line = re.compile(rf"^(?:# )?{name} = [^#\n]*", re.M)
    made, count = line.subn(lambda _: f"{name} = {value}  ", text, count=1)
    assert count == 1, name
    return made


def number_of(name: str, text: str) -> int:
    """In which line that name stands."""
    rows = text.splitlines()
    return next(n for n, row in enumerate(rows, 1) if row.startswith(f"{name} ="))


def test_an_office_with_its_own_keys_has_nothing_to_mend(office):
    assert "没有问题" in office(status=0)


# --- keys that a stranger knows ---


SECRET_LINES = [n for n, row in enumerate(EXAMPLE.splitlines(), 1) if re.match(
    r"(corp_id|secret|token|encoding_aes_key|key) =", row)]  # fmt: skip


@pytest.mark.parametrize("number", SECRET_LINES)
def test_each_key_of_the_example_alone_is_refused_in_its_line(office, number):
    """Also when all others are the office's own: nobody has to forget more than one."""
    rows = GOOD.splitlines()
    rows[number - 1] = EXAMPLE.splitlines()[number - 1]
    assert f"config.toml:{number}: " in office("\n".join(rows))


PLACEHOLDERS = (
    "〔待填〕", "【请填写】", "<token>", "xxxxxxxx", "XXXXXX", "0000000000", "……", "在应用详情页",
    "your-secret", "YOUR_TOKEN", "changeme", "change_me", "TODO", "待填", "secret", "***",
)  # fmt: skip


@pytest.mark.parametrize("text", PLACEHOLDERS)
@pytest.mark.parametrize("name", ["corp_id", "secret", "token", "key"])
def test_a_placeholder_is_no_key_wherever_it_stands(office, name, text):
    made = changed(name, f'"{text}"')
    assert f"config.toml:{number_of(name, made)}: " in office(made)


@pytest.mark.parametrize("text", ["ww0000000000000000", "wwxxxxxxxxxxxxxxxx", "ww000000"])
def test_the_corp_of_an_example_is_nobody(office, text):
    made = changed("corp_id", f'"{text}"')
    assert f":{number_of('corp_id', made)}: 「wecom.corp_id」" in office(made)


@pytest.mark.parametrize("token", ["a", "abc12", "1"])
def test_a_token_that_can_be_guessed_is_refused(office, token):
    assert "猜得出来" in office(changed("token", f'"{token}"'))


@pytest.mark.parametrize("unit", ["A", "ab", "0123456"])
def test_a_key_of_few_signs_is_refused(office, unit):
    assert "猜得出来" in office(changed("encoding_aes_key", f'"{(unit * 43)[:43]}"'))


def test_one_encoding_key_for_two_channels_is_refused(office):
    keys = re.findall(r'^encoding_aes_key = "(.*)"', GOOD, re.M)
    assert "和 wecom.app.encoding_aes_key 是同一个" in office(GOOD.replace(keys[1], keys[0]))


@pytest.mark.parametrize(
    "text", ["ab cd12345678901234", "密钥abcdefghijklmnopq", "ａｂｃｄｅｆｇｈｉｊ"]
)
def test_a_secret_with_spaces_or_wide_signs_is_told(office, text):
    assert "空格、引号、中文或全角" in office(changed("secret", f'"{text}"'))


def test_generated_keys_are_never_taken_for_placeholders(tmp_path):
    """The demo and every office have such: nothing real may be refused."""
    from emulator.cipher import new_word

    for length in (24, 43):
        assert not [
            k for k in (new_word(length) for _ in range(500)) if config_keys.is_placeholder(k)
        ]


@pytest.mark.parametrize("spoil", ["example", "folder"])
def test_serve_refuses_what_a_stranger_knows_and_folders_that_lose_photos(tmp_path, capsys, spoil):
    path = tmp_path / "config.toml"
    (tmp_path / "blocked").write_text("x", "utf-8")
    bad = EXAMPLE if spoil == "example" else changed("media_path", '"blocked/media"')
    path.write_text(bad, "utf-8")
    with pytest.raises(SystemExit) as ended:
        prepare(path, Door())
    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert ("冒充居民" if spoil == "example" else "照片存不进") in told
    assert not (tmp_path / "var").exists()


# --- where secrets come from ---


def by_file(tmp_path, data: bytes, name="secret") -> str:
    (tmp_path / "geheim").write_bytes(data)
    return re.sub(rf"^{name} = .*", f'{name}_file = "geheim"', GOOD, count=1, flags=re.M)


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf%s", b"%s\r\n", b"  %s \n\n", b"\n%s"])
def test_a_byte_order_mark_and_blank_lines_around_a_secret_do_no_harm(office, tmp_path, data):
    secret = b"k3Jd9sLq0PzXvBn7RtYw2mHc5FgEaUi8oTdSxZrQlWe"
    made = by_file(tmp_path, data.replace(b"%s", secret))
    office(made, status=0)
    config, *_ = load_with_source(tmp_path / "config.toml", {})
    assert config.wecom.app.secret == secret.decode()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("密钥：abc".encode("gb18030"), "GB18030"),
        ("abcdef".encode("utf-16"), "UTF-16"),
        (b"abc def", "恰好是一行"),
        (b"abc\ndef\n", "恰好是一行"),
        (b"", "恰好是一行"),
        ("〔待填〕".encode(), "占位"),
    ],
)
def test_a_file_of_a_secret_that_is_none_is_told_by_its_name(office, tmp_path, data, told):
    answer = office(by_file(tmp_path, data))
    assert ("geheim" in answer, told in answer) == (True, True)


def test_a_secret_in_two_places_is_told(office, tmp_path):
    made = by_file(tmp_path, b"x" * 43).replace("[wecom.app]", '[wecom.app]\nsecret = "a"')
    assert "写了两处" in office(made)


@pytest.mark.parametrize("name", sorted(environment(CHANNELS)))
def test_a_mistyped_variable_is_told_with_the_nearest_name(office, name):
    typo = name[:-3] + name[-2:]
    answer = office(**{typo: "x"})
    assert f"{typo}: 不认识这个环境变量" in answer
    assert f"是不是 {name}？" in answer


def test_a_variable_is_named_where_its_value_is_wrong(office):
    assert "SANZHANG_WECOM_APP_TOKEN: 「wecom.app.token」" in office(
        SANZHANG_WECOM_APP_TOKEN="〔待填〕"
    )


# --- what will break ---

BROKEN = {
    "quiet all day": ("quiet_hours", '"00:00-00:00"', "全天还是没有"),
    "quiet nearly all day": ("quiet_hours", '"08:00-07:00"', "几乎都不许打扰"),
    "quiet till 24": ("quiet_hours", '"22:00-24:00"', "应形如 22:00-07:30"),
    "quiet in words": ("quiet_hours", '"晚上十点到早上七点"', "应形如"),
    "slot at night": ("pickup_slots", '["06:00", "12:15"]', "06:00 在不打扰的时间"),
    "slot twice": ("pickup_slots", '["12:15", "12:15"]', "写了两次"),
    "slot no time": ("pickup_slots", '["7:45"]', "应形如 07:45"),
    "slot alone": ("pickup_slots", '"07:45"', "方括号"),
    "port 99999": ("listen", '"127.0.0.1:99999"', "1 到 65535"),
    "port 0": ("listen", '"127.0.0.1:0"', "1 到 65535"),
    "port missing": ("listen", '"127.0.0.1"', "应形如"),
    "port a number": ("listen", "8211", "加引号"),
    "host unknown": ("listen", '"no-such-host.invalid:9000"', "找不到主机"),
    "mysql": ("database_url", '"mysql://root@localhost/sanzhang"', "不支持“mysql”"),
    "postgres without driver": ("database_url", '"postgresql://u@h/db"', "不支持“postgresql”"),
    "sqlite two slashes": ("database_url", '"sqlite://var/x.db"', "没有写数据库文件"),
    "sqlite memory": ("database_url", '"sqlite:///:memory:"', "只在内存里"),
    "sqlite a folder": ("database_url", '"sqlite:///."', "数据库写不进"),
    "public http": ("public_url", '"http://sanzhang.example.gov.cn"', "不是 https"),
    "public bare": ("public_url", '"sanzhang.example.gov.cn"', "不是 https"),
    "public path": ("public_url", '"https://a.gov.cn/wecom/app"', "不带路径"),
    "zone": ("timezone", '"Asia/Shaoshan"', "没有这个时区"),
    "zone a path": ("timezone", '"../etc"', "没有这个时区"),
    "zone empty": ("timezone", '""', "没有这个时区"),
    "media in a file": ("media_path", '"config.toml/media"', "照片存不进"),
    "texts missing": ("texts", '"none.yaml"', "没有这个文件"),
    "name empty": ("name", '""', "不能为空"),
    "name placeholder": ("name", '"〔待填〕"', "占位"),
    "api with path": ("api_base", '"https://qyapi.weixin.qq.com/cgi-bin/"', "不带路径"),
    "api without scheme": ("api_base", '"qyapi.weixin.qq.com"', "应形如"),
    "agent in words": ("agent_id", '"应用一"', "应当是整数"),
    "agent the corp": ("agent_id", '"ww3f9a01c75be2d846"', "应当是整数"),
    "agent negative": ("agent_id", "-1", "AgentId"),
    "agent with a dot": ("agent_id", "1000002.5", "应当是整数"),
    "webhook url": (
        "key",
        '"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-12345678"',
        'key = "abc-12345678"',
    ),
    "unit with slash": ("unit", '"/韶山村/一片/"', 'unit = "韶山村/一片"'),
    "chat placeholder": ("chat_id", '"〔待填〕"', "chat_id"),
    "open_replies in words": ("open_replies", '"是"', "true 或 false"),
    "faq missing": ("path", '"/nowhere/faq"', "没有 /nowhere/faq"),
    "thresholds crossed": ("suggest_threshold", "0.99", "高过直接回答"),
    "threshold in percent": ("answer_threshold", "82", "不能大于 1"),
    "routing missing": ("routing", '"none.yaml"', "没有这个文件"),
    "counting": ("counting", '"工作日"', "只能是"),
    "new_issue": ("new_issue", '"later"', "now 或 slot"),
    "calendar missing": ("calendar", '"none.yaml"', "没有这个文件"),
    "link host an address": ("link_hosts", '["https://media.example.com/"]', "只写主机名"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_will_break_is_told_with_its_line_and_the_way_out(office, case):
    name, value, told = BROKEN[case]
    made = changed(name, value)
    answer = office(made)
    assert told in answer
    if told != "没有这个文件":  # then the other file is named
        assert f"config.toml:{number_of(name, made)}: " in answer


GROUPS = {
    "one chat for two units": (
        SECOND_GROUP.format(key="another-key-12345678", chat="wrGroup01"),
        "这个群已经给了",
    ),
    "one webhook for two units": (
        SECOND_GROUP.format(key=KEY, chat="wrOther"),
        "这个群机器人已经给了",
    ),
    "neither key nor chat": (SECOND_GROUP.format(key="", chat=""), "都没有写"),
}


@pytest.mark.parametrize("case", GROUPS)
def test_groups_that_cannot_be_told_apart_are_told(office, case):
    more, told = GROUPS[case]
    made = GOOD.replace("\n[faq]", f"{more}\n[faq]")
    answer = office(made)
    assert told in answer
    assert re.search(r"config\.toml:(\d+): 「wecom\.webhook\[2\]", answer)


def test_a_port_that_another_program_has_is_told(office):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = office(changed("listen", f'"127.0.0.1:{port}"'))
    assert f"127.0.0.1:{port} 用不了" in answer


def test_a_bot_with_an_at_in_its_name_is_told(office):
    made = GOOD.replace('name = "三长助手"', 'name = "@三长助手"')
    assert "名字前后不带 @" in office(made)


def test_all_is_told_at_once(office):
    made = changed("listen", '"127.0.0.1:99999"')
    made = changed("quiet_hours", '"25:00"', changed("agent_id", '"x"', made))
    answer = office(made)
    assert all(part in answer for part in ("listen", "quiet_hours", "agent_id"))


# --- the whole family: whatever stands behind whatever name ---

NAMES = sorted(set(re.findall(r"^(?:# )?([a-z_]+) = ", EXAMPLE, re.M)))
VALUES = (
    "1", "-1", "0.5", "true", '""', '" "', "[]", '["x"]', "{}", "{a = 1}", "1979-05-27", "nan",
    '"〔待填〕"', '"\\u0000"', '"x y"', f'"{"长" * 5000}"', "[[[]]]", "9" * 400,
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_whatever_stands_behind_a_name_the_check_answers_in_its_own_words(tmp_path, name):
    """Good or not: never an error of Python, and a mistake names the file that has it."""
    path = tmp_path / "config.toml"
    for value in VALUES:
        path.write_text(changed(name, value), "utf-8")
        done = CliRunner().invoke(main, ["config", "check", "--config", str(path)])
        assert isinstance(done.exception, SystemExit | None), (value, done.exception)
        told = [row for row in done.output.splitlines() if row.startswith(str(tmp_path))]
        assert done.exit_code == 0 or told, (value, done.output)


@pytest.mark.parametrize("cut", range(0, len(GOOD.encode()), 97))
def test_a_file_that_is_cut_anywhere_is_answered(tmp_path, cut):
    path = tmp_path / "config.toml"
    path.write_bytes(GOOD.encode()[:cut])
    done = CliRunner().invoke(main, ["config", "check", "--config", str(path)])
    assert isinstance(done.exception, SystemExit | None), done.exception
    assert done.exit_code in (0, 1)


def test_every_name_of_the_example_has_its_line():
    found = lines(EXAMPLE)
    rows = EXAMPLE.splitlines()
    for place, number in found.items():
        if isinstance(place[-1], str):
            assert place[-1] in rows[number - 1]
    assert rows[line_of(found, ("wecom", "webhook", 0, "key")) - 1].startswith("key =")
    assert rows[line_of(found, ("wecom", "app", "nothing")) - 1].startswith("[wecom.app]")

"""What `faq check` says about entries: where, what, and what to do."""

from datetime import date
from pathlib import Path

import pytest

from faq.book import Thresholds
from faq.lint import check
from tests.faq_tools.conftest import SOUND, TODAY, Check, Write


def _said(problems) -> list[tuple[int, str, str]]:
    return [(p.line, p.severity, p.what) for p in problems]


def test_it_says_nothing_about_a_sound_file(found: Check):
    assert found(SOUND) == []


def test_it_names_file_line_and_way_out_of_a_syntax_error(found: Check):
    (problem,) = found(SOUND + "- 编号: b\n\t问题: 歪了\n")

    assert str(problem).endswith("a.yaml:6: 用了制表符（Tab）（缩进只能用空格）")


def test_it_reports_everything_at_once_sorted_by_line(found: Check):
    problems = found(
        """
        - 编号: a
          问题: 低保怎么申请
          答覆: 找村里
        - 编号: b
          问题: 高龄津贴怎么领
          答复: 每月有 〔待填：金额〕。
          复核: 2025-01-01
        """
    )

    assert [p.line for p in problems] == sorted(p.line for p in problems)
    assert {p.field for p in problems} >= {"答覆", "来源", "答复", "复核"}


def test_it_checks_the_sound_entries_of_a_file_with_a_broken_one(found: Check):
    problems = found(SOUND.replace("2027", "2025") + "- 编号: b\n  问题: 没有答复\n")

    assert [(p.entry, p.severity) for p in problems] == [("lamp", "warning"), ("b", "error")]


def test_it_finds_one_id_in_two_files(write: Write):
    write(SOUND)
    folder = write(SOUND.replace("路灯归谁管", "井盖归谁管"), "entries/b.yaml")

    (problem,) = check(folder, TODAY)

    assert problem.file.endswith("b.yaml")
    assert "a.yaml:1 已经用了「lamp」" in problem.what


@pytest.mark.parametrize("twin", ["路灯归谁管", "路灯归谁管？", "路燈歸誰管", "＠三长 路灯归谁管"])
def test_it_finds_one_phrasing_in_two_entries_however_it_is_typed(found: Check, twin: str):
    problems = found(
        f"""
        - {{编号: a, 问题: 路灯归谁管, 答复: 村里, 复核: 2027-01-01}}
        - 编号: b
          问题: 街灯找谁
          相似问:
            - 村道上的灯
            - "{twin}"
          答复: 镇里
          复核: 2027-01-01
        """
    )

    assert (6, "error", "a") in [
        (p.line, p.severity, p.what[-5]) for p in problems if p.field == "相似问"
    ]


@pytest.mark.parametrize(
    "apart",
    [
        "适用: 石屏村, 替代: a",
        "渠道: 群",
        "生效: 2027-01-01",
    ],
)
def test_it_lets_entries_share_a_phrasing_that_nobody_can_see_together(found: Check, apart: str):
    problems = found(
        f"""
        - {{编号: a, 问题: 路灯归谁管, 答复: 村里, 复核: 2027-01-01, 渠道: 私, 失效: 2026-12-31}}
        - {{编号: b, 问题: 路灯归谁管, 答复: 镇里, 复核: 2027-01-01, {apart}}}
        """
    )

    assert not [p for p in problems if p.severity == "error"]


def test_it_advises_an_override_where_a_village_repeats_the_town(found: Check):
    problems = found(
        """
        - {编号: town, 问题: 路灯归谁管, 答复: 镇里, 复核: 2027-01-01}
        - {编号: village, 问题: 路灯归谁管, 答复: 村里, 复核: 2027-01-01, 适用: 石屏村}
        """
    )

    (hint,) = [p for p in problems if "范围小的先用" in p.what]
    assert (hint.severity, hint.line) == ("info", 2)
    assert hint.remedy == "要替代它，请在「village」里写「替代: town」"


def test_it_finds_questions_that_the_matcher_cannot_tell_apart(found: Check):
    problems = found(
        """
        - {编号: a, 问题: 老年人公交卡怎么办理, 答复: 甲, 复核: 2027-01-01}
        - {编号: b, 问题: 老人公交卡怎么办理, 答复: 乙, 复核: 2027-01-01}
        """
    )

    assert {p.severity for p in problems} == {"warning"}
    assert any("分不清" in p.what and "公交卡" in p.what for p in problems)


def test_it_finds_a_question_that_the_entry_itself_shuts_out(found: Check):
    (problem,) = found("- {编号: a, 问题: 路灯归谁管, 答复: 村里, 复核: 2027-01-01, 必含: [井盖]}")

    assert "对不上自己这一条" in problem.what
    assert "必含" in problem.what


def test_it_warns_of_a_question_that_is_taken_as_an_emergency(found: Check):
    (problem,) = found("- {编号: a, 问题: 屋里着火了怎么办, 答复: 快跑, 复核: 2027-01-01}")

    assert "紧急情况" in problem.what


def test_it_looks_at_dates_only_when_it_is_told_the_day(write: Write):
    folder = write("- {编号: a, 问题: 路灯归谁管, 答复: 村里, 失效: 2026-11-20, 复核: 2026-11-20}")

    assert check(folder) == []
    assert [p.what for p in check(folder, TODAY)] == [
        "2026-11-20 就该复核了",
        "2026-11-20 已经失效，不再回答",
    ]


@pytest.mark.parametrize(
    ("dates", "severity", "message"),
    [
        ("生效: 2026-12-01", "info", "2026-12-01 才生效，现在还不回答"),
        ("失效: 2026-11-21", None, ""),
        ("生效: 2026-12-02, 失效: 2026-12-01", "error", "失效在生效之前，这一条永远用不上"),
    ],
)
def test_it_tells_which_entries_are_out_of_season(found: Check, dates, severity, message):
    problems = found(f"- {{编号: a, 问题: 路灯归谁管, 答复: 村里, 复核: 2027-01-01, {dates}}}")

    told = [(p.severity, p.what) for p in problems if p.field != "问题"]
    assert told == ([(severity, message)] if severity else [])


def test_it_wants_a_review_date(found: Check):
    (problem,) = found("- {编号: a, 问题: 路灯归谁管, 答复: 村里}")

    assert (problem.field, problem.severity) == ("复核", "warning")


@pytest.mark.parametrize(
    ("size", "severity"),
    [(900, None), (903, "warning"), (2007, "warning"), (2010, "error")],
)
def test_it_measures_answers_in_bytes_with_the_way_out(found: Check, size: int, severity):
    answer = "灯" * (size // 3)

    problems = found(f"- {{编号: a, 问题: 路灯归谁管, 答复: {answer}, 复核: 2027-01-01}}")

    assert [p.severity for p in problems] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("question", "wanted"),
    [("低保怎么申请", True), ("单元门禁坏了找谁", False), ("元旦村里放假吗", False)],
)
def test_it_wants_a_source_where_money_is_spoken_of(found: Check, question: str, wanted: bool):
    problems = found(f"- {{编号: a, 问题: {question}, 答复: 找村里, 复核: 2027-01-01}}")

    assert any(p.field == "来源" for p in problems) == wanted


def test_it_lists_each_open_placeholder_with_its_own_line(found: Check):
    problems = found(
        """
        - 编号: a
          问题: 村部在哪里
          答复: |-
            村部在〔待填：地址〕。

            电话〔待填：电话〕，
            早上〔待填：上班时间〕开门。
          来源: 〔待填〕
          复核: 2027-01-01
        """
    )

    assert _said(problems) == [
        (4, "info", "还没有填：〔待填：地址〕"),
        (6, "info", "还没有填：〔待填：电话〕"),
        (7, "info", "还没有填：〔待填：上班时间〕"),
        (8, "info", "还没有填：〔待填〕"),
    ]


@pytest.mark.parametrize(
    ("more", "severity", "message"),
    [
        ("替代: nobody, 适用: 石屏村", "error", "没有编号是「nobody」的条目"),
        ("替代: b, 适用: 石屏村", "error", "「b」绕了一圈替代到自己"),
        ("替代: a", "warning", "没有写「适用」，会在所有地方替代「a」"),
        ("替代: a, 适用: 河口村", "warning", "适用的地方不在「a」的范围里，替代不起作用"),
    ],
)
def test_it_finds_overrides_that_lead_nowhere(found: Check, more, severity, message):
    problems = found(
        f"""
        - {{编号: a, 问题: 路灯归谁管, 答复: 镇里, 复核: 2027-01-01, 适用: 石屏村}}
        - {{编号: b, 问题: 井盖松动了找谁, 答复: 村里, 复核: 2027-01-01, {more}}}
        """
    )

    assert (2, severity, message) in _said(problems)


def test_it_runs_the_tests_in_the_entries_and_names_the_line_of_the_sentence(found: Check):
    problems = found(
        SOUND
        + """\
  测试:
    应中:
      - 路灯归谁管
      - 社保卡去哪里领
"""
    )

    (problem,) = problems
    assert (problem.line, problem.severity) == (8, "error")
    assert problem.what.startswith("测试没过：「社保卡去哪里领」应当由这一条回答，结果")


def test_a_sentence_cannot_be_wanted_and_unwanted(found: Check):
    problems = found(SOUND + "  测试: {应中: [路灯归谁管], 不应中: [路灯归谁管]}\n")

    assert "「路灯归谁管」同时写在应中和不应中里" in [p.what for p in problems]


def test_an_entry_for_next_year_is_tested_as_in_next_year(found: Check):
    problems = found(SOUND + "  生效: 2027-01-01\n  测试: {应中: [路灯归谁管]}\n")

    assert [p.severity for p in problems] == ["info"]


def test_broken_tables_do_not_hide_what_is_wrong_with_entries(write: Write):
    write("- [只有一个]\n", "tables/synonyms.yaml")
    folder = write("- {编号: a, 问题: 低保怎么申请, 答复: 找村里, 复核: 2027-01-01}")

    assert {Path(p.file).name for p in check(folder, TODAY)} == {"a.yaml", "synonyms.yaml"}


def test_it_tells_of_a_folder_that_is_not_there(tmp_path: Path):
    (problem,) = check(tmp_path / "nothing", date(2026, 1, 1))

    assert problem.what == "没有这个文件或文件夹"


def test_it_counts_its_way_through_the_entries(write: Write):
    steps: list[tuple[int, int]] = []

    check(write(SOUND), TODAY, progress=lambda done, total: steps.append((done, total)))

    assert steps == [(1, 1)]


@pytest.mark.parametrize("answer", ["拨打 #1 号键", "找村里 #别忘带证"])
def test_it_finds_words_that_yaml_takes_for_a_comment(found: Check, answer: str):
    (problem,) = found(SOUND.replace("路灯归村里管。", answer))

    assert (problem.line, problem.severity) == (3, "warning")
    assert f"「{answer[answer.index('#') :]}」成了备注" in problem.what


@pytest.mark.parametrize(
    "line", ["# 问过电工", '类别: "灯" # 写在引号后面', "责任单位: 村部 # 新的"]
)
def test_a_comment_that_is_one_is_fine(found: Check, line: str):
    assert found(f"{SOUND}  {line}\n") == []


def test_it_finds_words_that_were_not_divided(found: Check):
    (problem,) = found(SOUND + "  排除: [交通灯、红灯]\n")

    assert "「交通灯、红灯」当成了一个词" in problem.what


def test_it_says_that_an_entry_without_an_answer_does_not_answer(found: Check):
    problems = found(SOUND.replace("路灯归村里管。", "〔待填：归谁管〕。"))

    assert [p.severity for p in problems] == ["warning", "info"]
    assert "答复还没有写" in problems[0].what


def test_the_line_that_offers_details_counts_as_well(found: Check):
    answer = "管" * 667
    assert len(f"{answer}\n\n想看详细的，回复：详细\n没解决？回复 1 转您的邻长。".encode()) > 2048

    (problem,) = found(SOUND.replace("路灯归村里管。", answer) + "  详细答复: 略\n")

    assert "2076 字节" in problem.what


def test_it_decides_with_the_thresholds_of_the_deployment(write: Write):
    folder = write(SOUND + "  测试:\n    应中: [路灯归谁管呀]\n")

    problems = check(folder, TODAY, thresholds=Thresholds(answer=1.01, suggest=0.1))

    assert "测试没过" in "".join(p.what for p in problems)


def test_one_file_of_several_may_replace_an_entry_of_another(write: Write):
    write(SOUND)
    own = (
        "- {编号: b, 问题: 路灯归谁管, 答复: 归片里。, 适用: 一片, 替代: lamp, 复核: 2027-03-01}\n"
    )
    folder = write(own, "entries/b.yaml")

    (problem,) = check(folder / "entries" / "b.yaml", TODAY)

    assert (problem.severity, problem.field) == ("warning", "替代")
    assert "查整个文件夹" in problem.remedy

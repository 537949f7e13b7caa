"""How a mistake is shown, and in which order."""

from files.problem import FileError, Problem

HERE = Problem("a.yaml", 3, "答复", "是空的", "写上答复", entry="lamp")


def test_it_names_the_place_what_is_wrong_and_the_way_out():
    assert str(HERE) == "a.yaml:3: 「答复」是空的（写上答复）"


def test_what_is_not_known_leaves_no_trace():
    assert str(Problem("a.yaml", 0, "", "没有这个文件")) == "a.yaml: 没有这个文件"


def test_in_a_list_the_sign_says_how_bad_it_is():
    kinds = [Problem("a", 1, "", "x", severity=kind) for kind in ("error", "warning", "info")]
    assert [one.marked for one in kinds] == ["✗ a:1: x", "! a:1: x", "· a:1: x"]


def test_the_keys_of_the_json_stay_what_other_programs_read():
    assert HERE.as_dict() == {
        "file": "a.yaml",
        "line": 3,
        "field": "答复",
        "message": "是空的",
        "advice": "写上答复",
        "severity": "error",
        "entry": "lamp",
    }


def test_an_error_lists_by_place_and_keeps_the_order_within_a_line():
    told = [Problem("a", 2, "户", "x"), Problem("a", 1, "", "x"), Problem("a", 2, "单位", "x")]
    assert str(FileError(told)) == "a:1: x\na:2: 「户」x\na:2: 「单位」x"

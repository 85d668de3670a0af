"""What a console keeps over a restart: private, shared by several consoles, and never a reason to crash."""

import json
import stat

import pytest

from hedge_tui.ui.kept_state import KeptState


def test_values_survive_and_the_file_is_private(tmp_path):
    path = tmp_path / "state.json"
    kept = KeptState(path)
    kept.put("tables", "trade.positions", {"sort": "x"})
    kept.put("views", "carry", {"filter": "漢字"})
    assert not path.exists(), "nothing is written before it is asked for"
    assert kept.dirty
    kept.write()
    assert not kept.dirty
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = KeptState(path)
    assert (again.get("tables", "trade.positions"), again.problem) == ({"sort": "x"}, "")
    assert again.names("views") == ["carry"]
    again.put("views", "carry", None)
    again.write()
    assert KeptState(path).names("views") == []


def test_two_consoles_keep_each_others_changes(tmp_path):
    path = tmp_path / "state.json"
    left, right = KeptState(path), KeptState(path)
    left.put("tables", "a", {"n": 1})
    right.put("tables", "b", {"n": 2})
    left.write()
    right.write()
    assert KeptState(path).names("tables") == ["a", "b"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b'{"version": 99}', b"[" * 100_000, b'"x"', b" " * 5_000_000]
)
def test_an_unreadable_file_is_put_aside_and_said(tmp_path, content):
    path = tmp_path / "state.json"
    path.write_bytes(content)
    kept = KeptState(path)
    assert "kept as state.json.aside-1" in kept.problem
    assert (tmp_path / "state.json.aside-1").read_bytes() == content
    kept.put("tables", "a", {"n": 1})
    kept.write()
    assert json.loads(path.read_text())["tables"] == {"a": {"n": 1}}
    path.write_bytes(content)
    assert "aside-2" in KeptState(path).problem


def test_sections_that_are_no_sections_are_ignored(tmp_path):
    path = tmp_path / "state.json"
    path.write_text('{"version": 1, "tables": 5, "views": {"a": {}}}')
    kept = KeptState(path)
    assert (kept.get("tables", "x"), kept.names("views")) == (None, ["a"])


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path):
    kept = KeptState(tmp_path / "gone" / "state.json")
    kept.put("tables", "a", {})
    kept.write()
    assert "cannot be written" in kept.problem
    kept.put("tables", "b", {})
    assert not kept.dirty


def test_without_a_file_nothing_is_kept():
    kept = KeptState()
    kept.put("tables", "a", {"n": 1})
    assert kept.get("tables", "a") == {"n": 1}
    assert not kept.dirty
    kept.write()

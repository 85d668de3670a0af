import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from hedge_tui.ui.widgets.glyphs import ASCII, UNICODE, ascii_wanted
from hedge_tui.ui.widgets.inert import inert


def test_plain_text_is_left_alone():
    assert inert("BTC/USDT:USDT [b]x[/b]") == "BTC/USDT:USDT [b]x[/b]"


def test_escape_osc_and_c1_become_visible():
    assert inert("\x1b]52;c;aGk=\x07") == "^[]52;c;aGk=^G"
    assert inert("\x9b31m\x7f\n\t") == "<009B>31m^?^J^I"


def test_bidi_and_zero_width_become_visible():
    assert inert("BUY\u202eLLES\u2066\u200b\ufeff") == "BUY<202E>LLES<2066><200B><FEFF>"
    assert inert("a\u200fb\u2800c\u3164") == "a<200F>b<2800>c<3164>"


def test_accents_are_composed_and_stray_marks_shown():
    assert inert("e\u0301") == "é"
    assert inert("x\u0489") == "x<0489>"


def test_what_joins_or_takes_no_cell_becomes_visible():
    assert (
        inert("\U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea \ud7cb") == "\U0001f44d<1F3FD> <1F1E9><1F1EA> <D7CB>"
    )


def test_wide_text_stays():
    assert inert("漢字") == "漢字"


def test_ascii_only_keeps_different_names_different():
    assert inert("é漢", ascii_only=True) == "<00E9><6F22>"
    assert inert("é", ascii_only=True) != inert("è", ascii_only=True)


@given(st.text())
def test_nothing_dangerous_is_left(text):
    shown = inert(text)
    assert all(unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for c in shown)
    assert cell_len(shown) == sum(cell_len(c) for c in shown), "nothing joins"
    assert all(cell_len(c) in {1, 2} for c in shown), "every character takes a cell or two"
    assert inert(text, ascii_only=True).isascii()


def test_ascii_is_chosen_by_variable_and_locale():
    assert ascii_wanted({"HEDGE_ASCII": "1", "LANG": "C.UTF-8"})
    assert ascii_wanted({"LC_ALL": "POSIX"})
    assert not ascii_wanted({"HEDGE_ASCII": "0", "LC_CTYPE": "en_US.utf8"})
    assert not ascii_wanted({})


def test_every_glyph_takes_one_cell():
    for glyphs in (UNICODE, ASCII):
        marks = [getattr(glyphs, name) for name in glyphs.__slots__ if name != "ascii_only"]
        assert {cell_len(mark) for mark in marks} == {1}
    assert all(getattr(ASCII, name).isascii() for name in ASCII.__slots__ if name != "ascii_only")

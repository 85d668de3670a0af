"""Every verb is explained, and every example can be typed as it stands."""

from __future__ import annotations

import pytest

from hedge_tui.command import HELP, help_for, parse
from hedge_tui.command.help import Example
from hedge_tui.command.words import FOREIGN, VERBS
from hedge_tui.domain.errors import CommandError

EXAMPLES = [(text.word, example) for text in HELP.values() for example in text.examples]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    text = HELP[verb]
    assert text.summary
    assert text.syntax
    assert text.meaning
    assert len(text.examples) >= 2


@pytest.mark.parametrize(("word", "example"), EXAMPLES)
def test_examples_parse(word: str, example: Example) -> None:
    verbs = {cmd.verb for cmd in parse(example.line).cmds}
    assert example.does
    if word in VERBS:
        assert word in verbs


def test_parts_of_an_order_lead_to_their_topic() -> None:
    assert help_for("twap").word == "algo"
    assert help_for("gtd:").word == "flags"
    assert help_for("B").word == "buy"


def test_unknown_words_name_the_nearest() -> None:
    with pytest.raises(CommandError) as caught:
        help_for("cancle", (5, 11))
    assert caught.value.span == (5, 11)
    assert "cancel" in caught.value.hint


@pytest.mark.parametrize("word", FOREIGN)
def test_words_of_other_programs_are_no_verbs_here(word: str) -> None:
    with pytest.raises(CommandError, match="not a command here"):
        parse(word)

"""Errors as lines: what is wrong, where in the typed line, what to do; never a wrong advice."""

from __future__ import annotations

from hedge_tui.bootstrap.launch import NoEngine
from hedge_tui.cli import exits
from hedge_tui.cli.do import RefusedLine
from hedge_tui.domain.errors import EngineUnreachable
from hedge_tui.wire.messages import Failure


def test_how_to_start_an_engine_is_said_only_where_none_runs() -> None:
    assert exits.error_lines(NoEngine("no engine runs"))[1] == "       try: hedge engine run"
    assert len(exits.error_lines(EngineUnreachable("update the console"))) == 1


def test_a_refused_line_has_marks_under_the_mistake() -> None:
    failure = Failure(1, "command", "'by' is not a command", (8, 10), "did you mean buy?")
    assert exits.error_lines(RefusedLine(failure, "@desk-1 by 5usd BTC.p")) == [
        "hedge: 'by' is not a command",
        "       @desk-1 by 5usd BTC.p",
        "               ^^",
        "       did you mean buy?",
    ]
    assert exits.exit_code(RefusedLine(failure, "")) == exits.USAGE


def test_a_place_outside_the_line_is_not_marked() -> None:
    assert len(exits.error_lines(RefusedLine(Failure(1, "command", "x", (8, 99)), "buy"))) == 1


def test_a_denial_says_who_denied_and_that_nothing_was_sent() -> None:
    denied = RefusedLine(Failure(1, "denied", "60,000 is above the cap", hint="order_notional"), "buy")
    assert exits.error_lines(denied) == [
        "hedge: denied by the risk gate: 60,000 is above the cap",
        "       rule: order_notional; nothing was sent",
    ]
    assert exits.exit_code(denied) == exits.DENIED

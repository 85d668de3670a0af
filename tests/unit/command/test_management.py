"""What the verbs on existing orders and positions, and the desk's verbs, read as."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hedge_tui.command import parse
from hedge_tui.command.ast import (
    Abort,
    AccountScope,
    Alarm,
    Alias,
    AliasAct,
    Amend,
    Arm,
    Cancel,
    Chart,
    Chase,
    Close,
    Confirm,
    Disarm,
    Draw,
    Duration,
    Equalise,
    Flatten,
    HedgeAsset,
    Help,
    Ind,
    IndAct,
    Joiner,
    Lev,
    Margin,
    MarginMode,
    Note,
    OnAll,
    OnIds,
    OnRows,
    OnRun,
    OnSide,
    OnSymbols,
    Panic,
    Price,
    PriceRef,
    Raw,
    Repeat,
    Row,
    Rule,
    Scope,
    ScopeItem,
    ScopeKind,
    Session,
    Set,
    Size,
    SizeKind,
    Symbol,
    TableView,
    Tag,
    ViewAct,
    Watch,
    WatcherAct,
    Watchers,
    Word,
)
from hedge_tui.domain.order import PositionSide, Side

BTC, ETH = Symbol("BTC.p"), Symbol("ETH.p")
MINUTE = 60 * 10**9


def body(text: str) -> Any:
    return parse(text).cmds[0].body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cancel BTC.p", Cancel(OnSymbols((BTC,)))),
        ("cancel BTC.p,ETH.p sells", Cancel(OnSymbols((BTC, ETH), Side.SELL))),
        ("cancel buys BTC.p", Cancel(OnSymbols((BTC,), Side.BUY))),
        ("cancel buys", Cancel(OnSide(Side.BUY))),
        ("cancel all", Cancel(OnAll())),
        ("cancel #3", Cancel(OnRows((Row(3),)))),
        ("cancel #3-5,#9", Cancel(OnRows((Row(3), Row(4), Row(5), Row(9))))),
        ("cancel id:4F2a,id:b", Cancel(OnIds((Word("4F2a"), Word("b"))))),
        ("cancel run:9b1c", Cancel(OnRun("9b1c"))),
        ("amend #3 at bid", Amend(OnRows((Row(3),)), None, Price(PriceRef.BID))),
        (
            "amend id:4f at 64000 to 0.5 btc",
            Amend(
                OnIds((Word("4f"),)),
                Size(SizeKind.AMOUNT, Decimal("0.5"), "BTC"),
                Price(PriceRef.NUMBER, Decimal(64000)),
            ),
        ),
        ("close BTC.p", Close((BTC,))),
        ("close BTC.p,ETH.p long 50% chase", Close((BTC, ETH), PositionSide.LONG, Decimal(50), Chase())),
        ("close shorts 25%", Close((), PositionSide.SHORT, Decimal(25))),
        ("close all", Close()),
        ("close BTC.p 50%pos", Close((BTC,), None, Decimal(50))),
        ("flatten BTC.p", Flatten((BTC,))),
        ("flatten all", Flatten()),
        ("hedge btc", HedgeAsset("BTC")),
        ("equalise run:4f2a", Equalise("4f2a")),
        ("panic", Panic()),
        ("panic flat", Panic(flat=True)),
        ("panic stop", Panic(stop=True)),
        ("abort", Abort()),
        ("@all panic flat", Panic(flat=True)),
        ("arm 5m cap 5kusd", Arm(Duration(5 * MINUTE), Size(SizeKind.AMOUNT, Decimal(5000), "USD"))),
        ("arm 90s cap $500", Arm(Duration(90 * 10**9), Size(SizeKind.AMOUNT, Decimal(500), "USD"))),
        (
            "arm 1m cap 500usd on BTC.p,ETH.p",
            Arm(Duration(MINUTE), Size(SizeKind.AMOUNT, Decimal(500), "USD"), (BTC, ETH)),
        ),
        (
            "arm 1m cap 500usd on all",
            Arm(Duration(MINUTE), Size(SizeKind.AMOUNT, Decimal(500), "USD"), everywhere=True),
        ),
        ("disarm", Disarm()),
        ("lev BTC.p 5", Lev((BTC,), Decimal(5))),
        ("lev BTC.p,ETH.p iso 3x", Lev((BTC, ETH), Decimal(3), MarginMode.ISOLATED)),
        ("lev BTC.p", Lev((BTC,))),
        ("margin BTC.p cross", Margin((BTC,), MarginMode.CROSS)),
        (
            "margin BTC.p short remove 100usdt",
            Margin(
                (BTC,),
                None,
                Size(SizeKind.AMOUNT, Decimal(100), "USDT"),
                adding=False,
                position=PositionSide.SHORT,
            ),
        ),
        ("note it's late, R&D then regret {x}", Note(Raw("it's late, R&D then regret {x}"))),
        ('note on #3 "a; b & c"', Note(Raw("a; b & c"), OnRows((Row(3),)))),
        ("note on BTC.p too wide", Note(Raw("too wide"), OnSymbols((BTC,)))),
        ("note on second thought no", Note(Raw("on second thought no"))),
        ("tag run:4f #breakout #late", Tag(OnRun("4f"), ("breakout", "late"))),
        ("tag #3 #late off", Tag(OnRows((Row(3),)), ("late",), off=True)),
        ("draw hline 64000 as TL3", Draw("hline", (Word("64000"),), "TL3")),
        ("draw clear", Draw("clear")),
        ("ind ema(close, 20) pane as fast", Ind(IndAct.ADD, Raw("ema(close, 20)"), pane=True, name="fast")),
        ("ind remove fast", Ind(IndAct.REMOVE, name="fast")),
        ("chart 5m BTC.p", Chart(BTC, "5m")),
        ("chart", Chart()),
        ("watch BTC.p, ETH.p", Watch((BTC, ETH))),
        ("watch off ETH.p", Watch((ETH,), off=True)),
        ("watch", Watch()),
        ("account", AccountScope()),
        (
            "account core,@#scalp,all",
            AccountScope(
                Scope(
                    (
                        ScopeItem(ScopeKind.NAME, "core"),
                        ScopeItem(ScopeKind.TAG, "scalp"),
                        ScopeItem(ScopeKind.ALL, "all"),
                    )
                )
            ),
        ),
        ("session start asia", Session("asia")),
        ("set theme dark blue", Set("theme", Raw("dark blue"))),
        ("set theme", Set("theme")),
        (
            "alias Dip { buy $1 BTC.p ; note $* }",
            Alias(AliasAct.DEFINE, "dip", Raw("buy $1 BTC.p ; note $*")),
        ),
        ("alias out = close all", Alias(AliasAct.DEFINE, "out", Raw("close all"))),
        ("view", TableView(ViewAct.LIST)),
        ("view list", TableView(ViewAct.LIST)),
        ("view Carry-2", TableView(ViewAct.SHOW, "carry-2")),
        ("view save carry", TableView(ViewAct.SAVE, "carry")),
        ("view remove carry", TableView(ViewAct.REMOVE, "carry")),
        ("alias remove dip", Alias(AliasAct.REMOVE, "dip")),
        ("alias dip", Alias(AliasAct.SHOW, "dip")),
        ("help BUY", Help("buy")),
    ],
)
def test_bodies(text: str, expected: Any) -> None:
    assert body(text) == expected


def test_an_alarm_keeps_its_condition_as_text() -> None:
    text = (
        'alarm on("binance:ETH/USDT", "1h", close) < 3000 on BTC.p,ETH.p'
        " repeat every 5m for 30s until 17:30 do { panic }"
    )
    alarm = body(text)
    assert isinstance(alarm, Alarm)
    assert alarm.condition.text == 'on("binance:ETH/USDT", "1h", close) < 3000'
    assert text[slice(*alarm.condition.span)] == alarm.condition.text
    assert alarm.symbols == (BTC, ETH)
    assert alarm.firing.repeat is Repeat.AGAIN
    assert alarm.firing.every == Duration(5 * MINUTE)
    assert alarm.firing.hold == Duration(30 * 10**9)
    assert alarm.firing.until is not None
    assert alarm.action is not None
    assert alarm.action.cmds[0].body == Panic()
    assert text[slice(*alarm.action.cmds[0].span)] == "panic"


def test_trigger_words_inside_parentheses_belong_to_the_condition() -> None:
    alarm = body("alarm count(close > 1 for 3) > 2 once")
    assert alarm.condition.text == "count(close > 1 for 3) > 2"


def test_a_rule_has_a_name_and_an_action() -> None:
    rule = body("rule dip when rsi(close, 14) < 25 do { @desk-1 buy 500usd BTC.p ; note bought }")
    assert isinstance(rule, Rule)
    assert rule.name == "dip"
    assert [cmd.verb for cmd in rule.action.cmds] == ["buy", "note"]
    assert rule.action.joiners == (Joiner.AFTER,)


def test_alarms_are_managed_by_name() -> None:
    assert body("alarm pause dip,top") == Watchers(WatcherAct.PAUSE, ("dip", "top"))
    assert body("rule list") == Watchers(WatcherAct.LIST)
    assert body("rule pause when a > 1 do { panic }").name == "pause"


def test_a_line_keeps_its_commands_joiners_scopes_and_marks() -> None:
    line = parse("@core cancel BTC.p ; buy 1btc BTC.p? & close all ! && flatten all then panic")
    assert [cmd.verb for cmd in line.cmds] == ["cancel", "buy", "close", "flatten", "panic"]
    assert line.joiners == (Joiner.AFTER, Joiner.PARALLEL, Joiner.IF_ACKED, Joiner.WHEN_FILLED)
    assert [cmd.confirm for cmd in line.cmds] == [
        Confirm.ASK,
        Confirm.PREVIEW,
        Confirm.SKIP,
        Confirm.ASK,
        Confirm.ASK,
    ]
    assert line.cmds[0].scope == Scope((ScopeItem(ScopeKind.NAME, "core"),))
    assert all(cmd.scope is None for cmd in line.cmds[1:])


def test_joiners_need_no_spaces() -> None:
    assert parse("cancel all;close all&&panic") == parse("cancel all ; close all && panic")

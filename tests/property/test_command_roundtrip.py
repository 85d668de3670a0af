"""parse(to_text(line)) == line for every tree the grammar can make, spans aside."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from hedge_tui.command import parse, to_text
from hedge_tui.command.ast import (
    MONEY,
    SPREAD_WORDS,
    Abort,
    AccountScope,
    Alarm,
    Alias,
    AliasAct,
    Amend,
    Arm,
    Attach,
    Away,
    Cancel,
    Chart,
    Chase,
    ClockTime,
    Close,
    Cmd,
    Confirm,
    DateTime,
    Disarm,
    Distance,
    Draw,
    Duration,
    Equalise,
    Firing,
    Flags,
    Flatten,
    HedgeAsset,
    Help,
    Iceberg,
    Ind,
    IndAct,
    Joiner,
    LayoutAct,
    Lev,
    Line,
    Margin,
    MarginMode,
    Note,
    Offset,
    OffsetUnit,
    OnAll,
    OnIds,
    OnRows,
    OnRun,
    OnSide,
    OnSymbols,
    Order,
    Panic,
    PositionMode,
    Price,
    PriceRef,
    Raw,
    Repeat,
    Row,
    Rule,
    Scale,
    Scope,
    ScopeItem,
    ScopeKind,
    ScreenLayout,
    Session,
    Set,
    Shape,
    Size,
    SizeKind,
    Spread,
    Stress,
    Swarm,
    Symbol,
    TableView,
    Tag,
    Trail,
    Trigger,
    Twap,
    ViewAct,
    Watch,
    WatcherAct,
    Watchers,
    Word,
)
from hedge_tui.command.words import SHORT_VERBS, VERBS
from hedge_tui.domain.order import PositionSide, Side, TimeInForce, TriggerSource
from tests.property.restraint_lines import restraints

numbers = st.decimals(min_value=Decimal("0.00000001"), max_value=Decimal(10) ** 12, places=8).map(
    Decimal.normalize
)
percents = st.decimals(min_value=Decimal("0.01"), max_value=100, places=2)
counts = st.integers(2, 999)
names = st.from_regex(r"[a-z][a-z0-9_.\-]{0,8}", fullmatch=True).filter(
    lambda name: name not in {"all", "off", "remove"}
)
ids = st.from_regex(r"[0-9a-f]{1,12}", fullmatch=True)
symbols = st.sampled_from(
    [
        "BTC",
        "BTC.p",
        "eth.s",
        "BTC/USDT",
        "binanceusdm:BTC/USDT:USDT",
        "1000PEPE.p",
        "KAVA/USDT",
        "BTCUSDT",
        "AVA.p",
    ]
).map(Symbol)
symbol_lists = st.lists(symbols, min_size=1, max_size=3, unique_by=lambda s: s.text.casefold()).map(tuple)
positions = st.sampled_from([PositionSide.LONG, PositionSide.SHORT])
sources = st.sampled_from([None, *TriggerSource])
durations = st.integers(1, 10**9).map(lambda ms: Duration(ms * 10**6))
clocks = st.builds(ClockTime, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.booleans())
dates = st.builds(
    DateTime,
    st.integers(2000, 2199),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
    st.booleans(),
)
moments = st.one_of(durations, clocks, dates)
units = st.sampled_from(
    [*sorted(MONEY), "BTC", "ETH", "KAVA", "KSM", "MKR", "MMX", "1INCH", "1000PEPE", "MATIC"]
)
whole_spreads = st.sampled_from(["each", "split"]).map(lambda word: Spread(*SPREAD_WORDS[word]))
spreads = st.one_of(
    st.none(),
    st.sampled_from(sorted(SPREAD_WORDS)).map(lambda word: Spread(*SPREAD_WORDS[word])),
    st.sampled_from(["each:acct", "split:eq", "split:weight"]).flatmap(
        lambda accounts: st.sampled_from(["each:sym", "split:sym"]).map(
            lambda word: Spread(SPREAD_WORDS[accounts][0], SPREAD_WORDS[word][1])
        )
    ),
)
amounts = st.builds(Size, st.just(SizeKind.AMOUNT), numbers, units)
offsets = st.builds(
    Offset, st.one_of(numbers, numbers.map(Decimal.copy_negate)), st.sampled_from(list(OffsetUnit))
)
distances = st.builds(
    Distance, numbers, st.sampled_from([OffsetUnit.PERCENT, OffsetUnit.TICKS, OffsetUnit.BASIS_POINTS])
)
references = st.sampled_from(
    [ref for ref in PriceRef if ref not in {PriceRef.NUMBER, PriceRef.LINE, PriceRef.ENTRY}]
)
_NAMED_ACTS = [ViewAct.SHOW, ViewAct.SAVE, ViewAct.REMOVE]
_view_names = names.filter(lambda name: name not in set(ViewAct))
line_names = st.one_of(st.just("TL3"), st.just("weekly high"), st.just('odd"\\name'), st.just("a-5bp"))
prices = st.one_of(
    st.builds(Price, st.just(PriceRef.NUMBER), numbers),
    st.builds(Price, references, st.none(), st.just(""), st.one_of(st.none(), offsets)),
    st.builds(Price, st.just(PriceRef.LINE), st.none(), line_names, st.one_of(st.none(), offsets)),
)
triggers = st.builds(Trigger, prices, sources)


@st.composite
def order_sizes(draw: st.DrawFn) -> Size:
    kind = draw(st.sampled_from([kind for kind in SizeKind if kind is not SizeKind.ORDER]))
    spread = draw(spreads)
    if kind in {SizeKind.FREE, SizeKind.EQUITY, SizeKind.POSITION}:
        return Size(kind, draw(numbers), "", spread)
    if kind is SizeKind.RISK:
        return Size(kind, draw(numbers), draw(st.sampled_from(sorted(MONEY))), spread)
    value = draw(numbers)
    if kind is SizeKind.TARGET:
        value = draw(st.sampled_from([value, value.copy_negate(), Decimal(0)]))
    return Size(kind, value, draw(units), spread)


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    start, end = draw(st.tuples(prices, prices).filter(lambda pair: pair[0] != pair[1]))
    shape = draw(st.sampled_from(list(Shape)))
    return Scale(draw(counts), start, end, shape, draw(numbers) if shape is Shape.SKEWED else None)


twaps = st.builds(Twap, counts, durations, st.one_of(st.none(), percents), st.booleans())
chases = st.builds(Chase, st.one_of(st.none(), prices))
icebergs = st.builds(Iceberg, st.one_of(amounts, st.builds(Size, st.just(SizeKind.ORDER), percents)))
algos = st.one_of(scales(), twaps, chases, icebergs, st.builds(Swarm, counts))
trails = st.builds(Trail, distances, st.one_of(st.none(), distances), sources)


@st.composite
def attachments(draw: st.DrawFn, side: Side) -> Attach:
    good = st.builds(
        lambda value, unit, source: Trigger(Price(PriceRef.ENTRY, offset=Offset(value, unit)), source),
        numbers,
        st.sampled_from(list(OffsetUnit)),
        sources,
    )

    def turned(trigger: Trigger, sign: int) -> Trigger:
        assert isinstance(trigger.price, Price)
        assert trigger.price.offset is not None
        offset = trigger.price.offset
        return Trigger(Price(PriceRef.ENTRY, offset=Offset(offset.value * sign, offset.unit)), trigger.source)

    away = st.builds(Trigger, distances, sources)
    tp = st.one_of(st.none(), triggers, away, good.map(lambda t: turned(t, side.sign)))
    sl = st.one_of(st.none(), triggers, away, good.map(lambda t: turned(t, -side.sign)))
    return Attach(draw(tp), draw(sl), draw(st.one_of(st.none(), trails)))


@st.composite
def flag_sets(draw: st.DrawFn, *, rests: bool, reduces: bool) -> Flags:
    tif = draw(
        st.sampled_from([None, TimeInForce.IOC, TimeInForce.FOK, *([TimeInForce.GTD] if rests else [])])
    )
    waits = draw(st.sampled_from(["", "stop", "trig"]))
    return Flags(
        post=rests and tif in {None, TimeInForce.GTD} and draw(st.booleans()),
        time_in_force=tif,
        expires=draw(moments) if tif is TimeInForce.GTD else None,
        reduce=reduces,
        stop=draw(triggers) if waits == "stop" else None,
        trig=draw(triggers) if waits == "trig" else None,
        leverage=draw(st.one_of(st.none(), st.integers(1, 1000).map(Decimal))),
        margin_mode=draw(st.sampled_from([None, *MarginMode])),
    )


@st.composite
def orders(draw: st.DrawFn) -> Cmd:
    side = draw(st.sampled_from(list(Side)))
    algo = draw(st.one_of(st.none(), algos))
    bring_own = isinstance(algo, (Scale, Chase))
    price = None if bring_own else draw(prices if isinstance(algo, Iceberg) else st.one_of(st.none(), prices))
    reduces = draw(st.booleans())
    attach = Attach() if reduces else draw(attachments(side))
    size = draw(order_sizes())
    if size.kind is SizeKind.RISK and attach.sl is None:
        size = Size(SizeKind.AMOUNT, size.value, size.unit, size.spread)
    flags = draw(flag_sets(rests=price is not None or bring_own or isinstance(algo, Twap), reduces=reduces))
    several = draw(symbol_lists)
    scope = draw(scopes)
    if len(several) > 1 or (scope is not None and len(scope.items) > 1):
        size = Size(size.kind, size.value, size.unit, draw(whole_spreads))
    position = draw(st.one_of(st.none(), positions))
    body = Order(side, size, several, position, price, algo, attach, flags)
    return Cmd(side.value, body, scope, draw(marks))


scope_items = st.one_of(
    st.builds(ScopeItem, st.just(ScopeKind.NAME), names),
    st.builds(ScopeItem, st.just(ScopeKind.TAG), names),
    st.just(ScopeItem(ScopeKind.ALL, "all")),
)
scopes = st.one_of(
    st.none(),
    st.lists(scope_items, min_size=1, max_size=3, unique=True).map(lambda items: Scope(tuple(items))),
)
marks = st.sampled_from(list(Confirm))
rows = st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True).map(
    lambda found: OnRows(tuple(Row(number) for number in found))
)
some_ids = st.lists(ids, min_size=1, max_size=3, unique=True).map(
    lambda found: OnIds(tuple(Word(i) for i in found))
)
runs = st.builds(OnRun, ids)
on_symbols = st.builds(OnSymbols, symbol_lists, st.sampled_from([None, *Side]))
targets = st.one_of(
    on_symbols, st.builds(OnSide, st.sampled_from(list(Side))), rows, some_ids, runs, st.just(OnAll())
)
amends = st.builds(
    Amend, st.one_of(rows, some_ids), st.one_of(st.none(), amounts), st.one_of(st.none(), prices)
).filter(lambda amend: amend.size is not None or amend.price is not None)
fractions = st.one_of(st.none(), percents)
closes = st.one_of(
    st.builds(Close, symbol_lists, st.one_of(st.none(), positions), fractions, st.one_of(st.none(), algos)),
    st.builds(Close, symbol_lists, st.one_of(st.none(), positions), fractions, stop=triggers),
    st.builds(
        Close,
        symbol_lists,
        st.one_of(st.none(), positions),
        fractions,
        trig=st.one_of(st.none(), triggers),
        trail=st.one_of(st.none(), st.builds(Trail, distances, st.none(), sources)),
    ),
    st.builds(Close, st.just(()), st.one_of(st.none(), positions), fractions, st.one_of(st.none(), algos)),
)
levs = st.one_of(
    st.builds(Lev, symbol_lists),
    st.builds(Lev, symbol_lists, st.integers(1, 1000).map(Decimal), st.sampled_from([None, *MarginMode])),
)
margins = st.one_of(
    st.builds(
        Margin, symbol_lists, st.sampled_from(list(MarginMode)), position=st.one_of(st.none(), positions)
    ),
    st.builds(Margin, symbol_lists, st.none(), amounts, st.booleans(), st.one_of(st.none(), positions)),
)
caps = st.builds(Size, st.just(SizeKind.AMOUNT), numbers, st.sampled_from(sorted(MONEY)))
managed = st.one_of(
    st.tuples(st.just("cancel"), st.builds(Cancel, targets)),
    st.tuples(st.just("amend"), amends),
    st.tuples(st.just("close"), closes),
    st.tuples(st.just("flatten"), st.builds(Flatten, st.one_of(st.just(()), symbol_lists))),
    st.tuples(st.just("hedge"), st.sampled_from(["BTC", "ETH", "1INCH"]).map(HedgeAsset)),
    st.tuples(st.just("equalise"), st.builds(Equalise, ids)),
    st.tuples(
        st.just("arm"),
        st.one_of(
            st.builds(Arm, durations, caps),
            st.builds(Arm, durations, caps, symbol_lists),
            st.builds(Arm, durations, caps, st.just(()), st.just(True)),
        ),
    ),
    st.tuples(st.just("lev"), levs),
    st.tuples(st.just("margin"), margins),
    st.tuples(st.just("mode"), st.builds(PositionMode, st.booleans())),
)
managements = st.one_of(
    st.builds(lambda pair, scope, mark: Cmd(pair[0], pair[1], scope, mark), managed, scopes, marks),
    st.builds(
        lambda how, mark: Cmd("panic", Panic(how == "flat", how == "stop"), None, mark),
        st.sampled_from(["", "flat", "stop"]),
        marks,
    ),
    st.just(Cmd("abort", Abort())),
    st.just(Cmd("disarm", Disarm())),
)
expressions = st.sampled_from(
    [
        "close > 65000",
        'on("binance:ETH/USDT", "1h", close) < 3000',
        "crosses(ema(close, 20), sma(close, 50))",
        "a != b",
    ]
).map(Raw)
prose = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=30).filter(
    lambda text: text.isprintable()
)
tags = st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
subjects = st.one_of(
    rows, some_ids, runs, st.just(OnSymbols((Symbol("BTC.p"),))), st.just(OnSymbols((Symbol("ETH/USDT"),)))
)
firings = st.builds(
    Firing,
    st.sampled_from([None, *Repeat]),
    st.one_of(st.none(), durations),
    st.one_of(st.none(), durations),
    st.one_of(st.none(), moments),
).filter(lambda firing: not (firing.repeat is Repeat.ONCE and firing.every))
anchors = st.lists(
    st.sampled_from(["64000", "2026-11-20T10:00", "as", "then", "weekly high"]).map(Word), max_size=3
).map(tuple)
desk = st.one_of(
    st.tuples(st.just("note"), st.builds(Note, prose.map(Raw), st.one_of(st.none(), subjects))),
    st.tuples(st.just("tag"), st.builds(Tag, subjects, tags, st.booleans())),
    st.tuples(
        st.just("draw"),
        st.builds(Draw, st.sampled_from(["hline", "trend"]), anchors, st.one_of(st.just(""), names)),
    ),
    st.tuples(
        st.just("ind"),
        st.builds(Ind, st.just(IndAct.ADD), expressions, st.booleans(), st.one_of(st.just(""), names)),
    ),
    st.tuples(st.just("ind"), st.builds(Ind, st.sampled_from([IndAct.LIST, IndAct.CLEAR]))),
    st.tuples(st.just("ind"), st.builds(Ind, st.just(IndAct.REMOVE), name=names)),
    st.tuples(
        st.just("chart"),
        st.builds(Chart, st.one_of(st.none(), symbols), st.sampled_from([None, "5m", "1mo"])),
    ),
    st.tuples(st.just("watch"), st.builds(Watch, symbol_lists, st.booleans())),
    st.just(("watch", Watch())),
    st.tuples(st.just("account"), st.builds(AccountScope, scopes)),
    st.tuples(st.just("session"), st.builds(Session, st.one_of(st.just(""), names))),
    st.tuples(st.just("set"), st.builds(Set, names, st.one_of(st.none(), prose.map(Raw)))),
    st.tuples(
        st.just("alias"),
        st.builds(
            Alias,
            st.just(AliasAct.DEFINE),
            names.filter(lambda name: name not in VERBS and name not in SHORT_VERBS),
            st.sampled_from(["buy $1 BTC.p ; note $*", "cancel all", "alarm a > 1 do { panic }"]).map(Raw),
        ),
    ),
    st.tuples(st.just("alias"), st.builds(Alias, st.just(AliasAct.REMOVE), names)),
    st.tuples(
        st.just("stress"),
        st.builds(
            Stress,
            st.decimals("-99", "1000", places=2),
            st.dictionaries(
                st.sampled_from(["BTC", "ETH", "1INCH"]), st.decimals("-99", "1000", places=1)
            ).map(lambda moves: tuple(moves.items())),
        ),
    ),
    st.tuples(st.just("stress"), st.just(Stress(None, (("BTC", Decimal(-15)),)))),
    st.tuples(st.just("view"), st.builds(TableView, st.sampled_from(_NAMED_ACTS), _view_names)),
    st.tuples(st.just("view"), st.just(TableView(ViewAct.LIST))),
    st.tuples(
        st.just("layout"),
        st.builds(
            ScreenLayout,
            st.sampled_from([LayoutAct.SHOW, LayoutAct.SAVE, LayoutAct.REMOVE]),
            names.filter(lambda name: name not in set(LayoutAct)),
        ),
    ),
    st.tuples(st.just("layout"), st.sampled_from([LayoutAct.LIST, LayoutAct.RESET]).map(ScreenLayout)),
    st.tuples(st.just("away"), st.builds(Away, st.one_of(st.none(), st.just(Duration(5_400 * 10**9))))),
    restraints(scopes, numbers, prose),
    st.tuples(st.just("help"), st.builds(Help, st.sampled_from(["", "buy", "size"]))),
).map(lambda pair: Cmd(pair[0], pair[1]))


def lines(cmds: st.SearchStrategy[Cmd], most: int) -> st.SearchStrategy[Line]:
    def joined(found: list[Cmd]) -> st.SearchStrategy[Line]:
        joiners = st.lists(st.sampled_from(list(Joiner)), min_size=len(found) - 1, max_size=len(found) - 1)
        return joiners.map(lambda joins: Line(tuple(found), tuple(joins)))

    return st.lists(cmds, min_size=1, max_size=most).flatmap(joined)


actions = lines(st.one_of(orders(), managements), 2)
watchers = st.one_of(
    st.builds(
        lambda condition, on, firing, action: Cmd("alarm", Alarm(condition, on, firing, action)),
        expressions,
        st.one_of(st.just(()), symbol_lists),
        firings,
        st.one_of(st.none(), actions),
    ),
    st.builds(
        lambda name, condition, action, on, firing: Cmd("rule", Rule(name, condition, action, on, firing)),
        names,
        expressions,
        actions,
        st.one_of(st.just(()), symbol_lists),
        firings,
    ),
    st.builds(
        lambda verb, act, found: Cmd(verb, Watchers(act, found)),
        st.sampled_from(["alarm", "rule"]),
        st.sampled_from([WatcherAct.PAUSE, WatcherAct.RESUME, WatcherAct.REMOVE]),
        tags,
    ),
)


@settings(max_examples=200, deadline=None)
@given(lines(orders(), 2))
def test_orders(line: Line) -> None:
    assert parse(to_text(line)) == line


@settings(max_examples=150, deadline=None)
@given(lines(managements, 3))
def test_management(line: Line) -> None:
    assert parse(to_text(line)) == line


@settings(max_examples=200, deadline=None)
@given(lines(desk, 3))
def test_desk(line: Line) -> None:
    assert parse(to_text(line)) == line


@settings(max_examples=200, deadline=None)
@given(lines(watchers, 2))
def test_alarms_and_rules(line: Line) -> None:
    assert parse(to_text(line)) == line

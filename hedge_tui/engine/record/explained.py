"""An explanation in words, line by line, for the terminal and the console."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import symbol_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from hedge_tui.domain.sight import SeenMarket
    from hedge_tui.engine.record.explain import Explanation
    from hedge_tui.wire.messages import LegRow

ROWS = 20
"""Most rows of a preview that are written out."""


def lines(found: Explanation, zone: tzinfo) -> list[str]:
    """The explanation, an empty line between its parts; times in `zone`."""
    head = [f"{found.title}{f': {found.outcome}' if found.outcome else ''}"]
    if found.run:
        head.append(f"line {found.run}, typed ({found.origin}): {found.line}")
    elif found.line:
        head.append(f"typed ({found.origin}): {found.line}")
    parts = [head]
    if found.verdict:
        parts.append(list(_basis(found, zone)))
    parts.append(["what happened", *_timeline(found, zone)])
    return [line for part in parts for line in ("", *part)][1:]


def _basis(found: Explanation, zone: tzinfo) -> Iterator[str]:
    code = f" ({found.reason})" if found.reason else ""
    said = f": {found.message}" if found.message else ""
    yield f"the gate at {_when(found.judged_ns, zone)}: {found.verdict}{code}{said}"
    for account, amount in found.sent_today:
        yield f"  sent that day before: {account} {amount}"
    for who, cap, value in found.caps:
        yield f"  {cap} {value}{f' ({who})' if who else ''}"
    yield f"the preview was made at {_when(found.planned_ns, zone)} from"
    for market in found.planned:
        yield f"  {_prices(market)}"
    if found.judged_ns != found.planned_ns:
        yield f"and confirmed {(found.judged_ns - found.planned_ns) / 1e9:.3f} s later at"
        for market in found.judged:
            yield f"  {_prices(market)}"
    if found.problem:
        yield f"it cannot be made again: {found.problem}"
        return
    word = "exactly as it was then" if found.same else "NOT as it was then: this version plans it otherwise"
    yield f"the preview made again from these figures, {word}"
    for row in found.rows[:ROWS]:
        yield f"  {_row(row)}"
    if len(found.rows) > ROWS:
        yield f"  and {len(found.rows) - ROWS} more rows"


def _timeline(found: Explanation, zone: tzinfo) -> Iterator[str]:
    first = found.timeline[0].at_ns if found.timeline else 0
    for row in found.timeline:
        after = (row.at_ns - first) / 1e9
        yield f"  {row.seq:>7}  {_when(row.at_ns, zone)}  {after:+10.3f} s  {row.text}"


def _prices(market: SeenMarket) -> str:
    names = ("bid", "ask", "mark", "last")
    told = [f"{name} {getattr(market, name) or '-'}" for name in names]
    return f"{symbol_of(market.instrument)}: {', '.join(told)}"


def _row(row: LegRow) -> str:
    words = [row.account, row.side or row.act, row.quantity, row.instrument.partition(":")[2]]
    words += [f"at {row.price}" if row.price else row.type, row.flags, row.notional]
    text = " ".join(word for word in words if word)
    extra = [f"typed {row.typed_price}" if row.typed_price else "", row.note, row.problem]
    return "; ".join([text, *(one for one in extra if one)])


def _when(at_ns: int, zone: tzinfo) -> str:
    at = datetime.fromtimestamp(at_ns // 1_000_000_000, zone)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at_ns // 1_000_000 % 1000:03d}"

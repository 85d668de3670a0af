"""Matches a batch answer to what was asked: by client id, never by position.

Rows that refuse carry no id at most venues. They are given to the unmatched requests only when that
cannot be wrong: as many refusals as unmatched requests, all of them definite. Everything else stays
unknown and is looked up. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.errors import Blame, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Matched:
    """What a batch answer says about one request.

    Attributes:
        row: the order it names; None if none does.
        verdict: why there is none; None when there is a row.
    """

    row: Any | None
    verdict: Verdict | None


def match_rows(
    ids: Sequence[str],
    rows: Sequence[Any],
    id_of: Callable[[Any], str],
    judge_row: Callable[[Any], Verdict],
) -> list[Matched]:
    """What `rows` say about each of `ids`, in the order of `ids`.

    Args:
        ids: the client ids that were sent, without repetition.
        rows: the answer's rows, in any order, too few or too many.
        id_of: the client id of a row that is an order, "" for a row that is none.
        judge_row: what a row means that is no order.

    >>> refused = Verdict(Blame.REFUSED, "no", "-2010")
    >>> rows = [{"id": "b"}, {"code": -2010}]
    >>> [m.row for m in match_rows(["a", "b"], rows, lambda r: r.get("id", ""), lambda r: refused)]
    [None, {'id': 'b'}]
    """
    wanted = set(ids)
    named: dict[str, Any] = {}
    refusals: list[Verdict] = []
    strange = 0
    for row in rows:
        name = id_of(row)
        if name in wanted:
            named.setdefault(name, row)
        elif name:
            strange += 1
        else:
            refusals.append(judge_row(row))
    missing = [name for name in ids if name not in named]
    sure = (
        not strange
        and len(refusals) == len(missing)
        and all(verdict.blame in (Blame.REFUSED, Blame.BUSY) for verdict in refusals)
    )
    lost = _joined(refusals) if sure and missing else _unknown(len(ids), len(rows))
    return [Matched(named[name], None) if name in named else Matched(None, lost) for name in ids]


def _joined(refusals: Sequence[Verdict]) -> Verdict:
    """One verdict for all refused: their reasons cannot be told apart when they differ."""
    first = refusals[0]
    reasons = list(dict.fromkeys(verdict.reason for verdict in refusals))
    if len(reasons) == 1:
        return first
    codes = list(dict.fromkeys(verdict.code for verdict in refusals))
    absent = all(verdict.absent for verdict in refusals)
    return Verdict(first.blame, " or ".join(reasons), codes[0] if len(codes) == 1 else "", absent=absent)


def _unknown(asked: int, answered: int) -> Verdict:
    return Verdict(
        Blame.UNKNOWN, f"the answer to {asked} orders has {answered} rows and does not name this one"
    )

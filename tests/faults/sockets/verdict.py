"""Judges a case: pure comparison of what the desk showed with what was true at the venue."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from typing import Any

from faults.sockets.record import NEVER, QUESTIONS, WORKING, Fact, Seen

from adapters.via_ccxt.order_ids import is_ours

SURE_AFTER_NS = 10_000_000_000
"""So long a difference may stand before it has to be shown as UNKNOWN."""
NOISE_NS = 20_000_000
"""Between the clock readings of two processes of one machine."""
ON_ITS_WAY_NS = 300_000_000
"""A request that had left when the ban was told may still arrive."""
DIGITS = 1e-9


@dataclass
class Verdict:
    """What was wrong, by promise; all empty is what is wanted.

    Attributes:
        doubled, lost, false, unequal, early, banned: broken promises in words. orders: intents judged.
    """

    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    banned: list[str] = field(default_factory=list)
    orders: int = 0

    @property
    def words(self) -> str:
        """Everything that was wrong, a line each."""
        kinds = ("doubled", "lost", "false", "unequal", "early", "banned")
        return "\n".join(f"{kind}: {line}" for kind in kinds for line in getattr(self, kind))


def ours(client_order_id: str) -> bool:
    """Whether this desk gave the id; a stranger's order that came and went unseen leaves its fills alone."""
    return is_ours(client_order_id.partition("~")[0])


def doubled(rows: Iterable[Mapping[str, Any]], strangers: Container[str] = ()) -> list[str]:
    """Client ids of ours under which the ledger has more than one order; `strangers`: others' order ids."""
    orders: dict[str, set[str]] = {}
    for row in rows:
        if row["kind"] == "order" and ours(row["client_order_id"]) and str(row["order_id"]) not in strangers:
            orders.setdefault(row["client_order_id"], set()).add(str(row["order_id"]))
    return [f"{id_} is at the venue {len(ids)} times" for id_, ids in orders.items() if len(ids) > 1]


def lost(seen: Mapping[str, Sequence[Seen]], truth: Mapping[str, Sequence[Fact]]) -> list[str]:
    """Orders that one side has and the other does not, at the end."""
    found = [
        f"{id_} is at the venue ({truth[id_][-1].status}), not on the desk"
        for id_ in truth.keys() - seen.keys()
        if ours(id_) or truth[id_][-1].works
    ]
    for id_, rows in seen.items():
        if id_ not in truth and rows[-1].status not in NEVER:
            found.append(f"{id_} is {rows[-1].status} on the desk, not at the venue")
    return found


def false_certainty(
    seen: Mapping[str, Sequence[Seen]],
    truth: Mapping[str, Sequence[Fact]],
    end_ns: int,
    slept: Sequence[tuple[int, int]] = (),
) -> list[str]:
    """Moments at which the desk claimed what was not so; while the engine slept it claimed nothing new."""
    found: list[str] = []
    for id_, rows in seen.items():
        behind_ns = 0
        for shown, true, start, stop in _spans(rows, truth.get(id_, ()), end_ns):
            claim = _claim(shown, true)
            behind_ns = 0 if claim is Claim.TRUE else behind_ns or start
            since = behind_ns if claim is Claim.BEHIND else start
            wrong_ns = stop - since - sum(max(0, min(stop, b) - max(since, a)) for a, b in slept)
            allowed = {Claim.TRUE: wrong_ns, Claim.BEHIND: SURE_AFTER_NS, Claim.FALSE: NOISE_NS}[claim]
            if wrong_ns > allowed:
                was = "had no such order" if true is None else f"had it {true.status} {true.executed:g}"
                said = f"{shown.status} {shown.filled:g}"
                found.append(f"{id_}: shown {said} for {wrong_ns / 1e9:.2f} s while the venue {was}")
    return found


class Claim(Enum):
    """How what is shown of an order stands to what is so."""

    TRUE = "true"
    """Equal, or nothing is claimed."""
    BEHIND = "behind"
    """It was so; the news has not come yet."""
    FALSE = "false"
    """It was never so."""


def _spans(
    rows: Sequence[Seen], truth: Sequence[Fact], end_ns: int
) -> Iterator[tuple[Seen, Fact | None, int, int]]:
    """(shown, true, from, to) of every stretch in which neither changed."""
    moments = sorted({*(row.at_ns for row in rows), *(row.at_ns for row in truth), end_ns})
    begun = rows[0].at_ns
    for start, stop in pairwise(moments):
        if start < begun:
            continue
        shown = [row for row in rows if row.at_ns <= start][-1]
        true = [row for row in truth if row.at_ns <= start]
        yield shown, (true[-1] if true else None), start, stop


def _claim(shown: Seen, true: Fact | None) -> Claim:
    if shown.status in QUESTIONS:
        return Claim.TRUE
    if true is None:
        return Claim.TRUE if shown.status in NEVER else Claim.FALSE
    if shown.filled > true.executed + DIGITS:
        return Claim.FALSE
    if shown.status in NEVER:
        # One that arrives after everybody had given it up is news; one that was there is a false end.
        return Claim.BEHIND if shown.at_ns < true.first_ns + NOISE_NS else Claim.FALSE
    behind = shown.filled < true.executed - DIGITS
    if shown.status in WORKING:
        return Claim.BEHIND if behind or not true.works else Claim.TRUE
    if true.works:
        return Claim.FALSE
    return Claim.BEHIND if behind else Claim.TRUE


def sent_too_early(
    requests: Iterable[Mapping[str, Any]], sending: Mapping[str, int], ours: Iterable[str]
) -> list[str]:
    """Requests that place one of our orders and came before its SENDING was in the journal."""
    found, known = [], set(ours)
    for row in requests:
        for id_ in placed_ids(row):
            if id_ not in known:
                continue
            at_ns = sending.get(id_)
            if at_ns is None:
                found.append(f"{id_} was sent and the journal has no SENDING of it")
            elif at_ns > row["real_ns"]:
                found.append(
                    f"{id_} arrived {(at_ns - row['real_ns']) / 1e6:.1f} ms before SENDING was written"
                )
    return found


def placed_ids(row: Mapping[str, Any]) -> list[str]:
    """Client ids of the orders that a request asks the venue to place."""
    if row["kind"] != "request" or row["method"] != "POST":
        return []
    params = row["params"]
    if "batchOrders" in params:
        return [one.get("newClientOrderId", "") for one in json.loads(params["batchOrders"])]
    one = params.get("newClientOrderId") or params.get("clientAlgoId")
    return [one] if one else []


def sent_while_banned(requests: Sequence[Mapping[str, Any]]) -> list[str]:
    """Requests that came while their address was asked to wait."""
    found = []
    until: dict[tuple[str, str], tuple[int, int]] = {}
    for row in requests:
        first_part = row["path"].split("/")[1] if row["path"].startswith("/") else "web socket"
        system = (row["venue"], first_part)
        first, last = until.get(system, (0, 0))
        if first < row["real_ns"] < last:
            left = (last - row["real_ns"]) / 1e9
            found.append(
                f"{row['method']} {row['path']} ({row['account'] or 'public'}) {left:.1f} s too early"
            )
        if "retry_after_s" in row:
            begins = row["real_ns"] + ON_ITS_WAY_NS if row["real_ns"] > last else first
            until[system] = (begins, max(last, row["real_ns"] + int(row["retry_after_s"] * 1e9)))
    return found

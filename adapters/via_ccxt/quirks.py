"""What a venue does in its own way, as one frozen table per venue; `quirk_tables` holds the tables.

A venue without a table of its own gets the careful defaults: one order per call, ids as ours, lookup
by scanning, nothing claimed as proven.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.order_ids import IdForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.domain.ports.pacing import RateLimit


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


class Lookup(StrEnum):
    """How one order is found by its client id."""

    CLIENT_ID = "client_id"
    """The single-order call takes the client id."""
    VENUE_ID = "venue_id"
    """Only by the venue's id; without one, open orders and closed orders are scanned."""
    SCAN = "scan"
    """Open orders are listed and searched, then closed ones where the venue lists them."""


class Amend(StrEnum):
    """What an amendment does to the order."""

    IN_PLACE = "in_place"
    """The order keeps its identity."""
    REPLACE = "replace"
    """The venue cancels and places anew, which can succeed by half: refused here, honestly."""
    NONE = "none"


class Hedge(StrEnum):
    """How the long and short legs of a hedged position are told apart in an order."""

    NONE = "none"
    POSITION_SIDE = "position_side"
    """`positionSide` LONG or SHORT (Binance)."""
    CCXT = "ccxt"
    """ccxt's unified `hedged` parameter."""


class Depth(StrEnum):
    """How far the contract suite has been run against this venue."""

    PROVEN = "proven"
    """Every card passes against the sandbox's dialect of it."""
    UNPROVEN = "unproven"
    """Only what ccxt declares; try with small orders."""


@dataclass(frozen=True, slots=True)
class Quirks:
    """One venue's ways.

    Attributes:
        max_batch: orders per create call, 1 if it has no batch; batch_triggers: conditionals may be in it.
        batch_one_symbol: a batch holds one symbol only.
        cancel_batch: cancels per call (one symbol), 0 if it has no batch; cancel_ids_param: the
            parameter that takes client ids there, "" if only venue ids are taken.
        cancel_all: it cancels all of a symbol in one call.
        countdown_call: ccxt's raw method that cancels a symbol's orders after a time, stops too; "" for none.
        create_id_param, fetch_id_param, cancel_id_param: parameter that takes our id; "" if none does.
        hedge_call: ccxt's raw method whose answer has `dualSidePosition`, where it costs less than the
            unified call; "" for the unified one. mode_codes: an order does not fit the position mode.
        margin_call: ccxt's raw method that moves isolated margin, where the unified one rounds it.
        unchanged_codes: a setting is as asked already.
        trigger_params: what marks calls about conditional orders where they live apart.
        trigger_sources: trigger source -> parameters that choose it; a source that is missing is the default.
        trailing: trailing stops in percent are known to work. gtd: orders that end at a time are, too.
        separate_triggers: open conditional orders are listed by a call of their own.
        positions_name_orders: the answer about positions names flat symbols that have orders, too.
        acks_only: a create answer says accepted, not live; the stream tells the rest.
        closed_orders: closed orders can be listed for a lookup.
        trades_need_symbol: own trades are asked per symbol; trades_page: rows per page; trades_span_s:
            longest time one answer covers, 0 for no limit.
        unknown_codes: mean "unknown" whatever ccxt's class; absent_codes: no such order;
            duplicate_codes: an order with this client id is there already, so it is to be looked up;
            busy_codes: turned away unread; clock_codes: our clock is off.
        limits: as the venue counts; weight_scale: (API path prefix, what ccxt's cost is multiplied by).
        elsewhere: (API path prefix, the system that serves it and counts it by itself).
        account_codes: a 429 with one of these is about the account's count, not the address'.
        weights: "METHOD path" -> weight, where ccxt's cost says something else than the venue.
        options: ccxt options; ticker_params: for watch_tickers.
        quote_watch: `bids_asks`, `tickers` or `ticker`.
        private_watch: ccxt.pro watch methods of the private stream, in order.
        private_tap: raw private frames are parsed here instead of by ccxt ("binance" or "").
        past: whose ledgers can be read ("spot", "usdm" or ""); where none can, streams alone tell of money.
        private_ping_s: seconds between pings on the private stream.
        subscribe_settle_s: after connecting, how long a private stream may still refuse.
        password: it needs a passphrase.
        tells_address: (API name, path) of a call whose refusal of an unknown key names the address that
            it came from; None where no call does.
    """

    venue: str
    depth: Depth = Depth.UNPROVEN
    max_batch: int = 1
    batch_triggers: bool = False
    batch_one_symbol: bool = False
    cancel_batch: int = 0
    cancel_ids_param: str = ""
    cancel_all: bool = True
    countdown_call: str = ""
    id_form: IdForm = IdForm.HEX
    create_id_param: str = "clientOrderId"
    fetch_id_param: str = "clientOrderId"
    cancel_id_param: str = "clientOrderId"
    lookup: Lookup = Lookup.SCAN
    amend: Amend = Amend.NONE
    amend_id_param: str = ""
    hedge: Hedge = Hedge.NONE
    hedge_call: str = ""
    mode_codes: frozenset[str] = frozenset()
    margin_call: str = ""
    unchanged_codes: frozenset[str] = frozenset()
    trigger_params: Mapping[str, Any] = field(default_factory=_nothing)
    trigger_sources: Mapping[str, Any] = field(default_factory=_nothing)
    separate_triggers: bool = False
    positions_name_orders: bool = False
    trailing: bool = False
    gtd: bool = False
    acks_only: bool = False
    closed_orders: bool = True
    trades_need_symbol: bool = False
    trades_page: int = 500
    trades_span_s: int = 0
    unknown_codes: frozenset[str] = frozenset()
    absent_codes: frozenset[str] = frozenset()
    duplicate_codes: frozenset[str] = frozenset()
    busy_codes: frozenset[str] = frozenset()
    clock_codes: frozenset[str] = frozenset()
    limits: tuple[RateLimit, ...] = ()
    weight_scale: tuple[tuple[str, float], ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()
    account_codes: frozenset[str] = frozenset()
    weights: Mapping[str, float] = field(default_factory=_nothing)
    options: Mapping[str, Any] = field(default_factory=_nothing)
    ticker_params: Mapping[str, Any] = field(default_factory=_nothing)
    quote_watch: str = "bids_asks"
    private_watch: tuple[str, ...] = ("watch_orders", "watch_my_trades", "watch_balance", "watch_positions")
    private_tap: str = ""
    past: str = ""
    private_ping_s: float = 4.0
    subscribe_settle_s: float = 1.0
    password: bool = False
    tells_address: tuple[str, str] | None = None

    def system(self, api: str) -> str:
        """Who counts a request to ccxt's API `api`; "" for the venue's own system."""
        return next((system for prefix, system in self.elsewhere if api.startswith(prefix)), "")

    def weight(self, api: str, method: str, path: str, cost: float) -> float:
        """The venue's own weight of a request that ccxt prices at `cost`."""
        said = self.weights.get(f"{method} {path}")
        if said is not None:
            return said
        for prefix, scale in self.weight_scale:
            if api.startswith(prefix):
                return cost * scale
        return cost

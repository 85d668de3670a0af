"""Binance's private stream frames, spot and USD-M, straight to the domain.

ccxt.pro keeps only the latest state of an order and drops the reason of a balance change; here every
frame counts, in its order. Pure: a frame that cannot be read raises, and the caller skips it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.forced import forced_by
from adapters.via_ccxt.numbers import decimal_of, ns_of_ms, positive
from adapters.via_ccxt.parse_order import type_named
from hedge_tui.domain.account import AccountDelta, Balance, CashFlow, Position
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.margin import MarginTerms
from hedge_tui.domain.order import (
    OrderRequest,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
    TriggerSource,
    VenueOrderId,
)
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from adapters.via_ccxt.speech import Speech

ZERO = Decimal(0)
_STATUS = {
    "NEW": ReportKind.LIVE,
    "ACCEPTED": ReportKind.LIVE,
    "TRIGGERING": ReportKind.LIVE,
    "TRIGGERED": ReportKind.LIVE,
    "PARTIALLY_FILLED": ReportKind.FILL,
    "FILLED": ReportKind.LAST_FILL,
    "CANCELED": ReportKind.CANCELLED,
    "REJECTED": ReportKind.REJECTED,
    "EXPIRED": ReportKind.EXPIRED,
    "EXPIRED_IN_MATCH": ReportKind.EXPIRED,
}
_CLOSED_BY_VENUE = frozenset({"NEW_ADL", "NEW_INSURANCE"})
"""Statuses of orders by which the venue itself reduces a position: their quantities say how far they came."""
_EXECUTIONS = frozenset({"TRADE", "CALCULATED"})
_POSITION_SIDES = {"LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}
_FLOWS = {
    "FUNDING_FEE": "funding",
    "DEPOSIT": "deposit",
    "WITHDRAW": "withdrawal",
    "WITHDRAW_REJECT": "withdrawal",
    "MARGIN_TRANSFER": "transfer",
    "ASSET_TRANSFER": "transfer",
    "ADMIN_DEPOSIT": "deposit",
    "ADMIN_WITHDRAW": "withdrawal",
    "INSURANCE_CLEAR": "liquidation",
    "COIN_SWAP_DEPOSIT": "transfer",
    "COIN_SWAP_WITHDRAW": "transfer",
}
EXPIRED = frozenset({"listenKeyExpired", "eventStreamTerminated"})
"""Events after which a private stream says nothing more though its socket stays open."""
PRIVATE = EXPIRED | {
    "executionReport",
    "ORDER_TRADE_UPDATE",
    "ALGO_UPDATE",
    "TRADE_LITE",
    "outboundAccountPosition",
    "ACCOUNT_UPDATE",
    "ACCOUNT_CONFIG_UPDATE",
    "balanceUpdate",
    "listStatus",
}
"""Events that are read here and need not be read by ccxt, whose caches would only grow by them."""
PrivateNews = Report | Fill | AccountDelta | CashFlow | MarginTerms


def event_of(message: Any) -> dict[str, Any]:
    """The event in a frame, whether bare, in a combined stream's wrapper or in the ws-api's."""
    for key in ("data", "event"):
        inner = message.get(key) if isinstance(message, dict) else None
        if isinstance(inner, dict) and "e" in inner:
            return inner
    return message if isinstance(message, dict) else {}


def news_of(event: dict[str, Any], speech: Speech) -> list[PrivateNews]:
    """What one private event says; an event that says nothing to us gives an empty list.

    Raises:
        ValueError, KeyError, TypeError: the event cannot be read.
    """
    kind = event.get("e")
    if kind == "executionReport":
        return _execution(event, speech, spot=True)
    if kind == "ORDER_TRADE_UPDATE":
        return _execution(event["o"], speech, spot=False)
    if kind == "ALGO_UPDATE":
        return [_algo(event["o"], speech, ns_of_ms(event.get("T")))]
    if kind == "outboundAccountPosition":
        return [_spot_balances(event, speech)]
    if kind == "ACCOUNT_UPDATE":
        return _account(event, speech)
    if kind == "balanceUpdate":
        return [_moved(event, speech)]
    if kind == "ACCOUNT_CONFIG_UPDATE" and isinstance(event.get("ac"), dict):
        said = event["ac"]
        return [MarginTerms(speech.account, speech.instrument_of_venue(said["s"]), positive(said.get("l")))]
    return []


def _execution(o: dict[str, Any], speech: Speech, *, spot: bool) -> list[PrivateNews]:
    filled = decimal_of(o.get("z")) or ZERO
    request = _request(o, speech, spot=spot)
    kind = _kind(o, filled, request.quantity)
    order = Report(
        kind,
        speech.account,
        request.instrument,
        request.client_order_id,
        speech.now_ns(),
        venue_order_id=VenueOrderId(str(o["i"])),
        filled=filled,
        average_price=_average(o, filled),
        quantity=request.quantity if kind is ReportKind.AMENDED else None,
        price=request.price if kind is ReportKind.AMENDED else None,
        reason=_reason(o, kind),
        venue_ns=ns_of_ms(o.get("T")) or None,
        request=request,
        forced=forced_by(o),
    )
    if o.get("x") not in _EXECUTIONS or not positive(o.get("l")):
        return [order]
    return [order, _fill(o, request, speech)]


def _kind(o: dict[str, Any], filled: Decimal, quantity: Decimal) -> ReportKind:
    if o.get("x") == "AMENDMENT":
        return ReportKind.AMENDED
    if o["X"] in _CLOSED_BY_VENUE:
        return ReportKind.LAST_FILL if filled >= quantity else ReportKind.FILL if filled else ReportKind.LIVE
    return _STATUS[o["X"]]


def _request(o: dict[str, Any], speech: Speech, *, spot: bool) -> OrderRequest:
    # Of a spot cancel `c` is the cancel's own id and `C` the order's.
    client_id = speech.client_id(o.get("C") or o.get("c"))
    type_ = type_named(o.get("ot") or o.get("o"), spot=spot)
    tif = str(o.get("f") or "")
    trigger = positive(o.get("P") if spot else o.get("sp"))
    return OrderRequest(
        client_order_id=client_id,
        account=speech.account,
        instrument=speech.instrument_of_venue(o["s"]),
        side=Side(str(o["S"]).lower()),
        type=type_,
        quantity=decimal_of(o.get("q")) or ZERO,
        price=positive(o.get("p")),
        trigger_price=trigger if type_.triggered else None,
        trigger_source=_source(o),
        time_in_force=TimeInForce(tif.lower()) if tif in ("GTC", "IOC", "FOK", "GTD") else TimeInForce.GTC,
        post_only=tif == "GTX" or o.get("o") == "LIMIT_MAKER",
        reduce_only=o.get("R") is True,
        close_position=o.get("cp") is True,
        position_side=_POSITION_SIDES.get(str(o.get("ps")), PositionSide.NET),
        expire_ns=ns_of_ms(o.get("gtd")) or None,
        origin="external",
    )


def _average(o: dict[str, Any], filled: Decimal) -> Decimal | None:
    if not filled:
        return None
    if (said := positive(o.get("ap"))) is not None:
        return said
    quote = positive(o.get("Z"))
    return quote / filled if quote is not None else None


def _reason(o: dict[str, Any], kind: ReportKind) -> str:
    if kind not in (ReportKind.REJECTED, ReportKind.EXPIRED):
        return ""
    said = str(o.get("r") or o.get("rm") or o.get("er") or "")
    return "" if said in ("NONE", "0") else said


def _source(o: dict[str, Any]) -> TriggerSource:
    return TriggerSource.MARK if o.get("wt") == "MARK_PRICE" else TriggerSource.LAST


def _fill(o: dict[str, Any], request: OrderRequest, speech: Speech) -> Fill:
    return Fill(
        account=speech.account,
        instrument=request.instrument,
        trade_id=str(o["t"]),
        client_order_id=request.client_order_id,
        venue_order_id=VenueOrderId(str(o["i"])),
        side=request.side,
        quantity=Decimal(str(o["l"])),
        price=Decimal(str(o["L"])),
        commission=decimal_of(o.get("n")) or ZERO,
        commission_asset=str(o.get("N") or ""),
        liquidity=Liquidity.MAKER if o.get("m") is True else Liquidity.TAKER,
        venue_ns=ns_of_ms(o.get("T")),
        local_ns=speech.now_ns(),
        realized_pnl=decimal_of(o.get("rp")),
        position_side=_POSITION_SIDES.get(str(o.get("ps")), PositionSide.NET) if "ps" in o else None,
    )


def _algo(o: dict[str, Any], speech: Speech, venue_ns: int) -> Report:
    quantity, filled = decimal_of(o.get("q")), decimal_of(o.get("aq"))
    status = str(o["X"])
    if status == "FINISHED":
        # The regular order that it became has ended: how, its own reports say first; this is the last word.
        whole = bool(filled) and (not quantity or (filled or ZERO) >= quantity)
        kind = ReportKind.LAST_FILL if whole else ReportKind.CANCELLED
    else:
        kind = _STATUS[status]
    type_ = type_named(o.get("o"))
    client_id = speech.client_id(o.get("caid"))
    instrument = speech.instrument_of_venue(o["s"])
    request = OrderRequest(
        client_order_id=client_id,
        account=speech.account,
        instrument=instrument,
        side=Side(str(o["S"]).lower()),
        type=type_ if type_.triggered else OrderType.STOP_MARKET,
        quantity=quantity or ZERO,
        price=positive(o.get("p")),
        trigger_price=positive(o.get("tp")),
        trigger_source=_source(o),
        reduce_only=o.get("R") is True,
        close_position=o.get("cp") is True,
        position_side=_POSITION_SIDES.get(str(o.get("ps")), PositionSide.NET),
        origin="external",
    )
    return Report(
        kind,
        speech.account,
        instrument,
        client_id,
        speech.now_ns(),
        venue_order_id=VenueOrderId(str(o["aid"])),
        filled=filled,
        average_price=positive(o.get("ap")) if filled else None,
        reason=str(o.get("rm") or "") if kind in (ReportKind.REJECTED, ReportKind.EXPIRED) else "",
        venue_ns=venue_ns or None,
        request=request,
    )


def _spot_balances(event: dict[str, Any], speech: Speech) -> AccountDelta:
    rows = []
    for row in event["B"]:
        free, locked = decimal_of(row.get("f")) or ZERO, decimal_of(row.get("l")) or ZERO
        rows.append(Balance(speech.account, str(row["a"]), free + locked, free, locked))
    return AccountDelta(speech.account, speech.now_ns(), tuple(rows), reason="ORDER")


def _account(event: dict[str, Any], speech: Speech) -> list[PrivateNews]:
    body = event["a"]
    reason = str(body.get("m") or "")
    at_ns = ns_of_ms(event.get("T") or event.get("E"))
    balances, flows = [], []
    for row in body.get("B") or ():
        total = decimal_of(row.get("wb")) or ZERO
        cross = decimal_of(row.get("cw"))
        # Margin in use is not said here; the snapshot that follows a change has it.
        free = cross if cross is not None else total
        balances.append(Balance(speech.account, str(row["a"]), total, free, total - free))
        moved = decimal_of(row.get("bc"))
        if reason in _FLOWS and moved:
            flow_id = f"{reason}:{at_ns}:{row['a']}"
            flows.append(
                CashFlow(speech.account, flow_id, _FLOWS[reason], str(row["a"]), moved, at_ns, told=True)
            )
    positions = [_position(row, speech) for row in body.get("P") or ()]
    delta = AccountDelta(speech.account, speech.now_ns(), tuple(balances), tuple(positions), reason)
    return [delta, *flows]


def _position(row: dict[str, Any], speech: Speech) -> Position:
    return Position(
        account=speech.account,
        instrument=speech.instrument_of_venue(row["s"]),
        position_side=_POSITION_SIDES.get(str(row.get("ps")), PositionSide.NET),
        quantity=Decimal(str(row["pa"])),
        entry_price=decimal_of(row.get("ep")) or ZERO,
        unrealized_pnl=decimal_of(row.get("up")),
        isolated=row.get("mt") == "isolated",
        break_even=positive(row.get("bep")),
        isolated_wallet=decimal_of(row.get("iw")) if row.get("mt") == "isolated" else None,
    )


def _moved(event: dict[str, Any], speech: Speech) -> CashFlow:
    quantity = decimal_of(event.get("d")) or ZERO
    at_ns = ns_of_ms(event.get("T"))
    kind = "deposit" if quantity > 0 else "withdrawal"
    flow_id = f"balanceUpdate:{at_ns}:{event['a']}"
    return CashFlow(speech.account, flow_id, kind, str(event["a"]), quantity, at_ns, told=True)

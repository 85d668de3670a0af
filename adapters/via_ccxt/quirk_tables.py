"""The tables of `quirks`: what FACTS measured and the venues document, venue by venue."""

from __future__ import annotations

from types import MappingProxyType

from adapters.via_ccxt.order_ids import IdForm
from adapters.via_ccxt.quirks import Amend, Depth, Hedge, Lookup, Quirks
from hedge_tui.domain.ports.pacing import Per, RateLimit

_BINANCE_UNKNOWN = frozenset({"-1000", "-1001", "-1006", "-1007"})
_BINANCE_ABSENT = frozenset({"-2011", "-2013"})
_BINANCE_BUSY = frozenset({"-1003", "-1008", "-1015"})
_BINANCE_CLOCK = frozenset({"-1021", "-5028"})
_BINANCE_ACCOUNT = frozenset({"-1015"})
# ccxt counts a fifth of a unit per weight on api and a tenth on sapi.
_SPOT_SCALE = (("sapi", 10.0), ("public", 5.0), ("private", 5.0))
_BINANCE_CONNECTS = RateLimit("connects_5m", "connects", Per.ADDRESS, 300, 300.0)
"""WebSockets opened, whether the handshake succeeds or not."""
_TRIGGER = MappingProxyType({"trigger": True})


def _generic_limits(orders: float, window_s: float) -> tuple[RateLimit, ...]:
    """For venues whose budgets were not measured: ccxt's costs against a modest request count."""
    return (
        RateLimit("requests", "weight", Per.ADDRESS, 600, 60.0),
        RateLimit("orders", "orders", Per.ACCOUNT, orders, window_s),
    )


_TABLES = (
    Quirks(
        "binance",
        depth=Depth.PROVEN,
        lookup=Lookup.CLIENT_ID,
        amend=Amend.REPLACE,
        trades_need_symbol=True,
        trades_page=1000,
        unknown_codes=_BINANCE_UNKNOWN,
        absent_codes=_BINANCE_ABSENT,
        busy_codes=_BINANCE_BUSY,
        account_codes=_BINANCE_ACCOUNT,
        clock_codes=_BINANCE_CLOCK,
        limits=(
            RateLimit("weight_1m", "weight", Per.ADDRESS, 6000, 60.0, "x-mbx-used-weight-1m"),
            RateLimit("orders_10s", "orders", Per.ACCOUNT, 100, 10.0, "x-mbx-order-count-10s"),
            RateLimit("orders_1d", "orders", Per.ACCOUNT, 200_000, 86_400.0, "x-mbx-order-count-1d"),
            RateLimit("requests_5m", "requests", Per.ADDRESS, 61_000, 300.0),
            _BINANCE_CONNECTS,
        ),
        elsewhere=(("fapi", "binanceusdm"), ("dapi", "binancecoinm")),
        weight_scale=_SPOT_SCALE,
        options=MappingProxyType(
            {
                "defaultType": "spot",
                "fetchMarkets": {"types": ["spot"]},
                "fetchCurrencies": False,
                "fetchMargins": False,
            }
        ),
        ticker_params=MappingProxyType({"name": "ticker"}),
        private_watch=("watch_orders",),
        private_tap="binance",
        past="spot",
        subscribe_settle_s=0.0,
    ),
    Quirks(
        "binanceusdm",
        depth=Depth.PROVEN,
        max_batch=5,
        cancel_batch=10,
        cancel_ids_param="origClientOrderIdList",
        countdown_call="fapiPrivatePostCountdownCancelAll",
        lookup=Lookup.CLIENT_ID,
        amend=Amend.IN_PLACE,
        amend_id_param="origClientOrderId",
        hedge=Hedge.POSITION_SIDE,
        hedge_call="fapiPrivateGetAccountConfig",
        mode_codes=frozenset({"-4061", "-4062"}),
        margin_call="fapiPrivatePostPositionMargin",
        unchanged_codes=frozenset({"-4046", "-4059"}),
        duplicate_codes=frozenset({"-4116"}),
        trigger_params=_TRIGGER,
        trigger_sources=MappingProxyType(
            {"last": {"workingType": "CONTRACT_PRICE"}, "mark": {"workingType": "MARK_PRICE"}}
        ),
        separate_triggers=True,
        positions_name_orders=True,
        trailing=True,
        gtd=True,
        trades_need_symbol=True,
        trades_page=1000,
        trades_span_s=7 * 86_400,
        unknown_codes=_BINANCE_UNKNOWN,
        absent_codes=_BINANCE_ABSENT,
        busy_codes=_BINANCE_BUSY,
        account_codes=_BINANCE_ACCOUNT,
        clock_codes=_BINANCE_CLOCK,
        limits=(
            RateLimit("weight_1m", "weight", Per.ADDRESS, 2400, 60.0, "x-mbx-used-weight-1m"),
            RateLimit("orders_10s", "orders", Per.ACCOUNT, 300, 10.0, "x-mbx-order-count-10s"),
            RateLimit("orders_1m", "orders", Per.ACCOUNT, 1200, 60.0, "x-mbx-order-count-1m"),
            _BINANCE_CONNECTS,
        ),
        # An order counts against the order limits, not against the address; ccxt counts the pictures as 1.
        weights=MappingProxyType(
            {
                "POST order": 0.0,
                "POST algoOrder": 0.0,
                "GET openInterestHist": 0.0,
                "GET account": 5.0,
                "GET positionRisk": 5.0,
            }
        ),
        # Wallets are asked of the spot system, which counts them in a budget of its own.
        elsewhere=(
            ("sapi", "binance"),
            ("public", "binance"),
            ("private", "binance"),
            ("dapi", "binancecoinm"),
        ),
        weight_scale=_SPOT_SCALE,
        tells_address=("fapiPrivate", "listenKey"),
        # Brackets serve ccxt to work out what the venue's own answer states already.
        options=MappingProxyType({"fetchCurrencies": False, "fetchMargins": False, "leverageBrackets": {}}),
        ticker_params=MappingProxyType({"name": "ticker"}),
        private_watch=("watch_orders",),
        private_tap="binance",
        past="usdm",
        subscribe_settle_s=0.0,
    ),
    Quirks(
        "bybit",
        max_batch=10,
        batch_one_symbol=False,
        cancel_batch=10,
        fetch_id_param="orderLinkId",
        cancel_id_param="orderLinkId",
        lookup=Lookup.SCAN,
        amend=Amend.IN_PLACE,
        amend_id_param="orderLinkId",
        hedge=Hedge.CCXT,
        trigger_params=_TRIGGER,
        trigger_sources=MappingProxyType(
            {"last": {"triggerBy": "LastPrice"}, "mark": {"triggerBy": "MarkPrice"}}
        ),
        separate_triggers=True,
        acks_only=True,
        trades_page=100,
        unknown_codes=frozenset({"10000", "10016", "170007", "170146"}),
        absent_codes=frozenset({"110001", "170213"}),
        duplicate_codes=frozenset({"110072", "170141"}),
        busy_codes=frozenset({"10006", "10018"}),
        clock_codes=frozenset({"10002"}),
        limits=(
            RateLimit("requests_5s", "weight", Per.ADDRESS, 600, 5.0),
            RateLimit("orders_1s", "orders", Per.ACCOUNT, 10, 1.0),
            RateLimit("connects_5m", "connects", Per.ADDRESS, 500, 300.0),
        ),
        quote_watch="tickers",
    ),
    Quirks(
        "okx",
        max_batch=20,
        cancel_batch=20,
        cancel_ids_param="clientOrderId",
        cancel_all=False,
        lookup=Lookup.CLIENT_ID,
        amend=Amend.IN_PLACE,
        amend_id_param="clOrdId",
        hedge=Hedge.CCXT,
        trigger_params=_TRIGGER,
        separate_triggers=True,
        acks_only=True,
        trades_page=100,
        unknown_codes=frozenset({"50004"}),
        absent_codes=frozenset({"51400", "51401", "51402", "51410", "51603"}),
        duplicate_codes=frozenset({"51016"}),
        busy_codes=frozenset({"50011", "50061"}),
        clock_codes=frozenset({"50102"}),
        limits=(
            RateLimit("requests_2s", "weight", Per.ADDRESS, 40, 2.0),
            RateLimit("orders_2s", "orders", Per.ACCOUNT, 60, 2.0),
            RateLimit("connects_1s", "connects", Per.ADDRESS, 3, 1.0),
        ),
        password=True,
    ),
    Quirks(
        "kraken",
        max_batch=15,
        batch_one_symbol=True,
        cancel_batch=50,
        cancel_ids_param="clientOrderId",
        fetch_id_param="",  # ccxt sends it as userref, which is another thing
        lookup=Lookup.SCAN,
        amend=Amend.IN_PLACE,
        amend_id_param="clientOrderId",
        trades_page=50,
        absent_codes=frozenset({"EOrder:Unknown order"}),
        busy_codes=frozenset({"EAPI:Rate limit exceeded", "EOrder:Rate limit exceeded"}),
        unknown_codes=frozenset({"EService:Unavailable", "EService:Busy", "EGeneral:Internal error"}),
        clock_codes=frozenset({"EAPI:Invalid nonce"}),
        limits=_generic_limits(60, 60.0),
        quote_watch="tickers",
        private_watch=("watch_orders", "watch_my_trades", "watch_balance"),
    ),
    Quirks(
        "krakenfutures",
        max_batch=100,
        cancel_batch=100,
        fetch_id_param="cliOrdIds",
        cancel_id_param="cliOrdId",
        lookup=Lookup.SCAN,
        amend=Amend.IN_PLACE,
        amend_id_param="cliOrdId",
        acks_only=True,
        trades_page=100,
        limits=_generic_limits(100, 10.0),
        quote_watch="tickers",
    ),
    Quirks(
        "coinbase",
        cancel_batch=100,
        cancel_all=False,
        create_id_param="client_order_id",  # ccxt ignores the unified one
        fetch_id_param="",
        cancel_id_param="",
        lookup=Lookup.SCAN,
        amend=Amend.IN_PLACE,
        acks_only=True,
        trades_page=100,
        limits=_generic_limits(30, 1.0),
        quote_watch="tickers",
        private_watch=("watch_orders",),
    ),
    Quirks(
        "hyperliquid",
        max_batch=1000,
        cancel_batch=1000,
        cancel_ids_param="clientOrderId",
        cancel_all=False,
        id_form=IdForm.HEX_0X,
        lookup=Lookup.CLIENT_ID,
        amend=Amend.IN_PLACE,
        amend_id_param="clientOrderId",
        trades_page=2000,
        limits=_generic_limits(200, 60.0),
        quote_watch="tickers",
        private_watch=("watch_orders", "watch_my_trades"),
    ),
    Quirks(
        "bitget",
        max_batch=50,
        batch_one_symbol=True,
        cancel_batch=50,
        lookup=Lookup.CLIENT_ID,
        amend=Amend.REPLACE,
        hedge=Hedge.CCXT,
        trigger_params=_TRIGGER,
        separate_triggers=True,
        acks_only=True,
        trades_page=100,
        absent_codes=frozenset({"40109", "43001", "43025"}),
        limits=_generic_limits(10, 1.0),
        quote_watch="tickers",
        password=True,
    ),
    Quirks(
        "gate",
        max_batch=10,
        cancel_batch=20,
        id_form=IdForm.GATE,
        create_id_param="text",
        cancel_id_param="",  # its single-order calls take `t-…` in the place of the venue's id
        fetch_id_param="",
        lookup=Lookup.VENUE_ID,
        amend=Amend.IN_PLACE,
        hedge=Hedge.CCXT,
        trigger_params=_TRIGGER,
        separate_triggers=True,
        trades_page=100,
        absent_codes=frozenset({"ORDER_NOT_FOUND"}),
        limits=_generic_limits(10, 1.0),
    ),
    Quirks(
        "kucoin",
        max_batch=5,
        batch_one_symbol=True,
        cancel_batch=0,
        lookup=Lookup.CLIENT_ID,
        amend=Amend.REPLACE,
        trigger_params=_TRIGGER,
        separate_triggers=True,
        acks_only=True,
        trades_page=500,
        absent_codes=frozenset({"100001", "400100"}),
        limits=_generic_limits(45, 3.0),
        password=True,
    ),
    Quirks(
        "deribit",
        create_id_param="label",
        fetch_id_param="",
        cancel_id_param="",
        lookup=Lookup.SCAN,
        amend=Amend.IN_PLACE,
        trades_page=100,
        absent_codes=frozenset({"10004", "11044"}),
        limits=_generic_limits(5, 1.0),
    ),
)

QUIRKS: dict[str, Quirks] = {table.venue: table for table in _TABLES}
"""By ccxt id."""


def quirks_of(venue: str) -> Quirks:
    """The table of `venue`, or the careful defaults for a venue that has none."""
    return QUIRKS.get(venue) or Quirks(venue, limits=_generic_limits(5, 1.0))


def limits_of(system: str) -> tuple[RateLimit, ...]:
    """The limits of a system of a venue, by our table; a system is called as ccxt calls its venue."""
    return quirks_of(system).limits

"""Why the simulated venue says no; the server turns the code into its dialect's number."""

from __future__ import annotations

from enum import StrEnum


class RefusalCode(StrEnum):
    """One reason per rule, independent of any venue's numbering."""

    TICK = "tick"
    """A price is not a multiple of the tick, or is missing, or not above zero."""
    LOT = "lot"
    """A quantity is not a multiple of the lot, or not above zero."""
    MIN_NOTIONAL = "min_notional"
    MIN_QUANTITY = "min_quantity"
    MAX_QUANTITY = "max_quantity"
    PRICE_BAND = "price_band"
    """Outside the instrument's price limits, or too far from the mark (spot: last) price."""
    INSUFFICIENT_BALANCE = "insufficient_balance"
    """Spot: the free balance does not cover it. Also a withdrawal beyond what is free."""
    INSUFFICIENT_MARGIN = "insufficient_margin"
    MAX_POSITION = "max_position"
    """The position would be larger than its leverage allows."""
    WOULD_TAKE = "would_take"
    """A post-only order would execute at once."""
    REDUCE_ONLY = "reduce_only"
    """There is no position that the order would reduce."""
    DUPLICATE_CLIENT_ID = "duplicate_client_id"
    """An open order of this account and instrument bears it already."""
    UNKNOWN_ORDER = "unknown_order"
    """No such order, or not open any more."""
    UNKNOWN_ACCOUNT = "unknown_account"
    UNKNOWN_INSTRUMENT = "unknown_instrument"
    WOULD_TRIGGER = "would_trigger"
    """A stop or take-profit would be set off at once."""
    INSTRUMENT_CLOSED = "instrument_closed"
    MAX_ORDERS = "max_orders"
    """Too many open orders in this instrument."""
    POSITION_SIDE = "position_side"
    """The position side does not fit the account's position mode."""
    ORDER_TYPE = "order_type"
    """Fields that do not go together, or a type that this venue does not have."""
    NO_LIQUIDITY = "no_liquidity"
    """A market order, and nothing on the other side of the book."""
    NOT_AMENDABLE = "not_amendable"
    """Only resting limit orders can be amended."""
    UNCHANGED = "unchanged"
    """The amendment or setting asks for what already is."""
    LEVERAGE = "leverage"
    """Not a whole number from 1 to the instrument's maximum."""
    TRAIL = "trail"
    """The distance of a trailing stop is missing or outside the venue's limits."""
    OPEN_EXPOSURE = "open_exposure"
    """The mode cannot change while there are open orders or positions."""
    NOT_ISOLATED = "not_isolated"
    """Margin of its own has only an open position on isolated margin."""
    EXPIRE_TIME = "expire_time"
    """A GTD order without a time, or with one that has passed."""


class PaperRefusal(Exception):
    """The venue did not do what was asked, and nothing has changed.

    Attributes:
        code: which rule. The text names both values.
    """

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code = code

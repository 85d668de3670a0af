"""Numbers of one instrument in the digits that the venue prints: eight on spot, the grid's own on USD-M."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.columns import CLOSE, TAKER_BUY, TURNOVER, VOLUME

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.sandbox.market.listing import Listing
    from adapters.sandbox.market.noise import FloatArray, IntArray


class Texts:
    """Writes ticks, lots and turnovers of one instrument."""

    __slots__ = (
        "_lot",
        "_mean_format",
        "_price_format",
        "_quantity_format",
        "_tick",
        "_turnover",
        "_turnover_format",
        "price_digits",
        "quantity_digits",
    )

    def __init__(self, listing: Listing) -> None:
        self.price_digits = listing.price_digits
        self.quantity_digits = listing.quantity_digits
        # Zeros beyond the grid are written, not computed: a float has no sixteen digits to spare.
        self._price_format = f"%.{listing.tick_decimals}f" + _zeros(
            listing.price_digits, listing.tick_decimals
        )
        self._quantity_format = f"%.{listing.lot_decimals}f" + _zeros(
            listing.quantity_digits, listing.lot_decimals
        )
        self._mean_format = f"%.{listing.price_digits}f"
        # Powers of ten up to 10^22 are exact floats, and so a quotient is the nearest float to the decimal.
        self._tick = 10.0**listing.tick_decimals
        self._lot = 10.0**listing.lot_decimals
        self._turnover_format = "%.8f" if listing.kind == "spot" else "%.5f"
        self._turnover = 4.0 * 10.0 ** (listing.tick_decimals + listing.lot_decimals)

    def ticks(self, ticks: int) -> str:
        """A price given in ticks."""
        return self._price_format % (ticks / self._tick)

    def mean(self, ticks: float) -> str:
        """A mean price, in all digits that the venue prints, given in ticks."""
        return self._mean_format % (ticks / self._tick)

    def lots(self, lots: int) -> str:
        """A quantity given in lots."""
        return self._quantity_format % (lots / self._lot)

    def turnover(self, turnover: float) -> str:
        """Quote volume given as `columns.TURNOVER`."""
        return self._turnover_format % (turnover / self._turnover)

    def price(self, price: Decimal) -> str:
        """A price."""
        return format(price, f".{self.price_digits}f")

    def quantity(self, quantity: Decimal) -> str:
        """A quantity."""
        return format(quantity, f".{self.quantity_digits}f")

    def price_columns(self, ticks: FloatArray) -> list[list[str]]:
        """Prices given in ticks, shape (n, 4), row by row."""
        return _write(",".join([self._mean_format] * 4), ticks / self._tick)

    def candle_columns(self, rows: IntArray) -> list[list[str]]:
        """Open, high, low, close, volume, quote volume, and the two volumes bought by takers, of each row."""
        values = np.empty((len(rows), 8))
        values[:, :4] = rows[:, : CLOSE + 1] / self._tick
        values[:, 4] = rows[:, VOLUME] / self._lot
        values[:, 5] = rows[:, TURNOVER] / self._turnover
        values[:, 6] = rows[:, TAKER_BUY] / self._lot
        values[:, 7] = values[:, 5] * rows[:, TAKER_BUY] / np.maximum(rows[:, VOLUME], 1)
        cells = [self._price_format] * 4 + [self._quantity_format, self._turnover_format] * 2
        return _write(",".join(cells), values)


def _write(row_format: str, values: FloatArray) -> list[list[str]]:
    """One format call for a whole table is three times faster than one for each number."""
    if not len(values):
        return []
    text = "\n".join([row_format] * len(values)) % tuple(values.ravel().tolist())
    return [line.split(",") for line in text.split("\n")]


def _zeros(digits: int, decimals: int) -> str:
    point = "." if decimals == 0 and digits else ""
    return point + "0" * (digits - decimals)

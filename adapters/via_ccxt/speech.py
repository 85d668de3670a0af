"""Who is speaking and in which forms: what every parser of one account needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.order_ids import from_venue
from hedge_tui.domain.instrument import InstrumentId, instrument_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adapters.via_ccxt.quirks import Quirks
    from hedge_tui.domain.order import ClientOrderId


@dataclass(frozen=True, slots=True)
class Speech:
    """The account's name, its venue, and how to read the venue's names.

    Attributes:
        now_ns: our clock.
        symbols: the venue's symbol -> unified symbol, of this venue's instruments.
    """

    account: str
    quirks: Quirks
    now_ns: Callable[[], int]
    symbols: Mapping[str, str]

    def instrument(self, symbol: Any) -> InstrumentId:
        """Of a unified symbol; a symbol that is no text is an error of the row."""
        if not isinstance(symbol, str) or not symbol:
            raise ValueError(f"no symbol: {symbol!r}")
        return instrument_id(self.quirks.venue, symbol)

    def instrument_of_venue(self, symbol: Any) -> InstrumentId:
        """Of the venue's own symbol.

        Raises:
            ValueError: the venue never listed it.
        """
        unified = self.symbols.get(str(symbol))
        if unified is None:
            raise ValueError(f"symbol {symbol!r} is not among the venue's instruments")
        return instrument_id(self.quirks.venue, unified)

    def client_id(self, said: Any) -> ClientOrderId:
        """Our form of a client order id."""
        return from_venue(str(said) if said else None, self.quirks.id_form)

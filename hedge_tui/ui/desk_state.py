"""What the trader has chosen here: scope, instrument, timeframe, indicators; and what the desk offers.

One per app. Widgets read it; the app changes it when a line's answer or a key says so, and tells the screens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hedge_tui.command.words import PICKED
from hedge_tui.config.risk import CAPS
from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.instrument import InstrumentId, symbol_of, venue_of
from hedge_tui.ui.quick_lines import presets_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.command import Vocabulary

TIMEFRAMES: tuple[str, ...] = tuple(tf.value for tf in Timeframe)
SHOWN_TIMEFRAMES = ("1m", "5m", "15m", "1h", "4h", "1d")
"""Those that `[` and `]` step through; any other is reached by `chart 30m`."""
INDICATORS = ("sma(20)", "ema(50)", "rsi(14)")
SETTING_WORDS = ("theme", "timeframe", "sound", "preset")


@dataclass(slots=True)
class DeskState:
    """Choices and names.

    Attributes:
        scope: the active account, group or venue; "" for none.
        instrument: in focus, "" before the first choice.
        timeframe: of the chart. indicators: as the engine reads them.
        watchlist: instruments put there by hand or in the config; empty means the most traded.
        settings: what `set` keeps. aliases: name -> line.
        trading: this console holds the trading lock. holder: who else does.
        accounts: names with venue and mode words, as last seen.
        markets: instrument -> row of the instruments query.
        configured_sizes: of the keys 1 to 5, before any was set while running.
        picked: whether `picked` stands for something on the screen in sight.
    """

    scope: str = ""
    instrument: str = ""
    timeframe: str = "5m"
    indicators: tuple[str, ...] = INDICATORS
    watchlist: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    trading: bool = False
    holder: str = ""
    locked: bool = False
    accounts: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    markets: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    runs: tuple[str, ...] = ()
    configured_sizes: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    picked: bool = False
    _vocabulary: tuple[object, Vocabulary] | None = None

    @property
    def symbol(self) -> str:
        """Symbol of the instrument in focus."""
        return symbol_of(InstrumentId(self.instrument)) if self.instrument else ""

    @property
    def venue(self) -> str:
        """Venue of the active scope, "" when it has none or several."""
        if self.scope in self.accounts:
            return self.accounts[self.scope][0]
        venues = {venue for venue, _, _ in self.accounts.values()}
        if self.scope in venues:
            return self.scope
        inside = {venue for venue, _, groups in self.accounts.values() if self.scope in groups.split()}
        return inside.pop() if len(inside) == 1 else ""

    @property
    def chart_topic(self) -> str:
        """What the chart follows, "" without an instrument."""
        if not self.instrument:
            return ""
        return f"chart:{self.instrument}|{self.timeframe}|{';'.join(self.indicators)}"

    @property
    def presets(self) -> tuple[str, ...]:
        """Sizes of the keys 1 to 5."""
        return presets_of(self.settings, self.configured_sizes)

    def accounts_in_scope(self) -> tuple[str, ...]:
        """Names of the accounts that a line without @ works on; all while none is chosen."""
        return tuple(
            name
            for name, (venue, _, groups) in self.accounts.items()
            if self.scope in {"", "all", name, venue} or self.scope in groups.split()
        )

    def modes(self) -> tuple[str, ...]:
        """Mode words in scope, most dangerous first; of all accounts when the scope names none."""
        order = {"live": 0, "demo": 1, "paper": 2, "sandbox": 3}
        inside = {
            mode
            for name, (venue, mode, groups) in self.accounts.items()
            if self.scope in {"", "all", name, venue} or self.scope in groups.split()
        }
        found = inside or {mode for _, mode, _ in self.accounts.values()}
        return tuple(sorted(found, key=lambda mode: order.get(mode, 9)))

    def vocabulary(self) -> Vocabulary:
        """The names of this desk for completion; made anew when they change."""
        sign = (
            len(self.markets),
            tuple(self.accounts),
            self.venue,
            tuple(self.aliases.items()),
            self.runs,
            self.presets,
            self.views,
            self.picked,
        )
        if self._vocabulary is None or self._vocabulary[0] != sign:
            self._vocabulary = (sign, self._words())
        return self._vocabulary[1]

    def _words(self) -> Vocabulary:
        from hedge_tui.command import Vocabulary

        groups = dict.fromkeys(g for _, _, names in self.accounts.values() for g in names.split())
        return Vocabulary(
            accounts=tuple(self.accounts),
            groups=tuple(groups),
            venues=tuple(dict.fromkeys(venue for venue, _, _ in self.accounts.values())),
            symbols=self._symbols(),
            aliases=tuple(self.aliases),
            alias_lines=dict(self.aliases),
            sizes=self.presets,
            settings=SETTING_WORDS,
            limits=(*CAPS, "max_order_rate"),
            runs=self.runs,
            views=self.views,
        )

    def _symbols(self) -> tuple[str, ...]:
        """Short forms of the active venue first (all venues' without one), then full ids."""
        ranked = sorted(self.markets.values(), key=lambda row: -(row.get("volume_24h") or 0.0))
        short: dict[str, None] = {}
        full: list[str] = []
        for row in ranked:
            instrument = str(row["instrument"])
            full.append(instrument)
            letter = {"spot": "s", "perpetual": "p"}.get(str(row["kind"]), "")
            if letter and self.venue in {"", venue_of(InstrumentId(instrument))}:
                short[f"{row['base']}.{letter}"] = None
        return (*((PICKED,) if self.picked else ()), *short, *full)

    def decimals(self) -> int:
        """Digits of prices of the instrument in focus."""
        row = self.markets.get(self.instrument)
        return int(row["price_decimals"]) if row is not None else 2

"""What is kept of each series, in memory: filled from the manifest when the history opens.

The writer thread alone changes it, always by putting a new tuple in place, so that the reader thread sees
either the state before or the one after.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.instrument import InstrumentId, instrument_id, symbol_of, venue_of

if TYPE_CHECKING:
    from collections.abc import Iterable

Key = tuple[InstrumentId, Timeframe]


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One Parquet file as the manifest knows it.

    Attributes:
        path: relative to the history's root.
        first_us, last_us: times of the first and last row, UTC microseconds.
        mtime_ns, bytes: as `stat` gave them after it was written; a difference means another content.
        digest: BLAKE2b of the file, hex.
        holes: missing opens inside it, (first, last) microseconds each.
    """

    path: str
    period: str
    first_us: int
    last_us: int
    rows: int
    bytes: int
    mtime_ns: int
    digest: str
    holes: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class SeriesState:
    """One instrument and timeframe.

    Attributes:
        id: its number in the database.
        files: sealed files by first time.
        hot_rows, hot_first_us, hot_last_us: of the rows not yet sealed; times mean nothing without rows.
        empty: ranges in which the venue had nothing: (first, last, cause), microseconds.
        hot_since: the owner's monotonic seconds at which the oldest unsealed row came; None without rows.
    """

    id: int
    instrument: InstrumentId
    timeframe: Timeframe
    files: tuple[SealedFile, ...] = ()
    hot_rows: int = 0
    hot_first_us: int = 0
    hot_last_us: int = 0
    empty: tuple[tuple[int, int, str], ...] = ()
    hot_since: float | None = None

    @property
    def rows(self) -> int:
        """All candles kept."""
        return self.hot_rows + sum(file.rows for file in self.files)

    @property
    def bounds_us(self) -> tuple[int, int] | None:
        """Opens of the oldest and newest candle kept, or None."""
        times = [(file.first_us, file.last_us) for file in self.files]
        if self.hot_rows:
            times.append((self.hot_first_us, self.hot_last_us))
        return (min(t[0] for t in times), max(t[1] for t in times)) if times else None

    def overlapping(self, first_us: int, until_us: int) -> tuple[SealedFile, ...]:
        """Files with rows in [first_us, until_us), oldest first."""
        return tuple(file for file in self.files if file.last_us >= first_us and file.first_us < until_us)

    def put_file(self, file: SealedFile) -> None:
        """Take `file` in, in place of the one of the same period."""
        kept = [each for each in self.files if each.period != file.period]
        self.files = tuple(sorted((*kept, file), key=lambda each: each.first_us))


@dataclass(slots=True)
class Catalog:
    """All series by instrument and timeframe."""

    series: dict[Key, SeriesState] = field(default_factory=dict)

    def find(self, instrument: InstrumentId, timeframe: Timeframe) -> SeriesState | None:
        """The series, or None where nothing is kept of it."""
        return self.series.get((instrument, timeframe))

    def add(self, number: int, venue: str, symbol: str, timeframe: str) -> SeriesState:
        """Take a series in under its number."""
        state = SeriesState(number, instrument_id(venue, symbol), Timeframe(timeframe))
        self.series = {**self.series, (state.instrument, state.timeframe): state}
        return state

    def next_number(self) -> int:
        """A number no series has."""
        return 1 + max((state.id for state in self.series.values()), default=0)

    def states(self) -> Iterable[SeriesState]:
        """Every series."""
        return self.series.values()


def parts_of(state: SeriesState) -> tuple[str, str, str]:
    """(venue, symbol, timeframe) as the files say them."""
    return venue_of(state.instrument), symbol_of(state.instrument), state.timeframe.value

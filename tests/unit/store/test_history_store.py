"""The history in one process: puts, reads, seals, and every way in which files and database can disagree."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedge_tui.domain.candle import DAY_NS, MINUTE_NS, Timeframe
from hedge_tui.domain.errors import LedgerError, StoreError
from hedge_tui.domain.instrument import instrument_id
from hedge_tui.domain.ports.history import EquityPoint
from hedge_tui.domain.series import CandleSeries
from store.history import sealing
from store.history.candle_files import read_candles
from store.history.candle_store import FOREVER_US
from store.history.history_store import HistoryStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BTC = instrument_id("binanceusdm", "BTC/USDT:USDT")
START_US = 1_730_419_200_000_000  # 2024-11-01 00:00 UTC
MINUTE_US = MINUTE_NS // 1_000


def columns(numbers: Any, width_us: int = MINUTE_US, start_us: int = START_US) -> tuple[Any, ...]:
    number = np.asarray(numbers, np.int64)
    price = 60_000 + number * 0.1
    return (start_us + number * width_us, price, price + 1, price - 1, price + 0.5, number * 0.01)


def put(history: HistoryStore, numbers: Any, timeframe: Timeframe = Timeframe.M1) -> int:
    made = columns(numbers, timeframe.width_ns // 1_000)
    new = history.candles.put(history.writer, BTC, timeframe, made, history.now_s())
    history.count_write(new)
    return new


def kept(history: HistoryStore, timeframe: Timeframe = Timeframe.M1) -> list[int]:
    found = history.candles.between(history.reader, BTC, timeframe, -FOREVER_US, FOREVER_US)
    numbers = (found[0] - START_US) // (timeframe.width_ns // 1_000)
    expected = columns(numbers, timeframe.width_ns // 1_000)
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True)), "values changed"
    return numbers.tolist()


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    made: list[HistoryStore] = []

    def open_again() -> HistoryStore:
        if made:
            made.pop().close()
        made.append(HistoryStore(tmp_path / "history"))
        return made[-1]

    yield open_again
    for history in made:
        history.close()


def test_only_new_candles_are_counted_and_kept(opened: Callable[[], HistoryStore]) -> None:
    history = opened()
    assert put(history, range(10, 20)) == 10
    assert put(history, range(15, 25)) == 5
    assert put(history, range(5)) == 5
    assert put(history, range(25)) == 5
    assert put(history, range(25)) == 0
    assert put(history, []) == 0
    assert kept(history) == list(range(25))


def test_a_kept_candle_is_not_overwritten(opened: Callable[[], HistoryStore]) -> None:
    history = opened()
    put(history, range(3))
    other = columns(range(4))
    changed = (other[0], *(column * 2 for column in other[1:]))
    assert history.candles.put(history.writer, BTC, Timeframe.M1, changed, 0.0) == 1
    found = history.candles.newest(history.reader, BTC, Timeframe.M1, FOREVER_US, 2)
    assert found[4].tolist() == [60_000.2 + 0.5, 120_001.6]


def test_reading_across_hot_and_sealed(
    opened: Callable[[], HistoryStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    history = opened()
    put(history, range(100_000))  # November to January
    assert history.seal_all() == 100_000
    put(history, range(100_000, 100_010))
    put(history, range(-50, 0))
    everything = list(range(-50, 100_010))
    assert kept(history) == everything

    def newest(until: int, count: int) -> list[int]:
        found = history.candles.newest(history.reader, BTC, Timeframe.M1, START_US + until * MINUTE_US, count)
        return ((found[0] - START_US) // MINUTE_US).tolist()

    assert newest(200_000, 5) == [100_005, 100_006, 100_007, 100_008, 100_009]
    assert newest(100_003, 6) == list(range(99_997, 100_003))
    assert newest(43_205, 10) == list(range(43_195, 43_205))  # over the end of November
    assert newest(3, 10) == list(range(-7, 3))
    assert newest(-50, 5) == []
    assert newest(10, 0) == []
    assert newest(200_000, 1_000_000) == everything

    from store.history import candle_store

    candle_store._cached_file.cache_clear()
    monkeypatch.setattr(candle_store, "read_candles", lambda path: pytest.fail(f"read {path}"))
    assert newest(200_000, 10) == list(range(100_000, 100_010))  # no file is read for what is hot


def test_files_have_the_form_of_the_design(opened: Callable[[], HistoryStore], tmp_path: Path) -> None:
    history = opened()
    put(history, range(50_000))
    put(history, range(100), Timeframe.H1)
    put(history, range(100), Timeframe.D1)
    history.seal_all()
    root = tmp_path / "history"
    base = "candles/v=binanceusdm/s=BTC-USDT-USDT"
    files = sorted(str(path.relative_to(root)) for path in root.rglob("*.parquet"))
    assert files == [
        f"{base}/tf=1d/all.parquet",
        f"{base}/tf=1h/2024.parquet",
        f"{base}/tf=1m/2024-11.parquet",
        f"{base}/tf=1m/2024-12.parquet",
    ]
    file = pq.ParquetFile(root / f"{base}/tf=1m/2024-11.parquet")
    assert file.metadata.num_rows == 43_200
    group = file.metadata.row_group(0)
    by_name = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert "DELTA_BINARY_PACKED" in by_name["open_time"].encodings
    for name in ("open_time", "open", "high", "low", "close", "volume"):
        assert by_name[name].compression == "ZSTD"
        assert not any("DICTIONARY" in encoding for encoding in by_name[name].encodings)
    assert str(file.schema_arrow.field("open_time").type) == "timestamp[us, tz=UTC]"
    row = file.read().slice(0, 1).to_pylist()[0]
    assert (row["venue"], row["symbol"], row["timeframe"]) == ("binanceusdm", "BTC/USDT:USDT", "1m")
    assert {path.stat().st_mode & 0o777 for path in root.rglob("*.parquet")} == {0o600}
    assert history.verify() == []


def test_other_programs_read_the_files_as_they_are(
    opened: Callable[[], HistoryStore], tmp_path: Path
) -> None:
    import duckdb

    history = opened()
    put(history, range(50_000))
    history.seal_all()
    found = duckdb.execute(
        "SELECT symbol, count(*), epoch_us(max(open_time)) FROM read_parquet(?) GROUP BY symbol",
        [f"{tmp_path}/history/candles/**/*.parquet"],
    ).fetchall()
    assert found == [("BTC/USDT:USDT", 50_000, START_US + 49_999 * MINUTE_US)]


def test_what_is_put_survives_a_kill_and_a_reopening(
    opened: Callable[[], HistoryStore], tmp_path: Path
) -> None:
    history = opened()
    put(history, range(5_000))
    history.tidy()
    put(history, range(5_000, 5_100))
    shutil.copytree(tmp_path / "history", tmp_path / "killed" / "history")
    again = HistoryStore(tmp_path / "killed" / "history")
    assert kept(again) == list(range(5_100))
    assert again.notices == []
    again.close()
    assert kept(opened()) == list(range(5_100))


def test_a_crash_between_file_and_database_doubles_nothing(
    opened: Callable[[], HistoryStore], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for first in (0, 3_000):  # a file that is new, then one that is replaced
        history = opened()
        put(history, range(first, first + 2_000))
        with monkeypatch.context() as patch:
            patch.setattr(
                sealing.tables, "put_candle_file", lambda *_: (_ for _ in ()).throw(OSError(5, "crash"))
            )
            with pytest.raises(OSError, match="crash"):
                history.seal_all()
        history = opened()
        assert history.notices == []
        count = history.reader.execute("SELECT count(*) FROM hot_candles").fetchall()[0][0]
        assert count == 0
        assert (
            kept(history) == [*range(2_000), *range(3_000, first + 2_000)][: first // 3_000 * 2_000 + 2_000]
        )
    assert put(history, range(6_000)) == 2_000
    assert history.verify() == []


def test_unfinished_files_are_removed(opened: Callable[[], HistoryStore], tmp_path: Path) -> None:
    history = opened()
    put(history, range(10))
    history.seal_all()
    left = next((tmp_path / "history").rglob("*.parquet"))
    left.with_name(left.name + ".tmp").write_bytes(b"half")
    history = opened()
    assert not list((tmp_path / "history").rglob("*.tmp"))
    assert kept(history) == list(range(10))


def test_a_lost_database_is_rebuilt_from_the_files(
    opened: Callable[[], HistoryStore], tmp_path: Path
) -> None:
    history = opened()
    put(history, range(5_000))
    history.equity.put(history.writer, [point(n) for n in range(10)])
    history.seal_all()
    put(history, range(5_000, 5_010))
    history.close()
    history.close = lambda: None  # type: ignore[method-assign]
    (tmp_path / "history" / "history.duckdb").write_bytes(b"no database" * 5_000)
    history = opened()
    assert "damaged" in history.notices[0]
    assert kept(history) == list(range(5_000))
    assert len(history.equity.read(history.reader, "desk-1", 0)) == 10
    assert put(history, range(5_010)) == 10


@pytest.mark.parametrize("how", ["flip", "zero", "header", "cut", "garbage"])
def test_a_damaged_log_is_cut_and_reported(tmp_path: Path, how: str) -> None:
    live = HistoryStore(tmp_path / "history")
    put(live, range(100))
    live.checkpoint()
    for number in range(100, 200):
        put(live, [number])
    shutil.copytree(tmp_path / "history", tmp_path / "killed")
    live.close()
    log = tmp_path / "killed" / "history.duckdb.wal"
    raw = bytearray(log.read_bytes())
    middle = len(raw) // 2
    if how == "flip":
        raw[middle] ^= 1
    elif how == "zero":
        raw[middle : middle + 64] = bytes(64)
    elif how == "header":
        raw[10] ^= 1
    elif how == "cut":
        del raw[middle:]
    else:
        raw += b"\xff" * 100
    log.write_bytes(raw)
    again = HistoryStore(tmp_path / "killed")
    found = kept(again)
    assert found == list(range(len(found)))
    assert len(found) >= 100
    if how in ("flip", "zero", "cut"):
        assert 100 < len(found) < 200
    if len(found) < 200:
        assert any(f"{200 - len(found)} candles" in line for line in again.notices), again.notices
    if how == "header":
        assert "set aside" in again.notices[0]
    if how == "garbage":
        assert len(found) == 200
        assert "100 bytes" in again.notices[0]
    assert put(again, range(200)) == 200 - len(found)
    again.close()


def test_a_damaged_file_is_set_aside_and_its_candles_are_a_gap(
    opened: Callable[[], HistoryStore], tmp_path: Path
) -> None:
    history = opened()
    put(history, range(100_000))
    history.seal_all()
    victim = next((tmp_path / "history").rglob("2024-12.parquet"))
    victim.write_bytes(victim.read_bytes()[:-1_000])
    assert any("2024-12.parquet is not what was written" in line for line in history.verify())
    history = opened()
    assert "2024-12.parquet was set aside" in history.notices[0]
    (span,) = history.candles.spans(history.reader)
    december = START_US * 1_000 + 30 * DAY_NS
    assert span.gaps == ((december, december + 31 * DAY_NS - MINUTE_NS, "not fetched"),)
    assert put(history, range(100_000)) == 31 * 1_440
    assert kept(history) == list(range(100_000))


def test_a_file_damaged_while_open_does_not_stop_sealing(
    opened: Callable[[], HistoryStore], tmp_path: Path
) -> None:
    history = opened()
    put(history, range(100))
    history.seal_all()
    next((tmp_path / "history").rglob("*.parquet")).write_bytes(b"PAR1 nothing PAR1")
    put(history, range(100, 5_000))
    assert history.tidy()
    assert "was set aside" in history.notices[0]
    assert kept(history) == list(range(100, 5_000))
    assert put(history, range(5_000)) == 100


def test_a_deleted_file_is_a_gap_and_a_foreign_file_is_set_aside(
    opened: Callable[[], HistoryStore], tmp_path: Path
) -> None:
    history = opened()
    put(history, range(50_000))
    history.seal_all()
    folder = tmp_path / "history" / "candles" / "v=binanceusdm" / "s=BTC-USDT-USDT" / "tf=1m"
    (folder / "2024-12.parquet").rename(folder / "2025-03.parquet")
    history = opened()
    assert "is gone" in history.notices[0]
    assert "belongs elsewhere" in history.notices[1]
    assert kept(history) == list(range(43_200))


def test_gaps_tell_what_the_venue_did_not_have(opened: Callable[[], HistoryStore]) -> None:
    history = opened()
    put(history, [0, 1, 2, 10, 11])
    mark = (START_US + 5 * MINUTE_US, START_US + 9 * MINUTE_US, "outage")
    history.candles.mark_empty(history.writer, BTC, Timeframe.M1, mark)
    history.candles.mark_empty(history.writer, BTC, Timeframe.M1, mark)
    history = opened()
    (span,) = history.candles.spans(history.reader)
    assert (span.first_ns, span.last_ns, span.rows) == (
        START_US * 1_000,
        (START_US + 11 * MINUTE_US) * 1_000,
        5,
    )
    minutes = [
        ((a // 1_000 - START_US) // MINUTE_US, (b // 1_000 - START_US) // MINUTE_US, c)
        for a, b, c in span.gaps
    ]
    assert minutes == [(3, 4, "not fetched"), (5, 9, "outage")]
    with pytest.raises(LedgerError):
        history.candles.mark_empty(history.writer, BTC, Timeframe.M1, (5, 4, "x"))


def test_sealing_waits_for_rows_or_age(tmp_path: Path) -> None:
    now = [0.0]
    history = HistoryStore(tmp_path, clock=lambda: now[0])
    put(history, range(sealing.SEAL_ROWS - 1))
    assert not history.tidy()
    put(history, [sealing.SEAL_ROWS])
    assert history.tidy()
    assert not history.tidy()
    put(history, range(10_000, 10_002))
    now[0] = sealing.SEAL_AGE_S - 1
    assert not history.tidy()
    now[0] = sealing.SEAL_AGE_S
    assert history.tidy()
    assert history.catalog.find(BTC, Timeframe.M1).hot_rows == 0  # type: ignore[union-attr]
    history.close()


def test_a_disk_that_refuses_a_seal_loses_nothing_and_is_reported(
    opened: Callable[[], HistoryStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    history = opened()
    put(history, range(5_000))
    with monkeypatch.context() as patch:

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr("store.history.candle_files.install_durably", full)
        assert not history.tidy()
        assert not history.tidy()
    assert [line for line in history.notices if "No space left" in line] == history.notices[:1]
    assert kept(history) == list(range(5_000))
    assert history.tidy()
    assert kept(history) == list(range(5_000))


def test_what_is_no_series_is_refused(opened: Callable[[], HistoryStore]) -> None:
    history = opened()
    with pytest.raises(LedgerError, match="increase"):
        put(history, [2, 1])
    assert kept_nothing(history)


def kept_nothing(history: HistoryStore) -> bool:
    return not len(history.candles.between(history.reader, BTC, Timeframe.M1, -FOREVER_US, FOREVER_US)[0])


def test_two_processes_do_not_share_a_history(opened: Callable[[], HistoryStore], tmp_path: Path) -> None:
    import subprocess
    import sys

    opened()
    code = (
        "import sys; from pathlib import Path; from store.history.history_store import HistoryStore\n"
        "HistoryStore(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "history")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "in use by another process" in done.stderr


def point(number: int, account: str = "desk-1", equity: str = "1000.125") -> EquityPoint:
    amounts = [
        Decimal(equity),
        Decimal(1000),
        Decimal("-0.000000000001"),
        Decimal(0),
        Decimal("3.5"),
        Decimal(-1),
    ]
    return EquityPoint(account, START_US * 1_000 + number * MINUTE_NS, "USD", *amounts)


def test_equity_is_kept_once_for_each_minute_and_sealed_by_month(
    opened: Callable[[], HistoryStore], tmp_path: Path
) -> None:
    history = opened()
    first = [point(n) for n in range(43_190, 43_210)]
    history.equity.put(history.writer, first)
    history.equity.put(history.writer, [point(43_200, equity="7"), point(5, "")])
    assert history.equity.read(history.reader, "desk-1", 0) == first
    assert history.seal_all() == 21
    files = sorted(
        path.parent.name + "/" + path.name for path in (tmp_path / "history" / "equity").rglob("*.parquet")
    )
    assert files[:2] == ["a=desk-1/2024-11.parquet", "a=desk-1/2024-12.parquet"]
    history.equity.put(history.writer, [point(43_205, equity="7"), point(43_210)])
    history = opened()
    assert history.equity.read(history.reader, "desk-1", 0) == [*first, point(43_210)]
    assert history.equity.read(history.reader, "desk-1", first[15].at_ns) == [*first[15:], point(43_210)]
    assert history.equity.read(history.reader, "", 0) == [point(5, "")]
    history.seal_all()
    assert history.equity.read(history.reader, "desk-1", 0) == [*first, point(43_210)]
    assert history.verify() == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.integers(-100, 60_000), st.integers(1, 400)),
            st.tuples(st.just("seal"), st.just(0), st.just(0)),
            st.tuples(st.just("reopen"), st.just(0), st.just(0)),
        ),
        max_size=12,
    ),
    until=st.integers(-200, 61_000),
    count=st.integers(1, 3_000),
)
def test_whatever_is_put_is_read_back_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]], until: int, count: int
) -> None:
    root = tmp_path_factory.mktemp("history")
    history = HistoryStore(root)
    model: set[int] = set()
    for step, first, rows in steps:
        if step == "put":
            numbers = range(first, first + rows)
            assert put(history, numbers) == len(set(numbers) - model)
            model |= set(numbers)
        elif step == "seal":
            history.seal_all()
        else:
            history.close()
            history = HistoryStore(root)
    assert kept(history) == sorted(model)
    found = history.candles.newest(history.reader, BTC, Timeframe.M1, START_US + until * MINUTE_US, count)
    assert ((found[0] - START_US) // MINUTE_US).tolist() == sorted(n for n in model if n < until)[-count:]
    for span in history.candles.spans(history.reader):
        assert span.rows == len(model)
        missing = {n for a, b, _ in span.gaps for n in range(minute(a), minute(b) + 1)}
        assert missing == set(range(min(model), max(model) + 1)) - model
    assert history.notices == []
    history.close()
    shutil.rmtree(root)


def minute(at_ns: int) -> int:
    return (at_ns // 1_000 - START_US) // MINUTE_US


def test_an_empty_series_can_be_asked_for(opened: Callable[[], HistoryStore]) -> None:
    history = opened()
    assert kept_nothing(history)
    assert history.candles.spans(history.reader) == []
    assert len(CandleSeries.empty(BTC, Timeframe.M1)) == 0
    with pytest.raises(StoreError):
        read_candles(history._root / "nothing.parquet")

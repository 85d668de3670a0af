"""LiveTable as a trader uses it: keys, mouse, filter, sort, picks, arrangement."""

from __future__ import annotations

from contextlib import asynccontextmanager

import numpy as np
import pytest
from textual import events
from textual.app import App
from textual.coordinate import Coordinate

from hedge_tui.ui.widgets.live_table import MAX, SUM, Column, Kind, LiveTable, Sort

ROWS = 30


class Desk(App[None]):
    def __init__(self, **options) -> None:
        super().__init__()
        self.told: list[tuple[str, object]] = []
        self.options = options

    def compose(self):
        columns = [
            Column(key="name", label="Instrument", kind=Kind.TEXT, width=12),
            Column(key="side", label="Side", kind=Kind.WORD, width=5),
            Column(key="last", label="Last", width=10, decimals="digits"),
            Column(key="pnl", label="PnL", width=10, signed=True, tint="sign"),
            Column(key="digits", label="Digits", visible=False),
        ]
        self.table = LiveTable(columns, **{"resort_s": 0.0, **self.options})
        yield self.table

    def fill(self) -> None:
        self.table.set_rows(
            [f"k{n}" for n in range(ROWS)],
            {
                "name": [f"COIN{n}/{'USDT' if n % 2 else 'EUR'}" for n in range(ROWS)],
                "side": ["long", "short"] * (ROWS // 2),
                "last": np.arange(ROWS) * 1.0,
                "pnl": np.cos(np.arange(ROWS)) * 100,
                "digits": np.arange(ROWS) % 4,
            },
        )

    def on_live_table_row_highlighted(self, message: LiveTable.RowHighlighted) -> None:
        self.told.append(("highlighted", message.row_key))

    def on_live_table_row_selected(self, message: LiveTable.RowSelected) -> None:
        self.told.append(("selected", message.row_key))

    def on_live_table_header_selected(self, message: LiveTable.HeaderSelected) -> None:
        self.told.append(("header", message.column_key))

    def on_live_table_picked_changed(self, message: LiveTable.PickedChanged) -> None:
        self.told.append(("picked", message.keys))


@asynccontextmanager
async def desk(width: int = 60, height: int = 14, **options):
    app = Desk(**options)
    async with app.run_test(size=(width, height)) as pilot:
        app.fill()
        app.table.paint()
        await pilot.pause()
        yield app, app.table, pilot


def lines(table: LiveTable) -> list[str]:
    table.paint()
    return [table.content_strip(y).text.replace("▐", " ") for y in range(table.size.height)]


async def test_rows_are_shown_with_their_own_digits():
    async with desk() as (_, table, _pilot):
        shown = lines(table)
        assert shown[0].split() == ["Instrument", "Side", "Last", "PnL"]
        assert shown[1].split() == ["▌COIN0/EUR", "long", "0", "+100.00"]
        assert shown[4].split() == ["COIN3/USDT", "short", "3.000", "-99.00"]
        assert {len(line) for line in shown} == {60}


async def test_keys_move_the_cursor_and_the_view_follows():
    async with desk() as (app, table, pilot):
        await pilot.press("j", "down", "down", "k")
        assert (table.cursor_key, table.cursor_row) == ("k2", 2)
        await pilot.press("G")
        assert table.cursor_key == f"k{ROWS - 1}"
        assert f"COIN{ROWS - 1}/" in lines(table)[-1]
        await pilot.press("pageup")
        assert table.cursor_row == ROWS - 1 - 12
        await pilot.press("home")
        assert table.cursor_row == 0
        await pilot.press("enter")
        assert app.told[-1] == ("selected", "k0")
        assert ("highlighted", "k2") in app.told


async def test_cursor_stays_on_its_row_through_sort_insert_and_removal():
    async with desk() as (_, table, pilot):
        table.move_cursor(key="k5")
        table.sort_by("last", descending=True)
        assert (table.cursor_key, table.cursor_row) == ("k5", ROWS - 6)
        table.upsert("top", {"last": 1e6})
        assert (table.cursor_key, table.cursor_row) == ("k5", ROWS - 5)
        table.set_cells(table.slots(["k5"]), "last", 2e6)
        assert (table.cursor_key, table.cursor_row) == ("k5", 0)
        table.remove_rows(["k5"])
        assert table.cursor_key == "top", "the row that took its place"
        table.clear()
        assert (table.cursor_key, table.row_count) == (None, 0)
        await pilot.press("down", "space", "shift+down", "enter", "G", "s")


async def test_sort_cycles_by_key_and_by_clicked_label():
    async with desk() as (app, table, pilot):
        await pilot.press("right", "right", "right", "s")
        assert table.sort == Sort("last")
        assert "▲ Last" in lines(table)[0]
        assert app.told[-1] == ("header", "last")
        await pilot.press("s")
        assert table.sort == Sort("last", descending=True)
        assert table.row_keys()[0] == f"k{ROWS - 1}"
        await pilot.press("s")
        assert table.sort is None
        assert table.row_keys()[0] == "k0"
        await pilot.click(LiveTable, offset=(4, 0))
        assert table.sort == Sort("name")


async def test_filter_narrows_and_drops_hidden_picks():
    async with desk() as (_, table, _pilot):
        table.pick(["k1", "k2", "gone"])
        table.set_filter("coin1 USDT")
        assert table.row_keys() == ["k1", "k11", "k13", "k15", "k17", "k19"]
        assert table.picked_keys() == ["k1"]
        table.upsert("late", {"name": "COIN1x/usdt"})
        assert table.row_keys()[-1] == "late"
        table.set_filter("")
        assert table.row_count == ROWS + 1
        assert table.picked_keys() == ["k1"], "what a filter hid is not picked again"


async def test_space_ranges_and_all():
    async with desk() as (app, table, pilot):
        await pilot.press("space", "down", "space")
        assert table.picked_keys() == ["k0", "k2"]
        await pilot.press("shift+down", "shift+down", "shift+up")
        assert table.picked_keys() == ["k0", "k2", "k3", "k4"]
        assert app.told[-1][0] == "picked" or app.told[-1][0] == "highlighted"
        await pilot.press("ctrl+a")
        assert len(table.picked_keys()) == ROWS
        await pilot.press("escape")
        assert table.picked_keys() == []
        assert table.target_keys() == [table.cursor_key]


async def test_mouse_moves_picks_scrolls_and_drags():
    async with desk() as (app, table, pilot):
        await pilot.click(LiveTable, offset=(4, 3))
        assert table.cursor_key == "k2"
        await pilot.click(LiveTable, offset=(4, 5), shift=True)
        assert table.picked_keys() == ["k2", "k3", "k4"]
        await pilot.click(LiveTable, offset=(4, 7), control=True)
        assert table.picked_keys() == ["k2", "k3", "k4", "k6"]
        await pilot.click(LiveTable, offset=(4, 7), times=2)
        assert ("selected", "k6") in app.told
        await pilot._post_mouse_events([events.MouseScrollDown], LiveTable, offset=(4, 4))
        assert "COIN3/" in lines(table)[1]
        assert table.cursor_key == "k6", "the wheel leaves the cursor alone"
        await pilot.mouse_down(LiveTable, offset=(59, 13))
        await pilot.mouse_up(LiveTable, offset=(59, 13))
        assert f"COIN{ROWS - 1}/" in lines(table)[-1]


async def test_columns_are_chosen_moved_resized_and_remembered():
    async with desk() as (_, table, pilot):
        await pilot.press("right", "right", ">", "}")
        assert [column.key for column in table.columns][:3] == ["name", "last", "side"]
        assert table.columns[2].width == 6
        table.show_column("pnl", False)
        table.resize_column("name", 5)
        table.sort_by("last", descending=True)
        assert "PnL" not in lines(table)[0]
        assert "COIN…" in lines(table)[1]
        state = table.state()
    async with desk() as (_, other, _pilot):
        other.restore(state)
        assert other.state() == state
        other.restore({"columns": "?", "sort": {"column": "gone"}})
        assert other.sort is None
        with pytest.raises(KeyError):
            other.move_column("gone", 0)


async def test_horizontal_scroll_keeps_the_frozen_column_and_whole_numbers():
    async with desk(width=33, fixed_columns=1) as (_, table, pilot):
        assert lines(table)[0].split() == ["Instrument", "Side", "▸"]
        await pilot.press("right", "right", "right", "right")
        assert lines(table)[0].split() == ["Instrument", "◂", "PnL"]
        assert table.cursor_coordinate == Coordinate(0, 3)
        assert lines(table)[1].split()[-1] == "+100.00"


async def test_totals_count_the_shown_rows():
    async with desk(totals={"last": np.nansum}) as (_, table, _pilot):
        assert lines(table)[-1].split() == ["Total", "(30)", f"{sum(range(ROWS))}.00"]
        table.set_filter("EUR")
        assert lines(table)[-1].split() == ["Total", "(15)", f"{sum(range(0, ROWS, 2))}.00"]


async def test_empty_table_says_so():
    async with desk(empty_message="No orders") as (_, table, _pilot):
        assert not any("No orders" in line for line in lines(table))
        table.set_filter("nothing like it")
        assert any("No orders" in line for line in lines(table))
        table.clear()
        assert any("No orders" in line for line in lines(table))


async def test_copied_rows_are_full_figures_and_inert():
    async with desk() as (app, table, pilot):
        table.upsert("k1", {"name": "A\tB\x1b[2J", "last": 1.23456789, "pnl": float("nan")})
        table.pick(["k1"])
        assert table.selected_text() == "Instrument\tSide\tLast\tPnL\nA^IB^[[2J\tshort\t1.23456789\t"
        await pilot.press("y")
        assert app.clipboard.endswith("1.23456789\t")


async def test_rows_can_be_read_back():
    async with desk() as (_, table, _pilot):
        assert table.get_row("k1") == {
            "name": "COIN1/USDT",
            "side": "short",
            "last": 1.0,
            "pnl": pytest.approx(54.03, abs=0.01),
            "digits": 1.0,
        }
        assert table.has_row("k1")
        assert not table.has_row("k99")
        with pytest.raises(KeyError):
            table.get_row("k99")
        with pytest.raises(KeyError):
            table.upsert("k1", {"gone": 1})
        with pytest.raises(ValueError, match="different ones"):
            table.set_rows(["x", "x"], {})
        assert table.total_rows == ROWS


async def test_only_what_changed_is_painted():
    async with desk() as (_, table, _pilot):
        table.paint()
        assert table.paint() == 0
        table.set_cells(table.slots(["k20"]), "last", 7.0)
        assert table.paint() == 0, "the row is not on screen"
        table.set_cells(table.slots(["k3"]), "last", 7.0)
        damage = table._look()
        assert damage is not None
        assert damage.lines == (4,)
        assert np.argwhere(damage.cells).tolist() == [[2, 3]]
        table.set_cells(table.slots(["k3"]), "last", 7.0)
        assert table._look() is None


async def test_infinities_and_blanks_are_survived():
    async with desk() as (_, table, _pilot):
        for values in ([np.inf, -np.inf, np.nan], [np.inf, np.inf, 1.0], [-np.inf, np.nan, 1e308]):
            table._model.columns.change("last", flash=True)
            table.set_cells(table.slots(["k0", "k1", "k2"]), "last", values)
            shown = lines(table)
        assert shown[1].split()[2] == "-inf"
        assert shown[2].split()[2] == "—"
        assert shown[3].split()[2] == "##########"


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord", "ansi-dark"])
async def test_colours_follow_the_theme(theme):
    async with desk() as (app, table, pilot):
        before = table.content_strip(1)._segments[0].style
        app.theme = theme
        await pilot.pause()
        table.paint()
        style = table.content_strip(1)._segments[0].style
        assert (style == before) == (theme == "textual-dark")
        plain = table.content_strip(3)._segments[0].style
        assert (style.bgcolor, style.reverse) != (plain.bgcolor, plain.reverse), "the cursor must show"


async def test_rising_and_falling_cells_light_up_and_go_out():
    now = [10.0]
    async with desk(clock=lambda: now[0]) as (_, table, _pilot):
        table._model.columns.change("pnl", flash=True)
        table.paint()
        table.set_cells(table.slots(["k1", "k2"]), "pnl", [1e3, -1e3])
        table.paint()

        def papers():
            return [{s.style.bgcolor for s in table.content_strip(y) if "000.00" in s.text} for y in (2, 3)]

        lit = papers()
        now[0] += 1.0
        table.paint()
        dark = papers()
        assert lit[0] != lit[1]
        assert dark[0] == dark[1]
        assert lit[0] != dark[0]


@asynccontextmanager
async def grouped(**options):
    async with desk(**{"subtotals": {"pnl": SUM}, **options}) as (app, table, pilot):
        table.set_cells(table.slots(table.row_keys()), "side", (["long"] * 3 + ["short"] * 2) * (ROWS // 5))
        table.group_by("side")
        yield app, table, pilot


async def test_groups_show_name_count_and_subtotal_and_fold_by_key():
    async with grouped() as (app, table, pilot):
        shown = lines(table)
        wanted = sum(100 * np.cos(n) for n in range(ROWS) if n % 5 < 3)
        assert shown[1].split()[:4] == ["▌▾", "long", "(18)", f"{wanted:+.2f}"]
        assert shown[2].split()[0] == "COIN0/EUR"
        assert table.cursor_key == "group:long"
        assert table.cursor_group == "long"
        await pilot.press("enter")
        assert lines(table)[1].split()[:3] == ["▌▸", "long", "(18)"]
        assert table.line_keys()[:2] == ["group:long", "group:short"]
        assert table.row_count == ROWS
        await pilot.press("down", "down", "f")
        assert table.line_keys() == ["group:long", "group:short"]
        assert table.cursor_key == "group:short"
        assert not any(told[0] == "selected" for told in app.told)
        await pilot.press("ctrl+o")
        assert len(table.line_keys()) == ROWS + 2
        table.move_cursor(key="k7")
        await pilot.press("ctrl+o")
        assert table.cursor_key == "group:long"
        table.move_cursor(key="k3")
        assert table.cursor_key == "group:short", "the header stands for a folded row"


async def test_a_group_is_picked_copied_and_acted_on_as_its_rows():
    async with grouped() as (_, table, pilot):
        table.set_filter("coin1")
        short = ["k3", "k4", "k8", "k9", "k13", "k14", "k18", "k19", "k23", "k24", "k28", "k29"]
        wanted = [key for key in short if "COIN1" in str(table.get_row(key)["name"])]
        table.move_cursor(key="group:short")
        assert table.target_keys() == wanted
        await pilot.press("space")
        assert table.picked_keys() == wanted
        assert lines(table)[table.cursor_row + 1 - table._model.top].strip()
        assert table.selected_text().count("\n") == len(wanted)
        table.set_filter("")
        marks = [line[0] for line in lines(table) if "short" in line and "(" in line]
        assert marks in ([], ["▫"]), "some of its rows are picked"


async def test_grouping_by_key_and_what_cannot_be_grouped():
    async with desk() as (_, table, pilot):
        await pilot.press("right", "right", "ctrl+g")
        assert table.group == "side"
        assert table.group_names() == ["long", "short"]
        await pilot.press("ctrl+g")
        assert table.group is None
        await pilot.press("right", "ctrl+g")
        assert table.group is None
        with pytest.raises(ValueError, match="group by a column of texts"):
            table.group_by("last")
        with pytest.raises(KeyError):
            table.group_by("gone")


async def test_subtotals_of_prices_have_the_digits_of_the_finest_member():
    async with grouped(subtotals={"last": MAX}) as (_, table, _pilot):
        assert lines(table)[1].split()[3] == "27.000"


async def test_totals_are_of_the_picked_rows_and_say_so():
    async with desk(totals={"last": np.nansum}) as (_, table, pilot):
        table.pick(["k3", "k4"])
        assert lines(table)[-1].split() == ["Picked", "(2)", "7.00"]
        await pilot.press("escape")
        assert lines(table)[-1].split()[:2] == ["Total", "(30)"]

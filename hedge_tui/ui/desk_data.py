"""What the app reads from the engine for itself: names, settings, figures of the status lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.traffic import BANNED, name_of
from hedge_tui.ui.armed_sign import armed_sign
from hedge_tui.ui.panic_sign import panic_banner, panic_rows
from hedge_tui.ui.widgets.status_bar import Figures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hedge_tui.ui.app import HedgeApp
    from hedge_tui.wire.replica import Table

MARKETS_EVERY_S = 30.0
SILENT_S = 5.0
"""An engine that has not answered for this long may hang."""
FIRST_MARKETS_S = 0.5
NEVER_AWAY = ["No console has left yet: there is nothing to tell.", "A time of your own: away 8h"]


class DeskData:
    """Keeps `DeskState` up with the engine."""

    def __init__(self, app: HedgeApp) -> None:
        self._app = app
        self._seen: tuple[Table | None, int] = (None, -1)
        self._markets_due = 0.0
        self._told_away: set[int] = set()

    def attached(self) -> None:
        """A connection stands: take its names and settings in."""
        app, welcome = self._app, self._app.link.welcome
        if welcome is not None:
            app.state.trading = welcome.lock_holder == welcome.client_name
            app.state.holder = "" if app.state.trading else welcome.lock_holder
            app.state.locked = welcome.locked
        self._markets_due = 0.0
        app.run_worker(self._away(asked=False), group="data", name="away")
        app.run_worker(self.load_settings(), group="data", name="settings")
        app.run_worker(self.keep_markets(), group="markets", exclusive=True, name="markets")

    def tell_away(self, since_ns: int = 0) -> None:
        """Show what happened since then, or since nobody looked."""
        self._app.run_worker(self._away(since_ns, asked=True), group="data", name="away")

    async def _away(self, since_ns: int = 0, *, asked: bool) -> None:
        """Unasked, only after a long absence, and not over something that is open already."""
        app, least_s = self._app, self._app.settings.away_min * 60
        asking = {"since_ns": since_ns} if since_ns else {}
        try:
            found: dict[str, Any] = await app.link.client.query("away", **asking)
        except HedgeError as error:
            if asked:
                app.say(str(error), "error")
            return
        if not asked and (not least_s or found["absent_s"] < least_s or found["back_ns"] in self._told_away):
            return
        self._told_away.add(found["back_ns"])
        if asked or (
            len(app.screen_stack) == 1 and not app.desk_screen().bar.display and not app.guide.tour.on
        ):
            from hedge_tui.ui.modals.away import AwayDialog

            app.push_screen(AwayDialog(found["lines"] if found["since_ns"] else NEVER_AWAY))
        else:
            app.say("you were away; what happened: away", "information")

    async def load_settings(self) -> None:
        """Watchlist, aliases and settings that the engine keeps."""
        try:
            found: dict[str, dict[str, str]] = await self._app.link.client.query("settings")
        except HedgeError:
            return
        state = self._app.state
        state.aliases = dict(found.get("alias", {}))
        if watched := tuple(found.get("watch", {})):
            state.watchlist = watched
        self._app.apply_settings(found.get("set", {}))

    async def keep_markets(self) -> None:
        """Names and grids of all instruments; often at first, while the engine still loads them."""
        import asyncio

        pause = FIRST_MARKETS_S
        while self._app.link.attached:
            try:
                rows = await self._app.link.client.query("instruments")
            except HedgeError:
                return
            self._take_markets(rows)
            pause = MARKETS_EVERY_S if rows else min(pause * 1.5, 5.0)
            await asyncio.sleep(pause)

    def _take_markets(self, rows: list[dict[str, Any]]) -> None:
        app, state = self._app, self._app.state
        grew = len(rows) != len(state.markets)
        state.markets = {str(row["instrument"]): row for row in rows}
        if not state.instrument and state.markets:
            state.instrument = self._favourite()
        if grew:
            app.choices_changed()
            app.pump.reload()

    def _favourite(self) -> str:
        """The first market to show: of the watchlist, else the most traded, else Bitcoin's perpetual."""
        state = self._app.state
        if first := next((name for name in state.watchlist if name in state.markets), ""):
            return first
        return max(state.markets, key=lambda name: _rank(state.markets[name], trusted=self._turnovers))

    @property
    def _turnovers(self) -> bool:
        """Whether most turnovers are known; the first few say nothing about which is the largest."""
        rows = self._app.state.markets.values()
        return sum(bool(row.get("volume_24h")) for row in rows) * 2 >= len(rows)

    def look(self) -> None:
        """Names of accounts, when the table of accounts has changed."""
        table = self._app.link.replica.tables.get("accounts")
        if table is None or (table, table.revision) == self._seen:
            return
        self._seen = (table, table.revision)
        at = [table.columns.index(name) for name in ("name", "venue", "mode", "groups")]
        state = self._app.state
        state.accounts = {row[at[0]]: (row[at[1]], row[at[2]], row[at[3]]) for row in table.rows.values()}
        place = table.columns.index("state")
        state.locked = any(row[place] == "locked" for row in table.rows.values())
        if not state.scope and len(state.accounts) == 1:
            state.scope = next(iter(state.accounts))

    def figures(self, active: str) -> Figures:
        """What the status lines say now."""
        from hedge_tui.ui.app import SCREENS

        app, state = self._app, self._app.state
        replica = app.link.replica
        total = replica.tables.get("portfolio")
        accounts = replica.tables.get("accounts")

        def money(name: str) -> float:
            value = total.get("total:", name) if total is not None else None
            return math.nan if value is None else float(value)

        def count(name: str) -> int:
            if accounts is None or not accounts.columns:
                return 0
            place = accounts.columns.index(name)
            return sum(int(row[place]) for row in accounts.rows.values())

        summary = replica.tables.get("summary")

        def fact(name: str, unknown: Any = math.nan) -> Any:
            value = summary.get("desk", name) if summary is not None else None
            return unknown if value is None else value

        welcome = app.link.welcome
        return Figures(
            modes=state.modes() or (welcome.modes if welcome is not None else ()),
            scope=state.scope,
            screens=tuple((title, name == active) for name, title in SCREENS),
            currency=welcome.reporting_currency if welcome is not None else "",
            equity=money("equity"),
            pnl_today=money("pnl_today"),
            unrealized=money("unrealized"),
            exposure=money("exposure"),
            liquidation_pct=fact("liquidation_pct"),
            liquidation=" ".join(
                (str(fact("liquidation_account", "")), str(fact("liquidation_symbol", "")))
            ).strip(),
            funding_next=fact("funding_next"),
            funding_next_ns=int(fact("funding_next_ns", 0)),
            positions=int(fact("positions", 0)),
            unprotected=int(fact("unprotected", 0)),
            unknown=count("unknown"),
            orders=count("orders"),
            clock_ns=app.now_ns() // 1_000_000_000 * 1_000_000_000,
            link=app.link.state.value,
            linked=app.link.attached,
            trading=state.trading,
            locked=state.locked,
            armed=armed_sign(app.link),
            held=held_words(replica.tables.get("holds")),
            stops=stops_of(replica.tables.get("bans"), app.now_ns()),
        )

    def banner(self) -> str:
        """Words for the banner, "" while the engine is there."""
        link = self._app.link
        if link.attached and (silent := link.silent_s) >= SILENT_S:
            return (
                f"The engine has not answered for {int(silent)} s; figures are old, orders rest as they are\n"
                "It may hang. In a shell: hedge engine status says where, hedge panic works without it"
            )
        if link.attached:
            return panic_banner(panic_rows(link))
        if link.welcome is None and not link.reason:
            return ""
        since = max(0, int(self._app.monotonic() - link.since_s))
        return (
            f"The engine is not connected ({since} s). Orders at the venues are untouched; figures are old.\n"
            f"{link.reason or 'connecting'} - trying again by itself. In a shell: hedge engine status"
        )

    def alarm(self) -> str:
        """Words for the banner in red, "" while all is well: the journal cannot be written."""
        summary = self._app.link.replica.tables.get("summary")
        dead = str((summary.get("desk", "journal") if summary is not None else None) or "")
        if not dead or not self._app.link.attached:
            return ""
        return (
            f"ORDERS ARE REFUSED: {dead}\n"
            "Cancels and panic go through. Free space or mend the disk, then type: journal reopen"
        )

    def ask(self, name: str, take: Callable[[Any], None], **args: Any) -> None:
        """Ask once, in the background; no answer, no change."""

        async def asking() -> None:
            try:
                take(await self._app.link.client.query(name, **args))
            except HedgeError:
                return

        self._app.run_worker(asking(), group=f"ask:{name}", exclusive=True, name=name)


def held_words(holds: Table | None) -> str:
    """What is not ACTIVE, the worst first: "HALTED the desk +2"; "" for nothing."""
    found = []
    for row in holds.rows.values() if holds is not None else ():
        known = dict(zip(holds.columns, row, strict=True)) if holds is not None else {}
        found.append((str(known["state"]).upper(), str(known["of"])))
    if not found:
        return ""
    found.sort()  # HALTED before REDUCING, as it happens
    state, whose = found[0]
    more = f" +{len(found) - 1}" if len(found) > 1 else ""
    return f"{state} {whose}{more}"


def stops_of(bans: Table | None, now_ns: int) -> tuple[tuple[str, str, int], ...]:
    """(venue, word, seconds left) of what venues have stopped: bans before pauses, the longest first."""
    found: dict[str, tuple[bool, int]] = {}
    for row in bans.rows.values() if bans is not None else ():
        known = dict(zip(bans.columns, row, strict=True)) if bans is not None else {}
        left = -(-max(0, int(known["until_ns"]) - now_ns) // 1_000_000_000)
        venue = name_of(str(known["system"]))
        if left:
            found[venue] = max(found.get(venue, (False, 0)), (known["status"] == BANNED, left))
    ranked = sorted(found.items(), key=lambda one: one[1], reverse=True)
    return tuple((venue, "BANNED" if ban else "paused", left) for venue, (ban, left) in ranked)


def _rank(row: Mapping[str, Any], *, trusted: bool) -> tuple[float, bool, bool, bool]:
    turnover = float(row.get("volume_24h") or 0.0) if trusted else 0.0
    return turnover, row["base"] == "BTC", row["kind"] == "perpetual", row["quote"] == "USDT"

"""Carries out the commands that touch no venue: account, watch, set, alias, chart, help, note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.command.ast import (
    AccountScope,
    Alias,
    AliasAct,
    Away,
    Chart,
    Help,
    Ind,
    IndAct,
    Lock,
    Note,
    ScreenLayout,
    Set,
    Stress,
    Symbol,
    TableView,
    Tour,
    Watch,
)
from hedge_tui.command.help import help_for
from hedge_tui.domain import acts
from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.errors import CommandError
from hedge_tui.engine.counted import left_out
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.targets import instrument_anywhere
from hedge_tui.engine.pnl.commands import PnlCommands
from hedge_tui.engine.preset_sizes import COUNT as PRESETS
from hedge_tui.engine.preset_sizes import read_preset
from hedge_tui.engine.risk.margin_book import gather
from hedge_tui.engine.risk.stress import stress
from hedge_tui.engine.risk.stress_words import moves_of, stress_text
from hedge_tui.wire.messages import Done
from indicators.registry import parse as parse_indicator

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.command.ast import Cmd, Line
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.view import View
    from hedge_tui.wire.messages import Submit

SETTINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "theme": ("colours of the console", ("dark", "light")),
    "timeframe": ("of new charts", tuple(tf.value for tf in Timeframe)),
    "sound": ("a bell on alarms", ("on", "off")),
}
"""What `set` knows: key -> (meaning, values)."""


class DeskCommands:
    """One function per command; each answers with text and, where the console must act, an action."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[str, Callable[[Any, View], tuple[str, dict[str, Any]]]] = {
            AccountScope.kind: self._account,
            Watch.kind: self._watch,
            Set.kind: self._set,
            Alias.kind: self._alias,
            Chart.kind: self._chart,
            Ind.kind: self._ind,
            TableView.kind: self._view,
            ScreenLayout.kind: self._layout,
            Away.kind: self._away,
            Tour.kind: self._tour,
            Lock.kind: self._lock,
            Help.kind: self._help,
            Note.kind: self._note,
            **PnlCommands(desk).known,
        }

    def run(self, message: Submit, line: Line, view: View) -> Done:
        """Carry out every command of a line.

        Raises:
            CommandError: one cannot be carried out; those before it were.
        """
        texts: list[str] = []
        action: dict[str, Any] = {}
        for cmd in line.cmds:
            text, act = self._one(cmd, view)
            texts.append(text)
            action |= act
        return Done(message.id, "\n".join(texts), action)

    def _one(self, cmd: Cmd, view: View) -> tuple[str, dict[str, Any]]:
        if isinstance(cmd.body, Stress):
            return self._stress(cmd, cmd.body, view), {}
        handler = self._known.get(cmd.body.kind)
        if handler is None:
            raise CommandError(f"`{cmd.verb}` is not in this release", cmd.verb_span)
        return handler(cmd.body, view)

    def _account(self, body: AccountScope, view: View) -> tuple[str, dict[str, Any]]:
        if body.scope is None:
            return f"active: {view.scope or 'none'}", {}
        names = [a.name for a in view.accounts_of(body.scope, body.span)]
        if len(body.scope.items) > 1:
            raise CommandError(
                "the active scope is one account, group or venue",
                body.span,
                "write several before the verb: @a,b",
            )
        scope = body.scope.items[0].text
        return f"active: {scope} ({len(names)} account{'s' if len(names) > 1 else ''})", {"scope": scope}

    def _watch(self, body: Watch, view: View) -> tuple[str, dict[str, Any]]:
        for symbol in body.symbols:
            instrument = self._instrument(symbol, view)
            self._save("watch", instrument.id, "" if body.off else "1")
        shown = self.watchlist()
        return f"watchlist: {', '.join(shown) or 'empty; add with: watch BTC.p'}", {"watchlist": shown}

    def watchlist(self) -> list[str]:
        """Instruments put on the watchlist by hand, oldest first."""
        return [name for (scope, name) in self._desk.state.settings if scope == "watch"]

    def _set(self, body: Set, view: View) -> tuple[str, dict[str, Any]]:
        del view
        if not body.key:
            rows = [
                f"{key}: {self._setting(key) or 'default'} ({meaning})"
                for key, (meaning, _) in SETTINGS.items()
            ]
            return "\n".join([*rows, self._presets()]), {}
        if body.key == "preset":
            if body.value is None:
                return self._presets(), {}
            name, size = read_preset(body.value)
            self._save("set", name, size)
            return f"{name.replace('.', ' ')} is {size}", {"set": {name: size}}
        if body.key not in SETTINGS:
            raise CommandError(
                f"{body.key} is no setting", body.span, f"there are: {', '.join((*SETTINGS, 'preset'))}"
            )
        if body.value is None:
            return f"{body.key}: {self._setting(body.key) or 'default'}", {}
        allowed = SETTINGS[body.key][1]
        value = body.value.text.strip()
        if value not in allowed:
            raise CommandError(
                f"{value!r} is no value of {body.key}", body.value.span, f"one of: {', '.join(allowed)}"
            )
        self._save("set", body.key, value)
        return f"{body.key} is {value}", {"set": {body.key: value}}

    def _presets(self) -> str:
        sizes = [self._setting(f"preset.{n}") or "as configured" for n in range(1, PRESETS + 1)]
        return "preset: " + ", ".join(f"{n} {size}" for n, size in enumerate(sizes, 1))

    def _alias(self, body: Alias, view: View) -> tuple[str, dict[str, Any]]:
        del view
        if body.act is AliasAct.DEFINE and body.body is not None:
            self._save("alias", body.name, body.body.text)
            return f"{body.name} stands for: {body.body.text}", {}
        known = {name: text for (scope, name), text in self._desk.state.settings.items() if scope == "alias"}
        if body.name and body.name not in known:
            raise CommandError(
                f"{body.name} is no alias", body.span, f"there are: {', '.join(known) or 'none'}"
            )
        if body.act is AliasAct.REMOVE:
            self._save("alias", body.name, "")
            return f"{body.name} is gone", {}
        shown = {body.name: known[body.name]} if body.name else known
        return "\n".join(f"{name}: {text}" for name, text in shown.items()) or "no alias yet", {}

    def _chart(self, body: Chart, view: View) -> tuple[str, dict[str, Any]]:
        action: dict[str, Any] = {}
        if body.symbol is not None:
            action["chart"] = self._instrument(body.symbol, view).id
        if body.timeframe is not None:
            if body.timeframe not in set(Timeframe):
                raise CommandError(
                    f"{body.timeframe} is no timeframe", body.span, f"one of: {', '.join(Timeframe)}"
                )
            action["timeframe"] = body.timeframe
        return " ".join(str(v) for v in action.values()), action

    def _ind(self, body: Ind, view: View) -> tuple[str, dict[str, Any]]:
        del view
        if body.act is IndAct.ADD and body.expression is not None:
            try:
                call = parse_indicator(body.expression.text)
            except ValueError as error:
                raise CommandError(str(error), body.expression.span) from error
            return f"{call.text} on the chart", {"ind": {"add": call.text}}
        if body.act is IndAct.REMOVE:
            return f"{body.name} off the chart", {"ind": {"remove": body.name}}
        if body.act is IndAct.CLEAR:
            return "no indicators", {"ind": {"clear": True}}
        return "", {"ind": {"list": True}}

    def _view(self, body: TableView, view: View) -> tuple[str, dict[str, Any]]:
        del view
        return "", {"view": {"act": str(body.act), "name": body.name}}

    def _layout(self, body: ScreenLayout, view: View) -> tuple[str, dict[str, Any]]:
        del view
        return "", {"layout": {"act": str(body.act), "name": body.name}}

    def _away(self, body: Away, view: View) -> tuple[str, dict[str, Any]]:
        since_ns = view.now_ns - body.span_back.ns if body.span_back is not None else 0
        return "", {"away": since_ns}

    def _lock(self, body: Lock, view: View) -> tuple[str, dict[str, Any]]:
        del body, view
        return "", {"lock_screen": True}

    def _tour(self, body: Tour, view: View) -> tuple[str, dict[str, Any]]:
        del view
        return "", {"tour": not body.off}

    @staticmethod
    def _stress(cmd: Cmd, body: Stress, view: View) -> str:
        """Of the accounts that the line names, else of all: it sends nothing, so no scope is needed."""
        if cmd.scope is None:
            apart = left_out(account.account for account in view.accounts.values())
            accounts = [account for name, account in view.accounts.items() if name not in apart]
        else:
            accounts = view.accounts_of(cmd.scope, cmd.scope.span)
        result = stress(gather(accounts, view.markets), moves_of(body))
        return stress_text(result, view.markets.reporting, view.markets.instruments)

    def _help(self, body: Help, view: View) -> tuple[str, dict[str, Any]]:
        del view
        return str(help_for(body.topic, body.span)), {"help": body.topic}

    def _note(self, body: Note, view: View) -> tuple[str, dict[str, Any]]:
        on = f"{view.focus} " if view.focus and body.on is None else ""
        self._desk.note("info", "note", f"{on}{body.text.text}")
        return "noted", {}

    def _instrument(self, symbol: Symbol, view: View) -> Instrument:
        return instrument_anywhere(symbol, view)

    def _setting(self, key: str) -> str:
        return self._desk.state.settings.get(("set", key), "")

    def _save(self, scope: str, name: str, value: str) -> None:
        at = self._desk.clock.now_ns()
        drop(self._desk.record(acts.SettingChanged(at, scope, name, value, "keyboard")))

"""What becomes of a line: asked of the engine, previewed, confirmed, or shown as wrong.

Used by the command bar, by keys that stand for lines, and by the palette; the one way in which the console
makes anything happen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.errors import HedgeError
from hedge_tui.ui.command_bar.feedback import Fault
from hedge_tui.ui.modals.leg_results import summary
from hedge_tui.wire import messages as m
from hedge_tui.wire.client import RequestRefused

if TYPE_CHECKING:
    from hedge_tui.ui.app import HedgeApp
    from hedge_tui.ui.command_bar.bar import CommandBar


class LineDesk:
    """Lines of one console."""

    def __init__(self, app: HedgeApp) -> None:
        self._app = app

    def typed(self, bar: CommandBar, text: str) -> None:
        """A line from the command bar: what is wrong is shown in it."""
        self._app.run_worker(self._typed(bar, text), group="lines", exclusive=False, name="line")

    def chosen(self, text: str) -> None:
        """A line that a key stands for: what is wrong is said in a toast."""
        self._app.run_worker(self._chosen(text), group="lines", exclusive=False, name="line")

    async def _typed(self, bar: CommandBar, text: str) -> None:
        bar.wait("asking the engine ...")
        answer = await self._ask(text)
        if isinstance(answer, Fault):
            if not bar.is_open:
                self._app.say(answer.message, "error")
            bar.fail(answer)
            return
        if isinstance(answer, m.Preview):
            bar.close(keep=True)
            result = await self._confirm(answer)
            if result is None and not answer.preview_only:
                # Nothing was sent: the line stays, so that it can be changed instead of typed again.
                self._app.desk_screen().open_bar(text)
                return
        bar.close()
        self._app.desk_screen().back_to_pane()
        if isinstance(answer, m.Done):
            self._app.actions.carry_out(answer)
        elif isinstance(answer, m.Result):
            self._app.say(f"{summary(answer)} at once")

    async def _chosen(self, text: str) -> None:
        answer = await self._ask(text)
        match answer:
            case Fault():
                hint = f"\n{answer.hint}" if answer.hint else ""
                self._app.say(f"{text}\n{answer.message}{hint}", "error")
            case m.Preview():
                await self._confirm(answer)
            case m.Done():
                self._app.actions.carry_out(answer)
            case m.Result():
                pass  # a key is answered by what it changes on screen; fills and rejects are told as notices

    async def _ask(self, text: str) -> m.Preview | m.Done | m.Result | Fault:
        try:
            return await self.submit(text)
        except RequestRefused as error:
            failure = error.failure
            return Fault(text, failure.message, failure.span, failure.hint, failure.readings, failure.kind)
        except HedgeError as error:
            return Fault(text, str(error), kind="unreachable")

    async def submit(self, text: str) -> m.Preview | m.Done | m.Result:
        """Hand a line over with this console's scope, instrument and picked rows.

        Raises:
            RequestRefused: with the engine's Failure. EngineUnreachable: nobody listens.
        """
        app = self._app
        if not app.state.trading:
            await app.take_free_lock()
        return await app.link.client.submit(
            text,
            scope=app.state.scope,
            symbol=app.state.instrument,
            selection=app.desk_screen().selection(),
        )

    async def _loosen(self, question: m.Preview) -> m.Result | None:
        from hedge_tui.ui.modals.retype import RetypeDialog

        async def confirm(typed: str) -> m.Result:
            return await self._app.link.client.confirm(question.hash, typed=typed)

        result = await self._app.push_screen_wait(RetypeDialog(question, confirm))
        if result is not None:
            self._app.say(result.text, "information")
        return result

    async def _confirm(self, preview: m.Preview) -> m.Result | None:
        if preview.retype:
            return await self._loosen(preview)
        from hedge_tui.ui.modals.confirm import ConfirmDialog

        app = self._app
        scope, symbol = app.state.scope, app.state.instrument

        async def send(plan_hash: str) -> m.Result:
            return await app.link.client.confirm(plan_hash, wait=True)

        async def again() -> m.Preview:
            answer = await app.link.client.submit(preview.text, scope=scope, symbol=symbol)
            if not isinstance(answer, m.Preview):
                raise HedgeError("the line means something else now; type it again")
            return answer

        modes = {
            app.state.accounts[row.account][1] for row in preview.rows if row.account in app.state.accounts
        }
        if preview.asks:  # an envelope has no rows; its accounts are those in scope
            modes = set(app.state.modes())
        ranked = [mode for mode in ("live", "demo", "paper", "sandbox") if mode in modes]
        dialog = ConfirmDialog(
            preview,
            send,
            again,
            modes=tuple(ranked),
            trading=app.state.trading,
            take_over=app.take_lock,
        )
        result = await app.push_screen_wait(dialog)
        if result is not None:
            app.say(summary(result), "information")
        return result

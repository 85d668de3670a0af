"""An ExecutionClient for a paper account: live prices, simulated fills, no key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.client import PaperExecution
from adapters.paper.records import IncomeKind
from adapters.paper_accounts.reset import RESET
from hedge_tui.domain.account import CashFlow, Mode
from hedge_tui.domain.errors import ConfigError, OutcomeUnknown, Unavailable
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from adapters.paper_accounts.live_paper import LivePaper
    from hedge_tui.domain.account import Account, AccountSnapshot
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.order import OrderRef, OrderRequest, PositionSide
    from hedge_tui.domain.ports.venue import PrivateEvent

_NO_WRITE = "the paper account cannot be written to disk"


class LivePaperExecution(PaperExecution):
    """One paper account.

    Raises:
        ConfigError: the account is not a paper account.
    """

    def __init__(self, paper: LivePaper, account: Account) -> None:
        if account.mode is not Mode.PAPER:
            raise ConfigError(f"account {account.name} is {account.mode}: it cannot be traded on paper")
        super().__init__(paper, account.name, account.venue)
        self._paper = paper

    async def start(self, sink: Callable[[PrivateEvent], None]) -> None:
        """Bring the account back as it was; then see `PaperExecution.start`, and the newest fills."""
        self._sink = sink
        self._say(FeedState.STARTING)
        await self._paper.open(self.account)
        await super().start(sink)
        instruments = list(self._paper.venue.instruments)
        for fill in await super().fills(0, instruments):
            sink(fill)
        for row in self._paper.venue.income(self.account):
            if row.info == RESET and row.kind is IncomeKind.TRANSFER:
                id_ = f"reset-{row.income_id}"
                sink(CashFlow(self.account, id_, "transfer", row.asset, row.quantity, row.at_ns))

    async def place(self, requests: Sequence[OrderRequest]) -> list[Report]:
        """Each order is matched against the market as it is known now, and written down."""
        reports: list[Report] = []
        for request in requests:
            if not self._paper.serving(self.account):
                reports.append(self._told(request, ReportKind.NOT_SENT, "the paper account is not started"))
                continue
            try:
                await self._paper.ready(request)
            except Unavailable as error:
                why = f"{error}; a paper order needs live prices"
                reports.append(self._told(request, ReportKind.REJECTED, why, "NO_MARKET_DATA"))
                continue
            reports += await super().place([request])
        return reports if await self._durable() else [self._silent(report) for report in reports]

    async def cancel(self, refs: Sequence[OrderRef]) -> list[Report]:
        """See `PaperExecution.cancel`."""
        if not self._paper.serving(self.account):
            why = "the paper account is not started"
            now = self._now()
            return [
                Report(
                    ReportKind.CANCEL_REFUSED,
                    self.account,
                    ref.instrument,
                    ref.client_order_id,
                    now,
                    reason=why,
                )
                for ref in refs
            ]
        reports = await super().cancel(refs)
        return reports if await self._durable() else [self._silent(report) for report in reports]

    async def cancel_all(self, instrument: InstrumentId) -> bool:
        """See `PaperExecution.cancel_all`."""
        if not self._paper.serving(self.account):
            return False
        await super().cancel_all(instrument)
        return await self._durable()

    async def amend(self, ref: OrderRef, request: OrderRequest) -> Report:
        """See `PaperExecution.amend`."""
        if not self._paper.serving(self.account):
            return self._told(request, ReportKind.AMEND_REFUSED, "the paper account is not started")
        report = await super().amend(ref, request)
        return report if await self._durable() else self._silent(report)

    async def set_leverage(self, instrument: InstrumentId, leverage: Decimal) -> None:
        """See `PaperExecution.set_leverage`."""
        await super().set_leverage(instrument, leverage)
        await self._settled()

    async def set_margin_mode(self, instrument: InstrumentId, *, isolated: bool) -> None:
        """See `PaperExecution.set_margin_mode`."""
        await super().set_margin_mode(instrument, isolated=isolated)
        await self._settled()

    async def change_isolated_margin(
        self, instrument: InstrumentId, side: PositionSide, change: Decimal
    ) -> None:
        """See `PaperExecution.change_isolated_margin`."""
        await super().change_isolated_margin(instrument, side, change)
        await self._settled()

    async def set_hedge_mode(self, *, enabled: bool) -> None:
        """See `PaperExecution.set_hedge_mode`."""
        await super().set_hedge_mode(enabled=enabled)
        await self._settled()

    async def find_order(self, ref: OrderRef) -> Report | None:
        """One order by its client id, once it is on disk."""
        await self._written()
        return await super().find_order(ref)

    async def open_orders(self, instruments: Sequence[InstrumentId] = ()) -> list[Report]:
        """Everything resting, once it is on disk."""
        await self._written()
        return await super().open_orders(instruments)

    async def fills(self, since_ns: int, instruments: Sequence[InstrumentId]) -> list[Fill]:
        """Executions since `since_ns`, once they are on disk."""
        await self._written()
        known = [one for one in instruments if one in self._paper.venue.instruments]
        return await super().fills(since_ns, known)

    async def snapshot(self) -> AccountSnapshot:
        """Balances and positions at the newest mark."""
        await self._written()
        return await super().snapshot()

    async def stop(self) -> None:
        """Listen no more; the last account of the venue leaves everything on disk."""
        await super().stop()
        await self._paper.close(self.account)

    async def _durable(self) -> bool:
        if not self._paper.serving(self.account):
            return True  # nothing was done
        try:
            await self._paper.durable()
        except TimeoutError:
            return False
        return True

    async def _settled(self) -> None:
        """A setting that was changed is on disk."""
        self._paper.touch()
        await self._written()

    async def _written(self) -> None:
        if not self._paper.serving(self.account):
            raise Unavailable(f"the paper account {self.account} is not started")
        if not await self._durable():
            raise OutcomeUnknown(_NO_WRITE)

    def _told(self, request: OrderRequest, kind: ReportKind, reason: str, code: str = "local") -> Report:
        return Report(
            kind,
            self.account,
            request.instrument,
            request.client_order_id,
            self._now(),
            reason=reason,
            code=code,
        )

    def _silent(self, report: Report) -> Report:
        """What was done in memory and is not on disk is not certain."""
        silent = {
            ReportKind.CANCELLED: ReportKind.CANCEL_NO_ANSWER,
            ReportKind.AMENDED: ReportKind.AMEND_NO_ANSWER,
            ReportKind.REJECTED: ReportKind.REJECTED,
            ReportKind.CANCEL_REFUSED: ReportKind.CANCEL_REFUSED,
            ReportKind.AMEND_REFUSED: ReportKind.AMEND_REFUSED,
        }.get(report.kind, ReportKind.NO_ANSWER)
        return Report(
            silent,
            report.account,
            report.instrument,
            report.client_order_id,
            report.local_ns,
            reason=report.reason if silent is report.kind else _NO_WRITE,
            code=report.code,
        )

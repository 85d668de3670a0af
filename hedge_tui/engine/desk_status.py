"""What a desk says of itself: how much it holds and whether it is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hedge_tui
from hedge_tui.domain.health import FeedState
from hedge_tui.wire import messages as m

if TYPE_CHECKING:
    from hedge_tui.engine.desk import Desk


def desk_status(desk: Desk) -> dict[str, Any]:
    """Figures of the state, by their names in `hedge engine status --json`."""
    state = desk.state
    return {
        "version": hedge_tui.__version__,
        "protocol": m.PROTOCOL,
        "accounts": len(desk.accounts),
        "connected": sum(a.state is FeedState.LIVE for a in desk.accounts.values()),
        "instruments": len(desk.markets.instruments),
        "quotes": len(desk.markets.quotes),
        "working_orders": len(state.working),
        "unknown_orders": sum(o.status.value.endswith("unknown") for o in state.working_orders()),
        "in_doubt": sum(len(a.in_doubt) for a in desk.accounts.values()),
        "differences": sum(state.differences.values()),
        "journal": desk.journal.dead or "ok",
        "faults": desk.faults,
        "reporting_currency": desk.reporting,
    }

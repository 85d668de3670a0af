"""What ccxt.pro's watch methods answer, as private events: for venues without a frame parser of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.parse_account import balances_of, position_of
from adapters.via_ccxt.parse_fill import fill_of
from adapters.via_ccxt.parse_order import report_of
from hedge_tui.domain.account import AccountDelta, Balance

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.via_ccxt.speech import Speech
    from hedge_tui.domain.ports.venue import PrivateEvent

_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)


class GenericFrames:
    """Turns watch answers into events; remembers balances, because ccxt repeats all of them each time.

    Args:
        speech: of the account.
        emit: takes the events.
        skipped: told about rows that cannot be read.
    """

    def __init__(
        self, speech: Speech, emit: Callable[[PrivateEvent], None], skipped: Callable[[str], None]
    ) -> None:
        self._speech = speech
        self._emit = emit
        self._skipped = skipped
        self._balances: dict[str, Balance] = {}

    def take(self, name: str, answer: Any) -> None:
        """One answer of the watch method `name`."""
        if name == "watch_balance":
            self._take_balance(answer)
        elif name == "watch_positions":
            self._take_positions(answer)
        else:
            parse = fill_of if name == "watch_my_trades" else self._order
            for row in answer if isinstance(answer, list) else [answer]:
                try:
                    self._emit(parse(row, self._speech))
                except _UNREADABLE as error:
                    self._skipped(f"a row of {name} cannot be read: {error}")

    @staticmethod
    def _order(row: Any, speech: Speech) -> Any:
        return report_of(row, speech, with_request=True)

    def _take_balance(self, answer: Any) -> None:
        if not isinstance(answer, dict):
            self._skipped("a balance update is no structure")
            return
        changed = []
        for balance in balances_of(answer, self._speech, self._skipped):
            if self._balances.get(balance.asset) != balance:
                self._balances[balance.asset] = balance
                changed.append(balance)
        if changed:
            self._emit(AccountDelta(self._speech.account, self._speech.now_ns(), tuple(changed)))

    def _take_positions(self, answer: Any) -> None:
        positions = []
        for row in answer if isinstance(answer, list) else [answer]:
            try:
                positions.append(position_of(row, self._speech))
            except _UNREADABLE as error:
                self._skipped(f"a position cannot be read: {error}")
        if positions:
            self._emit(AccountDelta(self._speech.account, self._speech.now_ns(), positions=tuple(positions)))

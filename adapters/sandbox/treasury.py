"""Money that moves otherwise than by trading: between wallets, between accounts, in from and out to a chain.

One for both venues. The handlers of `spot.wallet` ask it; the control port brings deposits through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from adapters.paper.refusal import PaperRefusal, RefusalCode

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.sandbox.served_venue import ServedVenue

Wallet = Literal["spot", "usdm"]
_FIRST_ID = 100_000_000_001


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that went from one wallet to another.

    Attributes:
        tran_id: unique, rising. source, target: account names. quantity: > 0, units of `asset`.
        between_accounts: asked for as a transfer between accounts, even if both are the same.
        client_id: the client's word for it, or "".
    """

    tran_id: int
    at_ms: int
    asset: str
    quantity: Decimal
    source: str
    source_wallet: Wallet
    target: str
    target_wallet: Wallet
    between_accounts: bool = False
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class ChainMove:
    """A deposit from outside (`quantity` > 0) or a withdrawal (< 0); done when it is recorded.

    Attributes:
        address: where a withdrawal went; of a deposit the account's own. client_id: withdrawOrderId, or "".
    """

    move_id: int
    at_ms: int
    account: str
    asset: str
    quantity: Decimal
    address: str
    network: str
    client_id: str = ""


class Treasury:
    """All transfers, deposits and withdrawals since the start.

    Attributes:
        venues: the two wallets of every account; each venue enters itself.
    """

    def __init__(self) -> None:
        self.venues: dict[Wallet, ServedVenue] = {}
        self.transfers: list[Transfer] = []
        self.moves: list[ChainMove] = []
        self._next_id = _FIRST_ID

    def transfer(
        self,
        source: tuple[str, Wallet],
        target: tuple[str, Wallet],
        asset: str,
        quantity: Decimal,
        *,
        between_accounts: bool = False,
        client_id: str = "",
    ) -> Transfer:
        """Move money between two (account, wallet) pairs; both sides' listeners are told.

        Raises:
            PaperRefusal: UNKNOWN_ACCOUNT; UNKNOWN_INSTRUMENT: the futures wallet does not take the asset;
                INSUFFICIENT_BALANCE: less is free. Nothing has moved.
        """
        for account, wallet in (source, target):
            self._check(account, wallet, asset)
        giver, taker = self.venues[source[1]], self.venues[target[1]]
        out, into = ("WITHDRAW", "DEPOSIT") if between_accounts or source[1] != target[1] else ("", "")
        giver.transfer(source[0], asset, -quantity, _reason(source[1], out))
        taker.transfer(target[0], asset, quantity, _reason(target[1], into))
        done = Transfer(
            self._id(),
            giver.clock.now_ms(),
            asset,
            quantity,
            *source,
            *target,
            between_accounts=between_accounts,
            client_id=client_id,
        )
        self.transfers.append(done)
        return done

    def deposit(self, account: str, asset: str, quantity: Decimal) -> ChainMove:
        """Bring money from outside into a spot wallet.

        Raises:
            PaperRefusal: UNKNOWN_ACCOUNT.
        """
        self.venues["spot"].transfer(account, asset, quantity, "DEPOSIT")
        return self._note(account, asset, quantity, address=f"sandbox-{account}", network=asset)

    def withdraw(
        self,
        account: str,
        asset: str,
        quantity: Decimal,
        *,
        address: str,
        network: str = "",
        client_id: str = "",
    ) -> ChainMove:
        """Send money out of a spot wallet.

        Raises:
            PaperRefusal: UNKNOWN_ACCOUNT or INSUFFICIENT_BALANCE; nothing has moved.
        """
        self.venues["spot"].transfer(account, asset, -quantity, "WITHDRAW")
        return self._note(
            account, asset, -quantity, address=address, network=network or asset, client_id=client_id
        )

    def clear(self) -> None:
        """Forget all; ids go on."""
        self.transfers.clear()
        self.moves.clear()

    def _check(self, account: str, wallet: Wallet, asset: str) -> None:
        venue = self.venues[wallet]
        if all(one.name != account for one in venue.accounts):
            raise PaperRefusal(RefusalCode.UNKNOWN_ACCOUNT, f"there is no account {account}")
        if wallet == "usdm" and all(one.settle != asset for one in venue.instruments.values()):
            raise PaperRefusal(RefusalCode.UNKNOWN_INSTRUMENT, f"{asset} is no asset of futures wallets")

    def _note(
        self, account: str, asset: str, quantity: Decimal, *, address: str, network: str, client_id: str = ""
    ) -> ChainMove:
        at_ms = self.venues["spot"].clock.now_ms()
        move = ChainMove(self._id(), at_ms, account, asset, quantity, address, network, client_id)
        self.moves.append(move)
        return move

    def _id(self) -> int:
        self._next_id += 1
        return self._next_id - 1


def _reason(wallet: Wallet, word: str) -> str:
    """Futures tell a transfer as a deposit or a withdrawal; spot has one word for both."""
    return word if wallet == "usdm" and word else "TRANSFER"

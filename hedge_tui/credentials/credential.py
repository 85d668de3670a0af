"""One venue account's keys as the rest of the program sees them: handed out by the vault, one entry each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.domain.key_rights import KeyRights
    from hedge_tui.domain.secret import Secret


class KeyType(StrEnum):
    """How requests are signed with the secret."""

    HMAC = "hmac"
    RSA = "rsa"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Credential:
    """The keys of one account at one venue.

    Attributes:
        name: the entry's name in the vault; accounts in the config refer to it.
        venue: the venue's id, as in the config.
        api_key: the public part. Kept as a secret too, since venues accept it in support requests.
        secret: the signing secret, or a private key in PEM form for RSA and Ed25519.
        passphrase: the extra word some venues ask for; None where there is none.
        created_ns: when the entry was added, UTC nanoseconds.
        rights: what the venue said the key may do when last checked; None when never checked.
        checked_ns: when that was, UTC nanoseconds; 0 for never.
        accepted: dangers that the trader accepted by typing so. accepted_ns: when, UTC nanoseconds.
        key_type: how requests are signed.
    """

    name: str
    venue: str
    api_key: Secret
    secret: Secret
    passphrase: Secret | None
    created_ns: int
    key_type: KeyType = KeyType.HMAC
    rights: KeyRights | None = None
    checked_ns: int = 0
    accepted: tuple[str, ...] = ()
    accepted_ns: int = 0

    def secrets(self) -> tuple[Secret, ...]:
        """Every secret value of this credential, for the redactor."""
        found = (self.api_key, self.secret)
        return found if self.passphrase is None else (*found, self.passphrase)

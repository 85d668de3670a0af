"""From a passphrase to a key: Argon2id, with limits that hold before a byte is allocated.

The parameters stand in the vault's header, which an attacker can write. Too little would make guessing cheap,
too much would take the machine down while opening; both are refused.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.credentials.errors import AbsurdKdfParametersError

if TYPE_CHECKING:
    from hedge_tui.domain.secret import Secret

KEY_BYTES = 32
SALT_BYTES = 16
_MIB = 1024  # Argon2 counts memory in KiB


@dataclass(frozen=True, slots=True)
class Argon2Parameters:
    """Cost of one Argon2id derivation.

    Attributes:
        memory_kib: memory in KiB; 64 MiB to 1 GiB.
        passes: iterations over that memory; 3 to 10.
        lanes: threads; 4 to 16.
    """

    memory_kib: int = 256 * _MIB
    passes: int = 3
    lanes: int = 4

    def check(self) -> None:
        """Raise unless every parameter lies within the limits.

        Raises:
            AbsurdKdfParametersError: below the floor or above the ceiling; names the value and the limit.
        """
        for name, value, low, high in (
            ("memory", self.memory_kib, FLOOR.memory_kib, CEILING.memory_kib),
            ("passes", self.passes, FLOOR.passes, CEILING.passes),
            ("lanes", self.lanes, FLOOR.lanes, CEILING.lanes),
        ):
            if not low <= value <= high:
                unit = " KiB" if name == "memory" else ""
                raise AbsurdKdfParametersError(
                    f"the vault asks for Argon2id {name} {value}{unit}; allowed is {low} to {high}{unit}. "
                    "The file was not written by hedge or was altered: restore it from a backup."
                )


FLOOR = Argon2Parameters(memory_kib=64 * _MIB, passes=3, lanes=4)
CEILING = Argon2Parameters(memory_kib=1024 * _MIB, passes=10, lanes=16)
STANDARD = Argon2Parameters()
"""256 MiB, 3 passes, 4 lanes: about 0.4 s."""


def derive_key(passphrase: Secret, salt: bytes, parameters: Argon2Parameters) -> bytes:
    """The 32-byte key of `passphrase`; takes tenths of a second and `parameters.memory_kib` of memory.

    The passphrase is brought to Unicode NFC first: the same word typed on two systems gives the same key.

    Raises:
        AbsurdKdfParametersError: the parameters are outside the limits; nothing was allocated.
    """
    parameters.check()
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        secret=unicodedata.normalize("NFC", passphrase.reveal()).encode(),
        salt=salt,
        time_cost=parameters.passes,
        memory_cost=parameters.memory_kib,
        parallelism=parameters.lanes,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )

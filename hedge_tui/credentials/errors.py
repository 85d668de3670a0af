"""What can be wrong with the vault, one class per thing the trader can do about it.

    CredentialError (of the domain)
    └── VaultError
        ├── VaultMissingError            make one
        ├── VaultExistsError             open it instead
        ├── UnsafeVaultFileError         fix owner, mode or place
        ├── VaultWriteError              free the disk; the old file stands
        ├── VaultDamagedError            restore a backup (a flaw of the disk)
        ├── VaultTamperedError           restore a backup (somebody altered it)
        ├── VaultRolledBackError         an older copy came back: find out who put it there
        ├── AbsurdKdfParametersError     restore a backup
        ├── WrongPassphraseError         type again
        ├── TooManyAttemptsError         wait, then type again
        ├── WrongUnlockerError           open it another way
        ├── VaultConflictError           open again, then repeat the change
        ├── VaultLockedError             unlock first
        ├── VaultEntryError              fix the entry's name or value
        ├── UnlockCommandError           mend the command in the config, or type the passphrase
        ├── UnlockCredentialError        mend the systemd unit, or type the passphrase
        └── KeyringUnavailableError      use the passphrase
            ├── KeyringMissingError      no accepted keyring on this machine
            └── KeyringLockedError       unlock the keyring

No message ever holds a secret or a part of one.
"""

from __future__ import annotations

from hedge_tui.domain.errors import CredentialError


class VaultError(CredentialError):
    """The vault cannot do what was asked; the message says what to do."""


class VaultMissingError(VaultError):
    """There is no vault file yet."""


class VaultExistsError(VaultError):
    """A vault was to be made where a file already stands."""


class UnsafeVaultFileError(VaultError):
    """Owner, mode, kind or folder of the file would let others read or replace it."""


class VaultWriteError(VaultError):
    """The disk refused the new file."""


class VaultDamagedError(VaultError):
    """The file is cut short or fails its checksum."""


class VaultTamperedError(VaultError):
    """The file is well formed but its authentication fails."""


class VaultRolledBackError(VaultError):
    """The file is older than the newest one this machine has written."""


class AbsurdKdfParametersError(VaultError):
    """The header asks for a key derivation that is too cheap or too large."""


class WrongPassphraseError(VaultError):
    """The passphrase does not open this vault."""


class TooManyAttemptsError(VaultError):
    """Several passphrases were wrong; the next one is not looked at yet."""


class WrongUnlockerError(VaultError):
    """The vault has no slot for this way of unlocking, or the keyring holds another vault's key."""


class VaultConflictError(VaultError):
    """Another process saved the vault in between."""


class VaultLockedError(VaultError):
    """The vault was closed, or its key changed since it was opened."""


class VaultEntryError(VaultError):
    """An entry's name is unknown, taken or malformed, or a value is empty."""


class UnlockCommandError(VaultError):
    """The configured command gave no passphrase."""


class UnlockCredentialError(VaultError):
    """systemd gave no usable credential."""


class KeyringUnavailableError(VaultError):
    """The OS keyring did not serve."""


class KeyringMissingError(KeyringUnavailableError):
    """No accepted keyring on this machine."""


class KeyringLockedError(KeyringUnavailableError):
    """The keyring is there but locked."""

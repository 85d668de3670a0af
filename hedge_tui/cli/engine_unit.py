"""The text of a systemd unit that runs an engine unattended, its vault opened by an encrypted credential."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.config.paths import Paths

UNIT = """\
# Runs the engine of one desk from boot on, without anybody at the keyboard. Put it in place once:
#
#   hedge engine unit{given} | sudo tee /etc/systemd/system/hedge-engine.service
#   systemd-ask-password -n "passphrase of the vault:" |
#     sudo systemd-creds encrypt --name={name} - /etc/credstore.encrypted/{name}
#   sudo systemctl daemon-reload && sudo systemctl enable --now hedge-engine
#
# and in {config}:
#
#   [vault]
#   unlock = "credential"
#   credential = "{name}"
#
# The credential is encrypted for this machine (with its TPM where it has one). Whoever is root here can
# open it: that is the price of a start that nobody attends.
[Unit]
Description=hedge engine ({data})
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
User={user}
ExecStart={python} -P -m hedge_tui engine run --data-dir {data} --config {config}
LoadCredentialEncrypted={name}:/etc/credstore.encrypted/{name}
Restart=on-failure
RestartSec=5
# It finishes what is on its way, and says goodbye to the venues.
TimeoutStopSec=15
UMask=0077
LimitCORE=0
NoNewPrivileges=yes
ProtectSystem=full
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
# The socket is in /tmp, where the consoles look for it.
PrivateTmp=no

[Install]
WantedBy=multi-user.target
"""


def unit_text(paths: Paths, credential: str, *, data_dir_given: bool) -> str:
    """The unit for the desk at `paths`, with the paths of this machine."""
    return UNIT.format(
        name=credential,
        config=_word(str(paths.config_file)),
        data=_word(str(paths.data_dir)),
        given=f" --data-dir {_word(str(paths.data_dir))}" if data_dir_given else "",
        python=_word(sys.executable),
        user=getpass.getuser(),
    )


def _word(path: str) -> str:
    """A path as one word of a unit file: systemd expands % and $ and splits at blanks."""
    path = path.replace("%", "%%").replace("$", "$$")
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"' if set(path) & set(" \t'\"\\") else path

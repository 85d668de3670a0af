"""Hardening, seen from inside a process that was hardened."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROBE = """
import json, os, resource, tempfile
from dataclasses import asdict
from hedge_tui.credentials.process import harden
done = asdict(harden())
path = os.path.join(tempfile.mkdtemp(), "f")
os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
done["mode"] = os.stat(path).st_mode & 0o777
done["core"] = resource.getrlimit(resource.RLIMIT_CORE)
if os.path.exists("/proc/self/maps"):
    import ctypes
    done["dumpable"] = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
print(json.dumps(done))
"""


def test_a_hardened_process_is_closed() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout)
    assert seen["no_core_dump"]
    assert seen["core"] == [0, 0]
    assert seen["mode"] == 0o600
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux can forbid reading by other processes")
    assert seen["not_dumpable"]
    assert seen["dumpable"] == 0

"""The sandbox's own certificate authority, and its certificate for the venue's host names."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = (
    "api.binance.com",
    "api1.binance.com",
    "api2.binance.com",
    "api3.binance.com",
    "api4.binance.com",
    "fapi.binance.com",
    "dapi.binance.com",
    "sapi.binance.com",
    "stream.binance.com",
    "fstream.binance.com",
    "dstream.binance.com",
    "ws-api.binance.com",
    "ws-fapi.binance.com",
    "localhost",
    "127.0.0.1",
)
"""Every name under which a client may reach the sandbox."""
CA_FILE = "sandbox-ca.pem"


def server_context(directory: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a fresh CA and server certificate; write the CA's certificate for clients to trust.

    Returns:
        The server's TLS context, and the path of the PEM file with the CA certificate. The CA's private key
        is never written, so the file cannot be used to sign for another host.
    """
    import trustme

    authority = trustme.CA(organization_name="hedge sandbox")
    certificate = authority.issue_cert(*HOSTS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    directory.mkdir(parents=True, exist_ok=True)
    ca_file = directory / CA_FILE
    authority.cert_pem.write_to_path(str(ca_file))
    return context, ca_file


def client_context(ca_file: Path) -> ssl.SSLContext:
    """A TLS context that trusts only the sandbox's CA."""
    return ssl.create_default_context(cafile=str(ca_file))

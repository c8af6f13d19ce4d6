"""
TLS from the ``tls*`` options of a URI, by the standard library's ``ssl``.

The same choices as PyMongo's async client makes, so that both of a lane's
halves trust the same servers. Specification: uri-options, and the driver's
"TLS" options: https://www.mongodb.com/docs/manual/reference/connection-string/
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from ..errors import ConfigurationError

__all__ = ["tls_context"]


def tls_context(options: Mapping[str, Any]) -> ssl.SSLContext | None:
    """
    The context for these options, or None when they ask for no TLS.

    Args:
        options: by lower-case name, as in a URI (``tls``, ``tlscafile``, ...).

    Raises:
        ConfigurationError: a file that cannot be used. Never shows the key's
            password.
    """
    if not options.get("tls"):
        return None
    insecure = bool(options.get("tlsinsecure"))
    any_certificate = insecure or bool(options.get("tlsallowinvalidcertificates"))
    any_name = insecure or bool(options.get("tlsallowinvalidhostnames"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.check_hostname = not (any_certificate or any_name)
    context.verify_mode = ssl.CERT_NONE if any_certificate else ssl.CERT_REQUIRED
    try:
        _load_files(context, options, trust_default=not any_certificate)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"a TLS file cannot be used: {error}") from None
    return context


def _load_files(
    context: ssl.SSLContext, options: Mapping[str, Any], *, trust_default: bool
) -> None:
    key_file = options.get("tlscertificatekeyfile")
    if key_file is not None:
        password = options.get("tlscertificatekeyfilepassword")
        context.load_cert_chain(key_file, password=password or "")
    revoked = options.get("tlscrlfile")
    if revoked is not None:
        context.verify_flags = ssl.VERIFY_CRL_CHECK_LEAF
        context.load_verify_locations(revoked)
    authorities = options.get("tlscafile")
    if authorities is not None:
        context.load_verify_locations(authorities)
    elif trust_default:
        context.load_default_certs()

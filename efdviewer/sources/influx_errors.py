"""Turns what aiohttp and a server say into errors for a person."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import msgpack
import orjson

from efdviewer.domain.errors import (
    AddressError,
    CredentialsError,
    ReplyError,
    SilenceError,
    StreamCutError,
    UnreachableError,
)
from efdviewer.sources.decode_packed import CONTENT_TYPE
from efdviewer.sources.reply import error_in, refused

_NETWORK = "Check the address and, if it lies behind one, the VPN."
_LONGEST_MESSAGE = 65_536


async def refuse_bad_status(response: aiohttp.ClientResponse) -> None:
    """Raise what a status other than 200 means; aioinflux itself would read it as no rows.

    Raises
    ------
    SourceError
        For every status but 200, and for a page in place of data.
    """
    if response.status == 200 and "html" not in response.content_type:
        return
    try:
        refuse_redirect(response)
        where = f"{response.url.host}:{response.url.port}"
        if "html" in response.content_type:
            raise ReplyError(
                f"{where} answered with a web page ({response.status} {response.reason}), not with data.",
                hint="Is a proxy or log-in page in the way, and are port and path right?",
            )
        body = await _start_of(response)
    finally:
        response.close()
    message = _message(body, response.content_type)
    # A web server of another kind says in a short text what is wrong, e.g. that it wants TLS.
    words = message or body.decode("utf-8", "replace").strip()[:200]
    detail = f": {words.rstrip('.')}" if words else ""
    match response.status:
        case 401:
            raise CredentialsError(
                f"{where} refuses the user name or password{detail}.", hint="Enter them again."
            )
        case 403:
            raise CredentialsError(
                f"{where} does not allow this account to do that{detail}.",
                hint="Check the database, or ask for access to it.",
            )
        case 404:
            raise ReplyError(
                f"{where} has no InfluxDB 1.x at {response.url.path}{detail}.",
                hint="Check the path of the address.",
            )
    if message:
        raise refused(message)
    raise ReplyError(
        f"{where} failed: {response.status} {response.reason}{detail}.",
        hint="Try again later." if response.status >= 500 else "Check the address, and whether it wants TLS.",
    )


def refuse_redirect(response: aiohttp.ClientResponse) -> None:
    """Raise that a server sends us elsewhere, and where to.

    Raises
    ------
    ReplyError
        If the status is that of a redirect.
    """
    if 300 <= response.status < 400:
        target = response.headers.get("Location", "an unnamed place")
        response.close()
        raise ReplyError(
            f"{response.url.host}:{response.url.port} sends us on to {target}.",
            hint="If that is the right place, put it into the address; check TLS and the path.",
        )


async def _start_of(response: aiohttp.ClientResponse) -> bytes:
    body = b""
    while len(body) < _LONGEST_MESSAGE and (piece := await response.content.read(_LONGEST_MESSAGE)):
        body += piece
    return body


def _message(body: bytes, content_type: str) -> str:
    """Give the text of an error of version 1 or 2; empty where there is none."""
    try:
        return error_in(msgpack.unpackb(body) if content_type == CONTENT_TYPE else orjson.loads(body))
    except ValueError:
        return ""


@contextmanager
def mapped(where: str, *, tls: bool = False) -> Iterator[None]:
    """Wrap what goes wrong on the way to a server.

    Raises
    ------
    SourceError
        One of its children, with the address and what to try.
    AddressError
        If the address cannot be that of a server.
    """
    scheme = "influxdb://" if tls else "influxdbs://"
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise UnreachableError(
            f"The certificate of {where} cannot be trusted: {_reason(error.certificate_error)}.",
            hint="Check the host's name, and this machine's clock and certificates.",
        ) from error
    except (aiohttp.ClientConnectorSSLError, ssl.SSLError) as error:
        raise UnreachableError(
            f"{where} does not speak TLS as it should: {_reason(error)}.", hint=f"Perhaps it wants {scheme}"
        ) from error
    except aiohttp.ClientConnectorDNSError as error:
        raise UnreachableError(f"The host of {where} is unknown.", hint=_NETWORK) from error
    except aiohttp.ClientConnectorError as error:
        raise UnreachableError(
            f"{where} cannot be reached: {_reason(error.os_error)}.", hint=_NETWORK
        ) from error
    except aiohttp.ConnectionTimeoutError as error:
        raise UnreachableError(f"{where} did not accept the connection in time.", hint=_NETWORK) from error
    except TimeoutError as error:
        raise SilenceError(
            f"{where} sent nothing for too long.", hint="Try again, or a shorter range."
        ) from error
    except aiohttp.ServerDisconnectedError as error:
        raise StreamCutError(
            f"{where} closed the connection without an answer.", hint=f"Try again. Perhaps it wants {scheme}"
        ) from error
    except (aiohttp.ClientPayloadError, aiohttp.ClientOSError, ConnectionError) as error:
        raise StreamCutError(f"The connection to {where} was cut.", hint="Try again.") from error
    except aiohttp.ClientResponseError as error:
        reason = error.message.partition("\n")[0] or str(error.status)
        raise ReplyError(
            f"{where} does not speak HTTP: {reason.rstrip(':')}.",
            hint=f"Check the port. Perhaps it wants {scheme}",
        ) from error
    except aiohttp.InvalidURL as error:
        raise AddressError(
            f"{where} is not the address of a server.", hint="Example: influxdb://host:8086"
        ) from error
    except (aiohttp.ClientError, OSError) as error:
        raise UnreachableError(f"Asking {where} failed: {_reason(error)}.", hint=_NETWORK) from error


def _reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and error.errno:
        # asyncio's own words would only repeat the address.
        return os.strerror(error.errno)
    return str(error) or type(error).__name__

"""Turns what aiohttp and a server say into errors for a person."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import orjson

from efdviewer.domain.errors import (
    CredentialsError,
    QueryError,
    ReplyError,
    SilenceError,
    SourceError,
    StreamCutError,
    UnreachableError,
)
from efdviewer.sources.decode import hint_for

_NETWORK = "Check the address and, if it lies behind one, the VPN."


async def refuse_bad_status(response: aiohttp.ClientResponse) -> None:
    """Raise what a status other than 200 means; aioinflux itself would read it as no rows.

    Raises
    ------
    SourceError
        For every status but 200, and for a page in place of data.
    """
    where = f"{response.url.host}:{response.url.port}"
    if response.status == 200:
        if "html" in response.content_type:
            raise ReplyError(
                f"{where} answered with a web page, not with data.",
                hint="Is a proxy or log-in page in the way, and the path right?",
            )
        return
    if 300 <= response.status < 400:
        target = response.headers.get("Location", "another place")
        raise ReplyError(
            f"{where} sent us on to {target}.", hint="Use that address directly; check TLS and the path."
        )
    message = _message(await response.read())
    if response.status == 401:
        raise CredentialsError(
            f"{where} refused the user name or password{message}.", hint="Enter them again."
        )
    if response.status == 403:
        raise CredentialsError(
            f"{where} does not allow this account to do that{message}.", hint="Ask for access."
        )
    if response.status == 404:
        raise ReplyError(
            f"{where} has nothing at {response.url.path}.", hint="Check the path of the address."
        )
    if response.status >= 500:
        raise SourceError(
            f"{where} is in trouble: {response.status} {response.reason}{message}.", hint="Try again later."
        )
    raise QueryError(
        f"{where} refused: {response.status} {response.reason}{message}.", hint=hint_for(message)
    )


def _message(body: bytes) -> str:
    """Give the error text in a reply of version 1 or 2, after a colon; empty where there is none."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    text = document.get("error") or document.get("message") if isinstance(document, dict) else None
    return f": {text}" if text else ""


@contextmanager
def mapped(address: str) -> Iterator[None]:
    """Wrap what goes wrong on the way to a server.

    Raises
    ------
    SourceError
        One of its children, with the address and what to try.
    """
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise UnreachableError(
            f"The certificate of {address} cannot be trusted: {error.certificate_error}.",
            hint="Check the host's name and this machine's clock and certificates.",
        ) from error
    except (aiohttp.ClientConnectorSSLError, ssl.SSLError) as error:
        raise UnreachableError(
            f"{address} does not speak TLS.", hint="Try influxdb:// in place of influxdbs://."
        ) from error
    except aiohttp.ClientConnectorDNSError as error:
        raise UnreachableError(f"The host of {address} is unknown.", hint=_NETWORK) from error
    except aiohttp.ClientConnectorError as error:
        reason = error.os_error.strerror or str(error.os_error)
        raise UnreachableError(f"{address} cannot be reached: {reason}.", hint=_NETWORK) from error
    except aiohttp.ConnectionTimeoutError as error:
        raise UnreachableError(f"{address} did not answer in time.", hint=_NETWORK) from error
    except TimeoutError as error:
        raise SilenceError(
            f"{address} fell silent in the middle of an answer.", hint="Try again, or a shorter range."
        ) from error
    except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionResetError) as error:
        raise StreamCutError(f"The connection to {address} was cut.", hint="Try again.") from error
    except aiohttp.ClientResponseError as error:
        raise ReplyError(
            f"{address} does not speak HTTP as InfluxDB does: {error.message}.",
            hint="Check the port, and whether it wants influxdbs://.",
        ) from error
    except (aiohttp.ClientError, OSError) as error:
        raise SourceError(f"Asking {address} failed: {error}.", hint=_NETWORK) from error

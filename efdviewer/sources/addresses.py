"""Addresses of sources: `influxdb://[user@]host[:port][/path]?db=efd[&rp=autogen]`, or a folder."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from efdviewer.domain.errors import AddressError

_PORTS = {"influxdb": 8086, "influxdbs": 443}
_FORM = "The form is influxdb://[user@]host[:port][/path]?db=NAME[&rp=POLICY], or influxdbs:// for TLS."


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluxAddress:
    """An InfluxDB database; `str()` gives the address without a password."""

    host: str
    port: int
    database: str
    path: str = "/"
    retention_policy: str | None = None
    tls: bool = False
    username: str | None = None

    def __str__(self) -> str:
        scheme = "influxdbs" if self.tls else "influxdb"
        user = f"{quote(self.username, safe='')}@" if self.username else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        policy = f"&rp={quote(self.retention_policy, safe='')}" if self.retention_policy else ""
        path = quote(self.path.rstrip("/"))
        return f"{scheme}://{user}{host}:{self.port}{path}?db={quote(self.database, safe='')}{policy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveAddress:
    """A folder that is an archive."""

    folder: Path

    def __str__(self) -> str:
        return str(self.folder)


SourceAddress = InfluxAddress | ArchiveAddress


def parse_address(text: str) -> SourceAddress:
    """Read an address.

    Raises
    ------
    AddressError
        If it cannot be read, or holds a password; the message says what is wrong and repeats no secret.
    """
    if "://" not in text:
        return ArchiveAddress(folder=Path(text).expanduser())
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise AddressError(f"The address cannot be read: {error}.", hint=_FORM) from error
    if parts.scheme not in _PORTS:
        raise AddressError(f"'{parts.scheme}://' is not a kind of source.", hint=_FORM)
    if parts.password is not None:
        raise AddressError(
            "A password must not stand in an address.",
            hint="Use EFDVIEWER_PASSWORD, the keyring or the prompt.",
        )
    if not parts.hostname:
        raise AddressError("The address names no host.", hint=_FORM)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(options.keys() - {"db", "rp"}):
        raise AddressError(f"'{unknown[0]}' is not part of an address.", hint=_FORM)
    if not options.get("db"):
        raise AddressError("The address names no database.", hint=_FORM)
    path = unquote(parts.path) or "/"
    return InfluxAddress(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        database=options["db"],
        path=path if path.endswith("/") else f"{path}/",
        retention_policy=options.get("rp") or None,
        tls=parts.scheme == "influxdbs",
        username=unquote(parts.username) if parts.username else None,
    )

"""Named connections: those that were saved, and those that a site lists in `$EFDAUTH`."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from platformdirs import user_config_dir

from efdviewer.domain.errors import BadInputError, EfdViewerError
from efdviewer.sources.addresses import InfluxAddress, SourceAddress, parse_address


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionProfile:
    """A name for an address; passwords are kept elsewhere."""

    name: str
    address: str


def saved_profiles() -> list[ConnectionProfile]:
    """List the saved connections by name.

    Raises
    ------
    BadInputError
        If the file is damaged; it is left as it is.
    """
    path = _path()
    try:
        return [ConnectionProfile(**parts) for parts in orjson.loads(path.read_bytes())]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise BadInputError(
            f"The saved connections in {path} cannot be read.", hint="Mend or remove it."
        ) from error


def save_profile(profile: ConnectionProfile) -> None:
    """Save a connection, in place of one of the same name.

    Raises
    ------
    EfdViewerError
        If it cannot be written.
    """
    parse_address(profile.address)
    others = [known for known in saved_profiles() if known.name != profile.name]
    _write(sorted([*others, profile], key=lambda known: known.name))


def remove_profile(name: str) -> None:
    """Forget a saved connection.

    Raises
    ------
    EfdViewerError
        If that cannot be written.
    """
    _write([known for known in saved_profiles() if known.name != name])


def _write(profiles: list[ConnectionProfile]) -> None:
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_bytes(orjson.dumps([asdict(known) for known in profiles], option=orjson.OPT_INDENT_2))
        beside.replace(path)
    except OSError as error:
        raise EfdViewerError(f"The connection could not be saved: {error.strerror}.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAccount:
    """One label of `$EFDAUTH`; the password does not show in `repr`."""

    label: str
    address: InfluxAddress
    password: str

    def __repr__(self) -> str:
        return f"SiteAccount(label={self.label!r}, address={str(self.address)!r})"


def site_accounts() -> list[SiteAccount]:
    """List the accounts in the file named by `$EFDAUTH`; none where the variable is not set.

    Raises
    ------
    BadInputError
        If the file cannot be read.
    """
    name = os.environ.get("EFDAUTH")
    if not name:
        return []
    try:
        entries = orjson.loads(Path(name).read_bytes())
        return [_site_account(label, entry) for label, entry in sorted(entries.items())]
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise BadInputError(
            f"The accounts in {name} ($EFDAUTH) cannot be read.", hint="It is JSON: label, url, database, …"
        ) from error


def resolve_source(text: str) -> SourceAddress:
    """Turn what a person calls a source into an address: a saved name, a label, or an address itself.

    Raises
    ------
    BadInputError
        If it is none of them.
    """
    for profile in saved_profiles():
        if profile.name == text:
            return parse_address(profile.address)
    for account in site_accounts():
        if account.label == text:
            return account.address
    return parse_address(text)


def _site_account(label: str, entry: dict[str, str]) -> SiteAccount:
    url = entry["url"] if "://" in entry["url"] else f"https://{entry['url']}"
    parts = urlsplit(url)
    path = parts.path or "/"
    address = InfluxAddress(
        host=parts.hostname or "",
        port=parts.port or (443 if parts.scheme == "https" else 80),
        database=entry.get("database", "efd"),
        path=path if path.endswith("/") else f"{path}/",
        tls=parts.scheme == "https",
        username=entry["username"],
    )
    return SiteAccount(label=label, address=address, password=entry["password"])


def _path() -> Path:
    return Path(user_config_dir("efdviewer")) / "profiles.json"

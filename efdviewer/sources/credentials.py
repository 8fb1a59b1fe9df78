"""Passwords: from the environment, a site's file, the system keyring; never from an argument."""

import asyncio
import getpass
import logging
import os
import sys

from efdviewer.domain.errors import CredentialsError, EfdViewerError
from efdviewer.sources.addresses import InfluxAddress
from efdviewer.sources.profiles import site_accounts
from efdviewer.sources.workers import run_in_own_thread

_log = logging.getLogger(__name__)
_SERVICE = "efdviewer"
_KEYRING_PATIENCE_S = 5.0


async def resolve_password(
    address: InfluxAddress, password: str | None = None, *, may_prompt: bool = False
) -> str | None:
    """Find the password of an account; None where the address has no user.

    The order is: what is given, `EFDVIEWER_PASSWORD`, `$EFDAUTH`, the system keyring, a prompt.

    Raises
    ------
    CredentialsError
        If there is none and nobody to ask.
    """
    if address.username is None:
        return None
    if password is not None:
        return password
    if (from_environment := os.environ.get("EFDVIEWER_PASSWORD")) is not None:
        return from_environment
    for account in site_accounts():
        if account.address == address:
            return account.password
    if (kept := await _from_keyring(str(address))) is not None:
        return kept
    if may_prompt and sys.stdin is not None and sys.stdin.isatty():
        return await run_in_own_thread(getpass.getpass, f"Password of {address.username} at {address.host}: ")
    raise CredentialsError(
        f"The password of {address.username} at {address.host} is not known.",
        hint="Set EFDVIEWER_PASSWORD, or save it in the system keyring.",
    )


async def has_keyring() -> bool:
    """Tell whether this system keeps passwords; one that does not answer in time does not."""

    def is_there() -> bool:
        import keyring

        # The backends that refuse or forget everything have a priority of 0 or none.
        return bool(keyring.get_keyring().priority > 0)

    try:
        async with asyncio.timeout(_KEYRING_PATIENCE_S):
            return await run_in_own_thread(is_there)
    except (TimeoutError, RuntimeError):
        return False


async def save_password(address: str, password: str) -> None:
    """Keep a password in the system keyring.

    Raises
    ------
    EfdViewerError
        If there is no keyring, or it refuses.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        async with asyncio.timeout(_KEYRING_PATIENCE_S):
            await run_in_own_thread(keyring.set_password, _SERVICE, address, password)
    except (KeyringError, TimeoutError, RuntimeError) as error:
        raise EfdViewerError(
            "The system keyring did not take the password.", hint="It is used for this run only."
        ) from error


async def _from_keyring(address: str) -> str | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        async with asyncio.timeout(_KEYRING_PATIENCE_S):
            return await run_in_own_thread(keyring.get_password, _SERVICE, address)
    except (KeyringError, TimeoutError, RuntimeError) as error:
        _log.info("The system keyring did not answer: %s", type(error).__name__)
        return None

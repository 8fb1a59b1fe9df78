"""Name look-up on daemon threads, so that one that hangs never holds the exit."""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from efdviewer.sources.workers import run_in_own_thread


class DaemonResolver(AbstractResolver):
    """Asks the system's resolver."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Look a host up.

        Raises
        ------
        OSError
            If it is not known.
        """
        try:
            found = await run_in_own_thread(
                socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG
            )
        except UnicodeError as error:
            raise OSError(f"'{host}' is not a host name") from error
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Nothing is kept."""

"""How a prober reaches its targets: connections of its own for each run, to no address that it must not ask.

Names are resolved here, and the addresses found are those connected to, so that a name cannot be one thing
when it is looked at and another when it is used.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore
import httpx

from chassis.clock import monotonic

NAMES_KEPT_SECONDS = 10.0
NAMES_KEPT = 10_000
"""A target's redirects may name a new one each time."""
MAX_ADDRESSES = 3
REFUSED = tuple(
    ip_network(each)
    for each in (
        "169.254.0.0/16",
        "fe80::/10",
        "fd00:ec2::254/128",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "168.63.129.16/32",
        "0.0.0.0/8",
        "::/128",
    )
)
"""Link-local addresses, and where clouds serve a machine's own credentials."""

NAT64 = ip_network("64:ff9b::/96")

Network = IPv4Network | IPv6Network


class AddressRefused(Exception):
    """A name led to an address that is not asked."""


class NameUnknown(Exception):
    """A name led to no address."""


def _within(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address that an IPv6 one only wraps: mapped, 6to4 (RFC 3056) or NAT64 (RFC 6052)."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


class Addresses:
    """Names and the addresses they lead to, each looked up by one at a time and kept for some seconds."""

    def __init__(self, allowed: Iterable[Network] = ()) -> None:
        self._allowed = tuple(allowed)
        self._kept: dict[tuple[str, int], tuple[float, list[str]]] = {}
        self._asking: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def of(self, host: str, port: int) -> list[str]:
        """The addresses to try, in order. Raises NameUnknown or AddressRefused."""
        found = await self._found(host, port)
        usable = [address for address in found if self._may_ask(address)]
        if not usable:
            raise AddressRefused(host)
        return usable[:MAX_ADDRESSES]

    def _may_ask(self, address: str) -> bool:
        mapped = _within(ip_address(address.partition("%")[0]))
        if any(mapped in network for network in self._allowed):
            return True
        return not any(mapped in network for network in REFUSED) and not mapped.is_multicast

    async def _found(self, host: str, port: int) -> list[str]:
        place = (host, port)
        kept = self._kept.get(place)
        if kept is not None and monotonic() - kept[0] < NAMES_KEPT_SECONDS:
            return kept[1]
        if place not in self._asking:
            self._asking[place] = asyncio.ensure_future(self._ask(host, port))
            self._asking[place].add_done_callback(lambda done: self._asked(place, done))
        return await asyncio.shield(self._asking[place])

    def _asked(self, place: tuple[str, int], done: "asyncio.Future[list[str]]") -> None:
        """Looks at what came of it, also when nobody waits for it any more."""
        self._asking.pop(place, None)
        if not done.cancelled():
            done.exception()

    async def _ask(self, host: str, port: int) -> list[str]:
        try:
            infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError):
            raise NameUnknown(host) from None
        addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
        if len(self._kept) >= NAMES_KEPT:
            self._kept.clear()
        self._kept[host, port] = (monotonic(), addresses)
        return addresses


class Connections(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that may be asked, one after another."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that answers. Raises what httpcore does, besides our own."""
        refused: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in await self._addresses.of(host, port):
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout=timeout, local_address=local_address, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as fault:
                refused = refused or fault
        raise refused or httpcore.ConnectError(host)

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Nothing is watched there."""
        raise AddressRefused("a local socket")

    async def sleep(self, seconds: float) -> None:
        """Between tries of httpcore's own, of which none are asked."""
        await asyncio.sleep(seconds)


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = stream

    async def __aiter__(self) -> Any:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()


class Transport(httpx.AsyncBaseTransport):
    """The connections of one run: made for it, shared by its steps, and closed after it, so that each run
    tries the whole way, name and handshake included. Raises httpcore's errors as they are.
    """

    def __init__(self, addresses: Addresses, trusted: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trusted,
            max_connections=4,
            keepalive_expiry=30,
            network_backend=Connections(addresses),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body still to be read."""
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = await self._pool.handle_async_request(asked)
        if not isinstance(answer.stream, AsyncIterable):
            raise TypeError("a body that is not read asynchronously")
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Closes what is open."""
        await self._pool.aclose()


def trusting(ca_file: str | None) -> ssl.SSLContext:
    """Verifies certificates and names, against these authorities or against those that httpx brings."""
    return ssl.create_default_context(cafile=ca_file) if ca_file else httpx.create_ssl_context()


def networks_in(written: str) -> tuple[Network, ...]:
    """Networks with commas between. Raises ValueError for what is none."""
    return tuple(ip_network(part.strip()) for part in written.split(",") if part.strip())

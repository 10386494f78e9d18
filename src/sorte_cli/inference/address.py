"""The address of an engine that runs elsewhere, in parts. Light: every command asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from sorte_cli.errors import UsageError

KEY_VARIABLE = "SORTE_REMOTE_KEY"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the engine listens; `base` is the path of the API, usually "/v1"."""

    scheme: str
    host: str
    port: int
    base: str
    model: str


def is_remote(name: str) -> bool:
    """Whether a model's name is the address of an engine."""
    return name.startswith(("http://", "https://"))


def read_address(url: str) -> Address:
    """ "http://localhost:8080/v1#MODEL" in parts. Raises UsageError."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise UsageError(f"{url!r} is not the address of an engine: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"{url!r} is not the address of an engine",
            hint="Write http://HOST:PORT/v1#MODEL, for example http://localhost:11434/v1#qwen3",
        )
    if parts.username or parts.password:
        raise UsageError(
            "an address must not carry a password",
            hint=f"Put a key into the environment variable {KEY_VARIABLE}.",
        )
    base = parts.path.rstrip("/") or "/v1"
    return Address(parts.scheme, parts.hostname, port, base, parts.fragment)


def read_workers(text: str) -> tuple[str, ...]:
    """RPC servers as the setting names them: "host:port,host:port". Raises UsageError."""
    found = tuple(filter(None, (part.strip() for part in text.split(","))))
    for one in found:
        host, _, port = one.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise UsageError(
                f"{one!r} is not the address of an RPC worker",
                hint="Write host:port, several with commas between them.",
            )
    return found

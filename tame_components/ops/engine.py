"""The Docker engine of a stack, reached once and asked with list calls."""

from typing import TYPE_CHECKING

from tame_components.domain.errors import EngineUnreachable


if TYPE_CHECKING:
    import docker


TIMEOUT = 20
"""Seconds for one call."""


def connect(host: str) -> "docker.APIClient":
    """A client of the engine at *host*, which has just answered.

    Raises:
        EngineUnreachable: nothing answers, or what answers is no Docker engine.
    """
    import docker  # noqa: PLC0415 - 80 ms, which `tame graph` need not pay

    try:
        if host.startswith("ssh://"):
            from tame_components.ops import over_ssh  # noqa: PLC0415 - most engines are here

            return over_ssh.Client(host, timeout=TIMEOUT)
        client = docker.APIClient(base_url=host, version="auto", timeout=TIMEOUT)
    except (docker.errors.DockerException, OSError, ValueError) as error:
        raise EngineUnreachable(host, _short(error)) from error
    return client


def refusal(error: Exception) -> str:
    """What the engine said where it refused a call; else what the library says of it."""
    return str(getattr(error, "explanation", None) or error).strip()


def _short(error: Exception) -> str:
    """The innermost reason, in one line: the outer ones are the layers of a library."""
    while True:
        inner = error.__cause__ or error.__context__
        if not isinstance(inner, Exception):
            return str(error).strip().splitlines()[-1] if str(error).strip() else repr(error)
        error = inner

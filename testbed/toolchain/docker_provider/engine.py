"""The Docker engine, and its errors in the official plugin's words."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal

from tame_components.domain.errors import EngineUnreachable
from testbed.toolchain.docker_provider.errors import OperationFailed, RealImageRefused


if TYPE_CHECKING:
    from docker.api.client import APIClient

Thing = Literal["container", "image", "network", "volume"]

DEFAULT_HOST: Final = "unix:///var/run/docker.sock"
LABEL: Final = "tame.stand-in"

_CONNECTIONS: Final = 32
# Stopping waits for the container's grace, pulling for the registry; both answer while they work.
_PATIENCE_SECONDS: Final = 600
_LOOK_SECONDS: Final = 0.2
_IN_USE_SECONDS: Final = 30.0


class Engine:
    """One engine, and the one pool of connections to it; safe to use from any thread.

    Nothing is sent before `api` is first asked for: a preview needs no engine.
    """

    def __init__(self, host: str | None) -> None:
        self.host = host or os.environ.get("DOCKER_HOST") or DEFAULT_HOST
        self.cancelled = threading.Event()
        """Set when Pulumi was interrupted: waiting ends."""
        self._lock = threading.Lock()
        self._api: APIClient | None = None

    @property
    def api(self) -> "APIClient":
        """The client.

        Raises:
            EngineUnreachable: Nothing answers.
        """
        with self._lock:
            if self._api is None:
                self._api = self._connect()
            return self._api

    def _connect(self) -> "APIClient":
        from docker.api.client import APIClient  # noqa: PLC0415 - slow, and a preview needs none
        from docker.errors import DockerException  # noqa: PLC0415 - same

        try:
            if self.host.startswith("ssh://"):
                from tame_components.ops import over_ssh  # noqa: PLC0415 - same

                return over_ssh.Client(
                    self.host, timeout=_PATIENCE_SECONDS, connections=_CONNECTIONS
                )
            return APIClient(
                base_url=self.host,
                timeout=_PATIENCE_SECONDS,
                num_pools=_CONNECTIONS,
                max_pool_size=_CONNECTIONS,
            )
        except DockerException as error:
            raise EngineUnreachable(self.host, str(error).partition("\n")[0]) from error

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Turns what a lost engine raises into one clear error.

        Raises:
            EngineUnreachable: The engine does not answer, or stopped answering.
        """
        from docker.errors import APIError  # noqa: PLC0415 - see _connect
        from requests.exceptions import RequestException  # noqa: PLC0415 - same
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - same

        try:
            yield
        except APIError:
            raise  # the engine answered; its refusal is a RequestException too
        except (RequestException, HTTPError, ConnectionError) as error:
            why = str(error).partition("\n")[0]
            raise EngineUnreachable(self.host, why) from error

    @contextmanager
    def doing(self, what: str, *ignored: str) -> Iterator[None]:
        """Turns the engine's refusal into `OperationFailed`.

        Args:
            what: What fails, e.g. `Unable to start container`.
            ignored: A refusal that holds one of these texts is none.
        """
        from docker.errors import DockerException  # noqa: PLC0415 - see _connect

        with self.reached():
            try:
                yield
            except DockerException as error:  # the engine's refusal, or the client's
                said = refusal(error)
                if not any(text.lower() in said.lower() for text in ignored):
                    raise OperationFailed(f"{what}: {said}") from error

    def remove(self, kind: Thing, remove: Callable[[], None], in_use: str) -> None:
        """Removes what a container may still use for a moment: it gets 30 s to let go of it.

        Args:
            kind: What it is.
            remove: Asks the engine to remove one.
            in_use: What the engine says while it is used.

        Raises:
            OperationFailed: The engine refuses; it is still used.
        """
        deadline = time.monotonic() + _IN_USE_SECONDS
        while True:
            try:
                with self.doing(f"Unable to remove {kind}", "not found", f"no such {kind}"):
                    remove()
            except OperationFailed as error:
                late = time.monotonic() >= deadline or self.cancelled.is_set()
                if in_use not in str(error) or late:
                    raise
            else:
                return
            self.cancelled.wait(_LOOK_SECONDS)

    def find(self, kind: Thing, name: str) -> Mapping[str, Any] | None:
        """What the engine shows of the *kind* called *name*, or None if it has none such.

        Raises:
            OperationFailed: The engine refuses to look: that is no proof of absence.
        """
        from docker.errors import APIError, NotFound  # noqa: PLC0415 - see _connect

        with self.reached():
            try:
                shown: Mapping[str, Any] = getattr(self.api, f"inspect_{kind}")(name)
            except NotFound:
                return None
            except APIError as error:
                raise OperationFailed(refusal(error)) from error
            return shown

    def stand_in(self, image: str, platform: str | None, what: str) -> Mapping[str, Any]:
        """The local image *image*, pulled if it is not there.

        Raises:
            OperationFailed: There is no such image; the text begins with *what*.
            RealImageRefused: It is no stand-in.
        """
        found = self.find("image", image)
        if found is None:
            self._pull(image, platform, what)
            found = self.find("image", image)
        if found is None:
            raise OperationFailed(f"{what}: unable to find or pull image {image}")
        if LABEL not in (found["Config"].get("Labels") or {}):
            raise RealImageRefused(image)
        return found

    def _pull(self, image: str, platform: str | None, what: str) -> None:
        failed = f"{what}: unable to pull image {image}: error pulling image {image}"
        repository, tag = _parts(image)
        with self.doing(failed):
            for line in self.api.pull(
                repository, tag=tag, platform=platform, stream=True, decode=True
            ):
                if "error" in line:
                    raise OperationFailed(f"{failed}: Error response from daemon: {line['error']}")


def refusal(error: Exception) -> str:
    """What the engine said, as Docker's own client would print it."""
    said = getattr(error, "explanation", None)
    return f"Error response from daemon: {said}" if said else str(error)


def _parts(image: str) -> tuple[str, str]:
    """The repository of *image*, and its digest or tag; a digest beside a tag wins."""
    name, _, digest = image.partition("@")
    head, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:  # the colon of a registry's port
        head, tag = name, "latest"
    return head, digest or tag

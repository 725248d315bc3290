"""A Docker engine, as probes ask it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tame_components.probes.model import Ran


if TYPE_CHECKING:
    import docker


class DockerEngine:
    """`docker.APIClient`, reduced to three questions."""

    def __init__(self, client: "docker.APIClient") -> None:
        self._client = client

    def run(self, container: str, command: Sequence[str], *, user: str = "") -> Ran | None:
        """What *command* does inside *container*; None: that does not run."""
        import docker.errors  # noqa: PLC0415 - 80 ms, which importing the probes need not cost

        try:
            made = self._client.exec_create(container, list(command), user=user)
            output = self._client.exec_start(made["Id"])
            code = self._client.exec_inspect(made["Id"])["ExitCode"]
        except docker.errors.NotFound:
            return None
        except docker.errors.APIError as error:
            if error.status_code == _CONFLICT:  # it is stopped, paused or restarting
                return None
            if _NOT_FOUND in str(error):  # newer engines say so here, older ones in the output
                return Ran(127, str(error.explanation))
            raise
        return Ran(127 if code is None else int(code), output.decode("utf-8", "replace"))

    def inspect(self, container: str) -> Mapping[str, Any] | None:
        """Docker's `GET /containers/<id>/json`; None: there is none."""
        import docker.errors  # noqa: PLC0415 - see `run`

        try:
            found: Mapping[str, Any] = self._client.inspect_container(container)
        except docker.errors.NotFound:
            return None
        return found

    def info(self) -> Mapping[str, Any]:
        """Docker's `GET /info`."""
        found: Mapping[str, Any] = self._client.info()
        return found


_CONFLICT = 409
_NOT_FOUND = "OCI runtime exec failed"

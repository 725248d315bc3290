"""The life of a `RemoteImage`."""

from collections.abc import Mapping
from typing import Any, Final

from testbed.toolchain.docker_provider.engine import Engine
from testbed.toolchain.docker_provider.schema import Table, Values, planned
from testbed.toolchain.docker_provider.tables import REMOTE_IMAGE


_META: Final = (
    '{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1200000000000,"delete":1200000000000,'
    '"update":1200000000000}}'
)
_FAILED: Final = "Unable to read Docker image into resource"


class RemoteImage:
    """`docker:index/remoteImage:RemoteImage`: an image that is there, or is pulled."""

    table: Table = REMOTE_IMAGE
    deletes_before_replace = False

    def create(self, engine: Engine, inputs: Values) -> tuple[str, Values]:
        """Have the image.

        Raises:
            OperationFailed: It is not here and cannot be pulled.
            RealImageRefused: It is no stand-in.
        """
        shown = engine.stand_in(inputs["name"], inputs.get("platform"), _FAILED)
        state = _read(shown, planned(REMOTE_IMAGE, inputs))
        return state["id"], state

    def read(self, engine: Engine, made: str, state: Values) -> Values | None:
        """The image's state now, or None if it is gone."""
        name = state.get("name") or made[len("sha256:") + 64 :] or made
        shown = engine.find("image", name)
        return None if shown is None else _read(shown, state or planned(self.table, {"name": name}))

    def update(self, engine: Engine, _made: str, _olds: Values, state: Values) -> Values:
        """Only flags change; the image is looked for again, as the official plugin does."""
        return _read(engine.stand_in(state["name"], state.get("platform"), _FAILED), state)

    def delete(self, engine: Engine, _made: str, state: Values) -> None:
        """Remove the tag unless `keepLocally`."""
        if state.get("keepLocally"):
            return
        with engine.doing("Unable to remove Docker image", "No such image"):
            engine.api.remove_image(state["name"], force=bool(state.get("forceRemove")))


def _read(shown: Mapping[str, Any], prior: Values) -> Values:
    name = prior["name"]
    return {
        **prior,
        "__meta": _META,
        "build": None,
        "id": shown["Id"] + name,
        "imageId": shown["Id"],
        "repoDigest": _digest(name, shown.get("RepoDigests") or ()),
    }


def _digest(name: str, digests: tuple[str, ...] | list[str]) -> str:
    repository = name.partition("@")[0]
    if ":" in repository.rpartition("/")[2]:
        repository = repository.rpartition(":")[0]
    same = (digest for digest in digests if digest.partition("@")[0] == repository)
    return next(same, "")

"""The life of a `Volume`."""

from collections.abc import Mapping
from typing import Any, Final

from testbed.toolchain.docker_provider.container_config import pairs
from testbed.toolchain.docker_provider.engine import Engine
from testbed.toolchain.docker_provider.schema import Table, Values
from testbed.toolchain.docker_provider.tables import VOLUME


_IN_USE: Final = "volume is in use"


class Volume:
    """`docker:index/volume:Volume`."""

    table: Table = VOLUME
    deletes_before_replace = False

    def create(self, engine: Engine, inputs: Values) -> tuple[str, Values]:
        """Make a volume; one that exists under the name is taken, as Docker does.

        Raises:
            OperationFailed: The engine refuses it; there is none.
        """
        with engine.doing("Unable to create volume"):
            shown = engine.api.create_volume(
                name=inputs.get("name"),
                driver=inputs.get("driver"),
                driver_opts=inputs.get("driverOpts"),
                labels=pairs(inputs.get("labels") or ()),
            )
        return shown["Name"], _read(shown)

    def read(self, engine: Engine, made: str, _state: Values) -> Values | None:
        """The volume's state now, or None if it is gone."""
        shown = engine.find("volume", made)
        return None if shown is None else _read(shown)

    def update(self, _engine: Engine, _made: str, _olds: Values, state: Values) -> Values:
        """Nothing of a volume changes in place; every change replaces."""
        return state

    def delete(self, engine: Engine, made: str, _state: Values) -> None:
        """Remove it; a container that is about to go gets 30 s to do so."""

        def remove() -> None:
            engine.api.remove_volume(made, force=True)

        engine.remove("volume", remove, _IN_USE)


def _read(shown: Mapping[str, Any]) -> Values:
    labels = shown.get("Labels") or {}
    return {
        "__meta": '{"schema_version":"1"}',
        "id": shown["Name"],
        "name": shown["Name"],
        "labels": [{"label": name, "value": value} for name, value in sorted(labels.items())],
        "driver": shown["Driver"],
        "driverOpts": shown.get("Options") or None,
        "mountpoint": shown["Mountpoint"],
        "cluster": None,
    }

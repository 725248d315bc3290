"""The life of a `Network`."""

from collections.abc import Mapping
from typing import Any, Final

from testbed.toolchain.docker_provider.container_config import pairs
from testbed.toolchain.docker_provider.engine import Engine
from testbed.toolchain.docker_provider.errors import OperationFailed
from testbed.toolchain.docker_provider.schema import Table, Values
from testbed.toolchain.docker_provider.tables import NETWORK


_IN_USE: Final = "has active endpoints"


class Network:
    """`docker:index/network:Network`."""

    table: Table = NETWORK
    deletes_before_replace = False

    def create(self, engine: Engine, inputs: Values) -> tuple[str, Values]:
        """Make a network.

        Raises:
            OperationFailed: The engine refuses it; there is none.
        """
        with engine.doing("Unable to create network"):
            made = engine.api.create_network(
                inputs["name"],
                driver=inputs.get("driver"),
                options=inputs.get("options"),
                ipam=_ipam(inputs),  # type: ignore[arg-type] # a class that is a dict with these keys
                internal=bool(inputs.get("internal")),
                labels=pairs(inputs.get("labels") or ()),
                enable_ipv6=bool(inputs.get("ipv6")),
                attachable=inputs.get("attachable"),
                ingress=inputs.get("ingress"),
            )["Id"]
        state = self.read(engine, made, {})
        if state is None:
            raise OperationFailed(f"network `{inputs['name']}` went as soon as it had come")
        return made, state

    def read(self, engine: Engine, made: str, _state: Values) -> Values | None:
        """The network's state now, or None if it is gone."""
        shown = engine.find("network", made)
        return None if shown is None else _read(shown)

    def update(self, _engine: Engine, _made: str, _olds: Values, state: Values) -> Values:
        """Nothing of a network changes in place; every change replaces."""
        return state

    def delete(self, engine: Engine, made: str, _state: Values) -> None:
        """Remove it; a container that is about to leave it gets 30 s to do so."""

        def remove() -> None:
            engine.api.remove_network(made)

        engine.remove("network", remove, _IN_USE)


def _ipam(inputs: Values) -> dict[str, Any]:
    ipam: dict[str, Any] = {
        "Driver": inputs.get("ipamDriver") or "default",
        "Config": [
            {
                key: value
                for key, value in (
                    ("Subnet", one.get("subnet")),
                    ("IPRange", one.get("ipRange")),
                    ("Gateway", one.get("gateway")),
                    ("AuxiliaryAddresses", one.get("auxAddress")),
                )
                if value
            }
            for one in inputs.get("ipamConfigs") or ()
        ],
    }
    return ipam | ({"Options": inputs["ipamOptions"]} if inputs.get("ipamOptions") else {})


def _read(shown: Mapping[str, Any]) -> Values:
    labels = shown.get("Labels") or {}
    return {
        "__meta": '{"schema_version":"1"}',
        "id": shown["Id"],
        "name": shown["Name"],
        "labels": [{"label": name, "value": value} for name, value in sorted(labels.items())],
        "driver": shown["Driver"],
        "internal": shown["Internal"],
        "attachable": shown["Attachable"],
        "ingress": shown["Ingress"],
        "ipv6": shown["EnableIPv6"],
        "ipamDriver": shown["IPAM"]["Driver"],
        "ipamOptions": shown["IPAM"].get("Options") or None,
        "ipamConfigs": [
            {
                "subnet": one.get("Subnet", ""),
                "gateway": one.get("Gateway", ""),
                "ipRange": one.get("IPRange", ""),
                "auxAddress": one.get("AuxiliaryAddresses") or {},
            }
            for one in shown["IPAM"]["Config"] or ()
        ],
        "options": shown["Options"] or {},
        "scope": shown["Scope"],
    }

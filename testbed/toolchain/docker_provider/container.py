"""The life of a `Container`."""

import time
from collections.abc import Mapping
from typing import Any, Final

from tame_components.domain.errors import TameError
from testbed.toolchain.docker_provider.container_config import (
    create_body,
    in_bytes,
    restart_policy,
)
from testbed.toolchain.docker_provider.container_import import imported
from testbed.toolchain.docker_provider.container_state import networks, read_state
from testbed.toolchain.docker_provider.container_table import CONTAINER
from testbed.toolchain.docker_provider.engine import Engine
from testbed.toolchain.docker_provider.errors import HalfMade, OperationFailed
from testbed.toolchain.docker_provider.schema import Table, Values, normal, planned
from testbed.toolchain.docker_provider.uploads import archive


_FIRST_LOOK_SECONDS: Final = 0.05
_LAST_LOOK_SECONDS: Final = 0.5
_GONE_SECONDS: Final = 30.0
_NO_HEALTHCHECK: Final = (
    "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. "
    "Please remove the 'wait' argument or add a 'healthcheck' attribute"
)
_NEVER_HEALTHY: Final = "container failed to be in healthy state"
_UPDATED: Final = (
    "restart",
    "maxRetryCount",
    "cpuShares",
    "memory",
    "memoryReservation",
    "cpuSet",
    "memorySwap",
)
"""What the official plugin changes on a container that exists; all else it only announces."""


class Container:
    """`docker:index/container:Container`."""

    table: Table = CONTAINER
    deletes_before_replace = True

    def create(self, engine: Engine, inputs: Values) -> tuple[str, Values]:
        """Make, connect, fill and start a container, and wait until it is healthy.

        Raises:
            OperationFailed: There is no container.
            HalfMade: There is one, and a later step failed.
        """
        image = inputs["image"]
        engine.stand_in(
            image, inputs.get("platform"), f"Unable to create container with image {image}"
        )
        with engine.doing("Unable to create container"):
            create = engine.api.create_container_from_config
            made = create(create_body(inputs), inputs["name"], inputs.get("platform"))["Id"]  # type: ignore[no-untyped-call] # the stubs leave it open
        try:
            _connect(engine, made, inputs)
            _upload(engine, made, inputs)
            logs = _start(engine, made, inputs)
            state = read_state(_shown(engine, made), planned(CONTAINER, inputs))
        except (OperationFailed, TameError) as error:
            raise HalfMade(made, str(error)) from error
        return made, state | ({"containerLogs": logs} if logs is not None else {})

    def read(self, engine: Engine, made: str, state: Values) -> Values | None:
        """The container's state now, or None if it is gone."""
        shown = engine.find("container", made)
        if shown is None:
            return None
        return read_state(shown, state or imported(engine, shown))

    def update(self, engine: Engine, made: str, olds: Values, state: Values) -> Values:
        """Change in place what the official plugin changes in place.

        The answer holds the rest as the program wants it, although nothing was done about it:
        that is what the official plugin does, and why TAME replaces on such changes.
        """
        if not olds.get("mustRun") and state["mustRun"] and state["start"]:
            with engine.doing("Unable to start container"):
                engine.api.start(made)
        if any(_differs(name, olds, state) for name in _UPDATED):
            with engine.doing("Unable to update a container"):
                engine.api.update_container(made, **_limits(state))
        return state | {"networkDatas": networks(_shown(engine, made))}

    def delete(self, engine: Engine, made: str, state: Values) -> None:
        """Stop with the grace that `destroyGraceSeconds` gives, none by default, and remove."""
        if not state.get("attach"):
            with engine.doing(f"Error stopping container {made}", "No such container"):
                engine.api.stop(made, timeout=state.get("destroyGraceSeconds") or 0)
        keep = state.get("removeVolumes") is False
        with engine.doing(
            f"Error deleting container {made}", "No such container", "is already in progress"
        ):
            engine.api.remove_container(made, v=not keep, force=True)
        deadline = time.monotonic() + _GONE_SECONDS
        while engine.find("container", made) and time.monotonic() < deadline:
            if engine.cancelled.wait(_FIRST_LOOK_SECONDS):
                break


def _shown(engine: Engine, made: str) -> Mapping[str, Any]:
    with engine.doing("error inspecting container state"):
        shown: Mapping[str, Any] = engine.api.inspect_container(made)
    return shown


def _connect(engine: Engine, made: str, inputs: Values) -> None:
    wanted = inputs.get("networksAdvanced")
    if not wanted:
        return
    with engine.doing(
        "Unable to disconnect the default network", "is not connected to the network bridge"
    ):
        engine.api.disconnect_container_from_network(made, "bridge")
    for network in wanted:
        name = network["name"]
        options = dict(
            pair.split("=", 1) for pair in network.get("driverOpts") or () if "=" in pair
        )
        with engine.doing(f"Unable to connect to network '{name}'"):
            engine.api.connect_container_to_network(
                made,
                name,
                aliases=network.get("aliases"),
                ipv4_address=network.get("ipv4Address") or None,
                ipv6_address=network.get("ipv6Address") or None,
                link_local_ips=network.get("linkLocalIps"),
                mac_address=network.get("macAddress") or None,
                driver_opt=options or None,
            )


def _upload(engine: Engine, made: str, inputs: Values) -> None:
    if inputs.get("uploads"):
        with engine.doing("Unable to upload volume content"):
            engine.api.put_archive(made, "/", archive(inputs["uploads"]))


def _start(engine: Engine, made: str, inputs: Values) -> str | None:
    """The logs of a container that was attached to, else None."""
    if not inputs.get("start"):
        return None
    with engine.doing("Unable to start container"):
        engine.api.start(made)
    if inputs.get("wait"):
        _await_health(engine, made, float(inputs["waitTimeout"]))
    if not inputs.get("attach"):
        return None
    with engine.doing("Unable to wait container end of execution"):
        engine.api.wait(made)
        if not inputs.get("logs"):
            return None
        logs: bytes = engine.api.logs(made)
        return logs.decode(errors="replace")


def _await_health(engine: Engine, made: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    pause = _FIRST_LOOK_SECONDS
    while True:
        health = _shown(engine, made)["State"].get("Health")
        if health is None:
            raise OperationFailed(_NO_HEALTHCHECK)
        if health["Status"] == "healthy":
            return
        left = deadline - time.monotonic()
        if left <= 0 or engine.cancelled.wait(min(pause, left)):
            raise OperationFailed(_NEVER_HEALTHY)
        pause = min(pause * 1.5, _LAST_LOOK_SECONDS)


def _differs(name: str, olds: Values, state: Values) -> bool:
    prop = CONTAINER[name]
    return bool(normal(prop, olds.get(name)) != normal(prop, state.get(name)))


def _limits(state: Values) -> dict[str, Any]:
    return {
        "restart_policy": restart_policy(state),
        "cpu_shares": state.get("cpuShares"),
        "cpuset_cpus": state.get("cpuSet"),
        "mem_limit": in_bytes(state.get("memory") or 0),
        "mem_reservation": in_bytes(state.get("memoryReservation") or 0),
        "memswap_limit": in_bytes(state.get("memorySwap") or 0),
    }

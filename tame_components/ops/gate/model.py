"""What a check is, what it may look at, and what it says."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from tame_components.domain.analysis import Verdict
from tame_components.domain.evidence import CheckResult
from tame_components.domain.release import PolicyResult
from tame_components.domain.secrets import derive
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.ops import observe
from tame_components.ops.deployer import Deployer, Outcome
from tame_components.ops.host import Host


class Engine(observe.Engine, Protocol):
    """The part of docker.APIClient that the gate uses."""

    def inspect_container(self, container: str) -> dict[str, Any]:
        """Docker's `GET /containers/ID/json`."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check came to."""

    verdict: Verdict
    said: str
    """Why, in one sentence."""
    measured: Mapping[str, Any] = field(default_factory=dict)


def passed(said: str, **measured: Any) -> Finding:  # noqa: ANN401 - plain JSON
    """It is as it should be."""
    return Finding(Verdict.PASSED, said, measured)


def failed(said: str, **measured: Any) -> Finding:  # noqa: ANN401 - plain JSON
    """It is not."""
    return Finding(Verdict.FAILED, said, measured)


def inconclusive(said: str, **measured: Any) -> Finding:  # noqa: ANN401 - plain JSON
    """It could not be measured."""
    return Finding(Verdict.INCONCLUSIVE, said, measured)


def not_applicable(said: str) -> Finding:
    """The stack has nothing that the check could be about."""
    return Finding(Verdict.NOT_APPLICABLE, said)


@dataclass
class Scene:
    """The stack that is looked at, and everything that is known of it so far."""

    topology: Topology
    engine: Engine
    deployer: Deployer
    preview: Outcome
    """What `up` would do now, with the policy pack's findings."""
    soak: int
    """Seconds."""
    tell: Callable[[str], None]
    """Shows progress."""
    program: str | None = None
    """The revision of the programs."""
    results: dict[str, CheckResult] = field(default_factory=dict)
    """Of the checks before, by name."""

    @property
    def local(self) -> bool:
        """Whether the engine's containers, files and namespaces are this machine's."""
        return self.topology.settings.local

    @property
    def blind(self) -> str | None:
        """Why nobody can look into namespaces and state directories; None where one can."""
        if self.local:
            return "only root can look into a container's namespaces" if os.geteuid() else None
        return self._obstacle

    @property
    def host(self) -> Host:
        """The machine of the engine."""
        return Host(self.topology.settings.engine)

    @cached_property
    def _obstacle(self) -> str | None:
        return self.host.obstacle()

    @cached_property
    def containers(self) -> dict[str, dict[str, Any]]:
        """Docker's list, by service, as it was first seen."""
        listed = observe.containers_of(self.topology, self.engine)
        return {observe.label(one, "tame.service"): one for one in listed}

    @cached_property
    def policies(self) -> tuple[PolicyResult, ...]:
        """What the policy pack said of the program."""
        return tuple(
            PolicyResult(policy=one.policy, level=one.level, message=one.message)
            for one in self.preview.findings
        )

    @property
    def lasting(self) -> tuple[Service, ...]:
        """The services that run all the time, on the stack's own engine."""
        services = self.topology.services
        return tuple(one for one in services if one.app.runs == "always" and not one.host)

    def pid(self, service: str) -> int | None:
        """The id on this machine of the first process of *service*; None where it does not run."""
        if service not in self.containers:
            return None
        found = self.engine.inspect_container(self.containers[service]["Id"])
        return int(found["State"]["Pid"]) or None

    @cached_property
    def _root(self) -> str | None:
        return self.deployer.config("tame:root_secret")

    def api_key(self, service: Service) -> str | None:
        """The key that others call *service* with; None where it has none or nobody gave one."""
        secret = next((one for one in service.app.secrets if one.name == "api-key"), None)
        if secret is None:
            return None
        given = self.deployer.config(f"tame:secrets.{service.name}.{secret.name}")
        match secret.derive:
            case "hex32" | "password" | "pbkdf2-qbittorrent" as kind if not given and self._root:
                return derive(
                    self._root,
                    stack=self.topology.stack,
                    service=service.name,
                    name=secret.name,
                    kind=kind,
                    rotation=service.rotation,
                )
            case _:
                return given


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the gate looks at."""

    name: str
    """Stable: evidence and exemptions name it."""
    title: str
    run: Callable[[Scene], Finding]
    required: bool = True
    """Whether a release is proved only where it did not fail. False: advice."""

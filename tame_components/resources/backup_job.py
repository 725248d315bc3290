"""BackupJob: what is backed up, when, and by whom."""

from dataclasses import dataclass
from typing import Any

import pulumi

from tame_components.domain.backup import BackupSettings
from tame_components.domain.backup_plan import kept
from tame_components.domain.grouping import Part
from tame_components.resources._component import token
from tame_components.resources._group import services_of, urls_of
from tame_components.resources.media_network import MediaNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupJobArgs:
    """What a BackupJob needs."""

    network: MediaNetwork
    """Where it lives. Its topology says which services belong here."""


class BackupJob(pulumi.ComponentResource):
    """The backups of the stack: their plan, and the containers that run them where one was chosen.

    The plan is what `tame backup` and the agent read; a chosen container gets the same facts as its
    configuration.
    """

    urls: pulumi.Output[dict[str, str]]
    """Where each of its services is found from the bridge. Empty text: it has no UI."""
    plan: pulumi.Output[dict[str, Any]]
    """What the agent and `tame backup` work by: `tool`, `schedule`, `repository`, `remote`, `keep`,
    `rpo_hours`, `rto_minutes`, `drill_days`, and `services` with what is kept of each."""

    def __init__(
        self, name: str, args: BackupJobArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(token(BackupJob), name, {}, opts)
        self.services = services_of(self, args.network, Part.BACKUP)
        self.urls = urls_of(self.services)
        topology = args.network.topology
        backup = topology.settings.backup or BackupSettings()
        services = [one.model_dump(mode="json") for one in kept(topology)]
        self.plan = pulumi.Output.from_input(
            {**backup.model_dump(mode="json"), "services": services}
        )
        self.register_outputs({"urls": self.urls, "plan": self.plan})

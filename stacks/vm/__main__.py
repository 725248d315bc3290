"""A sandbox's machine, as its own Pulumi project: its life is not that of the stack in it."""

import pulumi

from tame_components.domain.virtual_machine import MachineSettings
from tame_components.resources.machines import create


KEYS = ("machine", "proxmox", "libvirt")
given = {key: pulumi.Config("vm").get_object(key) for key in KEYS}
made = create(MachineSettings.model_validate({key: one for key, one in given.items() if one}))
pulumi.export("engine", made.engine)
pulumi.export("machine", made.id)

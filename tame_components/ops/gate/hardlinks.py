"""An importer can link a download into the library: tried with its own mounts and its own user."""

import secrets
from typing import Any

from tame_components.domain.errors import counted
from tame_components.domain.paths import DATA
from tame_components.domain.service import Service
from tame_components.ops.gate.model import (
    Check,
    Finding,
    Scene,
    failed,
    inconclusive,
    not_applicable,
    passed,
)
from tame_components.ops.gate.namespaces import CannotLook, tried


def _hardlinks(scene: Scene) -> Finding:
    importers = [service for service in scene.lasting if service.app.importer]
    if not importers:
        return not_applicable("no service imports downloads")
    if scene.blind:
        return inconclusive(scene.blind)
    folders = scene.topology.data.folders
    downloads = [one for one in folders if one.rpartition("/")[2] in {"torrents", "usenet"}]
    measured: dict[str, Any] = {}
    wrong = []
    for service in importers:
        for folder in downloads:
            try:
                fault, measured[f"{service.name}:{folder}"] = _try(scene, service, folder)
            except CannotLook as error:
                return inconclusive(f"`{service.name}`: {error}")
            if fault:
                wrong.append(f"`{service.name}` cannot link from `{DATA}/{folder}`: {fault}")
    if wrong:
        return failed("; ".join(wrong), links=measured)
    return passed(
        f"{counted(len(importers), 'importer')} tried, each links instead of copying",
        links=measured,
    )


def _try(scene: Scene, service: Service, folder: str) -> tuple[str | None, dict[str, Any]]:
    pid = scene.pid(service.name)
    if pid is None:
        return "it does not run", {}
    name = f".tame-gate-{secrets.token_hex(4)}"
    found = tried(
        "link",
        {
            "pid": pid,
            "uid": service.uid,
            "gid": scene.topology.settings.identity.gid,
            "source": f"{DATA}/{folder}/{name}",
            "target": f"{DATA}/media/{name}",
        },
        scene.host,
    )
    if "error" in found:
        return f"{found['error']} at `{found['where']}`", found
    good = found["same"] and found["links"] == 2  # noqa: PLR2004 - the file and its link
    return (None if good else "the link is another file"), found


CHECK = Check("hardlinks", "importers link downloads into the library", _hardlinks)

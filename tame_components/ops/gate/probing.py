"""What the doctrine's probes of the running host say: one check for all of them, as advice.

Links are left out: `hardlinks` tries them for each download folder, in any image.
"""

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, cast

from tame_components.domain.errors import counted
from tame_components.ops.gate.model import Check, Finding, Scene, failed, inconclusive, passed
from tame_components.probes import DockerEngine, Host, Verdict, prove


if TYPE_CHECKING:
    import docker


def _probes(scene: Scene) -> Finding:
    engine = DockerEngine(cast("docker.APIClient", scene.engine))
    host = Host(now=dt.datetime.now(tz=dt.UTC), mounts=scene.host.mounts())
    results = list(prove(engine, scene.topology, host, links=False))
    counts = Counter(one.verdict.value for one in results)
    told = [
        f"{one.rule} of `{one.subject}`: {one.evidence}"
        for one in results
        if one.verdict in {Verdict.FAILED, Verdict.UNDECIDABLE}
    ]
    measured = {"verdicts": dict(counts), "told": told}
    if counts[Verdict.FAILED.value]:
        return failed("; ".join(told), **measured)
    if counts[Verdict.UNDECIDABLE.value]:
        return inconclusive("; ".join(told), **measured)
    return passed(f"{counted(len(results), 'probe')} made, none speaks against it", **measured)


CHECK = Check("probes", "the host is as the doctrine wants it", _probes, required=False)

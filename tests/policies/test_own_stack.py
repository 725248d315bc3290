"""The pack, on what the components themselves register: one doctrine, two readers, one verdict."""

import json

from google.protobuf.json_format import MessageToDict

from tests.contract.test_components import everything
from tests.harness import stacks
from tests.harness.recorder import deploy
from tests.policies.resources import Pack


MANDATORY = 1


def test_the_pack_has_nothing_against_a_stack_of_every_kind_of_service(pack: Pack) -> None:
    """What the constructors let pass, the pack lets pass too, though it sees properties only."""
    settings = stacks.whole().settings
    recorder = deploy(everything, preview=True)
    run = pack.begin(
        environment="sandbox",
        data=json.dumps({"root": settings.data.root}),
        backup="{}",
        services=json.dumps({name: one.model_dump() for name, one in settings.services.items()}),
        hosts=json.dumps({name: one.model_dump() for name, one in settings.hosts.items()}),
    )
    levels, found = pack.levels(), set[str]()
    judged = [
        (urn, one) for urn, one in recorder.requests.items() if one.type.startswith("docker:")
    ]

    for urn, request in judged:
        mode = request.propertyDependencies["networkMode"].urns
        came_from = {"networkMode": mode[0]} if mode else {}
        found |= run.resource(urn, MessageToDict(request.object), request.type, came_from)
    found |= set(run.end())

    assert len(judged) > 2 * len(settings.services)
    assert "image-without-digest" in found  # advice in a sandbox: it did look
    assert [name for name in found if levels[name] == MANDATORY] == [], run.messages

"""A Pulumi program of one container, whose facts stand in a file; run by test_properties."""

import json
from pathlib import Path

import pulumi
import pulumi_docker as docker

from tame_components.domain.container import Container
from tame_components.domain.topology import Network
from tame_components.resources import _container


facts = json.loads((Path(__file__).parents[1] / "container.json").read_text())
engine = docker.Provider("engine", host=facts["engine"])
ours = pulumi.ResourceOptions(provider=engine, delete_before_replace=True)
networks = [
    _container.network(name, Network(name=name, members=()), facts["stack"], ours)
    for name in facts["networks"]
]
container = Container.model_validate(facts["container"])
inside = _container.Inside(
    files=[_container.File(path=path, content=text) for path, text in facts["files"].items()]
)
options = pulumi.ResourceOptions(
    provider=engine,
    depends_on=[*networks, _container.image("image", container.image, ours)],
    delete_before_replace=True,
    replace_on_changes=_container.NOT_IN_PLACE,
)
_container.container("container", container, inside, 30, options)

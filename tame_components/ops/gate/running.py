"""What runs is what the settings pin, by digest; and the program has nothing left to change."""

from tame_components.domain.errors import counted
from tame_components.domain.image import ImageReference
from tame_components.domain.release import Release
from tame_components.ops.gate.model import Check, Finding, Scene, failed, passed
from tame_components.ops.observe import observe


def release_of(scene: Scene) -> Release:
    """What the stack runs now, with the digests that its engine pulled.

    Raises:
        EngineUnreachable: the engine went away.
    """
    digests = {
        image["Id"]: tuple(image.get("RepoDigests") or ()) for image in scene.engine.images()
    }
    images = {
        service.name: _with_digest(
            service.image, digests.get(scene.containers.get(service.name, {}).get("ImageID"), ())
        )
        for service in scene.topology.services
    }
    return Release(
        images=images,
        config=scene.topology.config,
        program=scene.program,
        policies=scene.policies,
    )


def _with_digest(pin: ImageReference, digests: tuple[str, ...]) -> str:
    """*pin* with the digest of its own repository; an image that was built here has none."""
    if pin.digest:
        return str(pin)
    names = (pin.repository, pin.repository.removeprefix("docker.io/").removeprefix("library/"))
    found = [one.partition("@")[2] for one in sorted(digests) if one.partition("@")[0] in names]
    return str(pin.model_copy(update={"digest": found[0]})) if found else str(pin)


def _pinned(scene: Scene) -> Finding:
    seen = observe(scene.topology, scene.engine, 0.0)
    release = release_of(scene)
    lasting = {service.name for service in scene.lasting}
    wrong = [
        f"`{one.service}`: {one.drift or 'it has no container'}"
        for one in seen.services
        if one.service in lasting and (one.drift or one.image is None)
    ]
    wrong += [f"`{one.container}` is the stack's, and unknown to it" for one in seen.strangers]
    bare = sorted(name for name, image in release.images.items() if "@" not in image)
    measured = {"images": release.images, "without_digest": bare}
    if wrong:
        return failed("; ".join(wrong), **measured)
    note = f"; {len(bare)} of them were built on this engine and have no digest" if bare else ""
    return passed(
        f"{counted(len(release.images), 'image')} compared, each is the pinned one{note}",
        **measured,
    )


def _settled(scene: Scene) -> Finding:
    changes = [f"{step.operation} {step.name}" for step in scene.preview.steps]
    broken = [one for one in scene.policies if one.level == "mandatory"]
    measured = {
        "changes": changes,
        "policies": {
            level: sum(one.level == level for one in scene.policies)
            for level in ("mandatory", "advisory")
        },
    }
    if broken:
        return failed("; ".join(f"{one.policy}: {one.message}" for one in broken), **measured)
    if changes:
        return failed(f"`pulumi up` would still change: {', '.join(changes)}", **measured)
    return passed("the program has nothing left to change, and keeps every policy", **measured)


CHECKS = (
    Check("settled", "the stack is what its program says", _settled),
    Check("pinned", "what runs is what is pinned, by digest", _pinned),
)

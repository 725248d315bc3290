"""What can be wrong with the test bed's registry."""

from pathlib import Path

from tame_components.domain.errors import RehearsalError


class RegistryNotInstallable(RehearsalError):
    """The program `docker-registry` is missing and cannot be installed from here."""

    code = "TAME703"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"`docker-registry` is not installed: {why}",
            hint="Debian and Ubuntu: `apt-get install docker-registry`; else put the program"
            " `registry` of https://github.com/distribution/distribution on PATH under that name",
        )


class RegistryCrashed(RehearsalError):
    """The registry ended, or never listened."""

    code = "TAME704"

    def __init__(self, log: Path, why: str) -> None:
        super().__init__(f"the local registry does not run: {why}", hint=f"`{log}` says why")


class PushFailed(RehearsalError):
    """The engine could not push an image."""

    code = "TAME705"

    def __init__(self, image: str, target: str, why: str) -> None:
        super().__init__(
            f"`{image}` could not be pushed as `{target}`: {why}",
            hint="`docker images` must list it, and the engine must run on this machine",
        )

"""Every error that TAME raises on purpose.

    TameError
    ├── CatalogError (TAME1xx)    ImageReferenceInvalid  UnknownApp  CatalogEntryInvalid
    ├── SettingsError (TAME2xx)   SettingsInvalid  SecretMissing
    ├── TopologyError (TAME3xx)   UnknownService  WireUnreachable  PortsClash  TunnelMissing
    ├── DoctrineError (TAME4xx)   DoctrineViolated
    ├── HostError (TAME5xx)       EngineUnreachable  HostConflicts  DataRootUnmarked
    ├── DeploymentError (TAME6xx) StandInRefused
    └── RehearsalError (TAME7xx)  raised by the test bed

A message says what is wrong, what was got and what is allowed; then a hint; then the code, which
has an entry in docs/troubleshooting.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override


class TameError(Exception):
    """The base: never raised itself."""

    code: ClassVar[str]
    """`TAMEnnn`; stable, documented, and never given to another error."""

    def __init__(self, what: str, *, hint: str) -> None:
        super().__init__(what, hint)
        self.what = what
        self.hint = hint

    @override
    def __str__(self) -> str:
        return f"{self.what}\n\nhint: {self.hint} [{self.code}]"


class CatalogError(TameError):
    """Something is wrong with what is said about an application."""


class ImageReferenceInvalid(CatalogError):
    """A text is not an image reference."""

    code = "TAME101"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"not an image reference: `{reference}`",
            hint="write `repository:version`, e.g., `lscr.io/linuxserver/radarr:5.26.2`",
        )


class UnknownApp(CatalogError):
    """A stack asks for an application that the catalog lacks."""

    code = "TAME102"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"no such app in the catalog: `{name}`; it has {listed(known)}",
            hint="correct the name, or add one TOML file as docs/add-an-app.md shows",
        )


class CatalogEntryInvalid(CatalogError):
    """A TOML file of the catalog contradicts its model."""

    code = "TAME103"

    def __init__(self, file: str, mistakes: Sequence[str]) -> None:
        lines = "".join(f"\n  {mistake}" for mistake in mistakes)
        super().__init__(
            f"the catalog entry `{file}` is invalid:{lines}",
            hint="compare with `tame_components/catalog/apps/radarr.toml`",
        )


class AppRefused(CatalogError):
    """An application that TAME will not run, whatever the settings say."""

    code = "TAME105"

    def __init__(self, key: str, app: str, reason: str, instead: str) -> None:
        super().__init__(f"`{key}` asks for `{app}`, which is refused: {reason}", hint=instead)


class SettingsError(TameError):
    """Something is wrong with `Pulumi.<stack>.yaml`."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong value in a settings file."""

    key: str
    """Where: the path from the top, e.g. `services.radarr.ports`."""
    got: str
    """What stands there, in one line; never a secret."""
    allowed: str
    """What may stand there."""

    @override
    def __str__(self) -> str:
        return f"{self.key}: got {self.got}; allowed: {self.allowed}"


class SettingsInvalid(SettingsError):
    """Everything that is wrong with a settings file, at once."""

    code = "TAME201"

    def __init__(self, file: str, mistakes: Sequence[Mistake]) -> None:
        self.file = file
        self.mistakes = tuple(mistakes)
        count = counted(len(self.mistakes), "mistake")
        lines = "".join(f"\n  {mistake}" for mistake in self.mistakes)
        super().__init__(
            f"{count} in `{file}`:{lines}",
            hint="`docs/reference/settings.md` describes every key",
        )


class SecretMissing(SettingsError):
    """A secret that only a person can supply is not there."""

    code = "TAME202"

    def __init__(self, keys: Sequence[str], stack: str) -> None:
        command = "; ".join(f"pulumi config set --secret --path {key} -s {stack}" for key in keys)
        super().__init__(
            f"secrets not set for stack `{stack}`: {listed(keys)}",
            hint=f"`tame config {stack}` asks for them one by one, or run `{command}`",
        )


class LockInvalid(SettingsError):
    """The file with the images' digests cannot be read."""

    code = "TAME207"

    def __init__(self, file: str, why: str) -> None:
        super().__init__(
            f"`{file}` is no lock of images ({why})",
            hint="it is written by `tame pins lock`, never by hand: remove it and run that again",
        )


class TopologyError(TameError):
    """The services of a stack do not fit together."""


class UnknownService(TopologyError):
    """A setting names a service that the stack does not have."""

    code = "TAME301"

    def __init__(self, name: str, asked_by: str, known: Iterable[str]) -> None:
        super().__init__(
            f"`{asked_by}` names a service that the stack lacks: `{name}`; it has {listed(known)}",
            hint="add the service to `services`, or remove the name",
        )


class WireUnreachable(TopologyError):
    """One end of a wire cannot reach the other."""

    code = "TAME302"

    def __init__(self, source: str, target: str, why: str) -> None:
        super().__init__(
            f"`{source}` cannot reach `{target}`: {why}",
            hint="put both on one network, or remove the wire from `uses`",
        )


class PortsClash(TopologyError):
    """Two services want the same port of the host, or of one network namespace."""

    code = "TAME303"

    def __init__(self, where: str, port: str, services: Sequence[str]) -> None:
        super().__init__(
            f"{listed(services)} want the same port of {where}: `{port}`",
            hint="give one of them another port under `services.<name>.publish`",
        )


class TunnelMissing(TopologyError):
    """A torrent client has no VPN to hide behind."""

    code = "TAME304"

    def __init__(self, service: str) -> None:
        super().__init__(
            f"`{service}` speaks BitTorrent, and the stack has no VPN gateway to send it through",
            hint="add `gluetun: {}` to `services` and fill in `vpn`, or remove the client",
        )


class DoctrineError(TameError):
    """The doctrine forbids what a stack asks for."""


class DoctrineViolated(DoctrineError):
    """Mandatory rules that a service breaks, all at once."""

    code = "TAME401"

    def __init__(self, subject: str, violations: Sequence[str]) -> None:
        lines = "".join(f"\n  {violation}" for violation in violations)
        super().__init__(
            f"`{subject}` breaks the doctrine:{lines}",
            hint="`docs/reference/rules.md` says why each rule exists and what to do instead",
        )


class HostError(TameError):
    """The machine or its Docker engine is not as the stack needs it."""


class EngineUnreachable(HostError):
    """No Docker engine answers."""

    code = "TAME501"

    def __init__(self, host: str, why: str) -> None:
        super().__init__(
            f"no Docker engine answers at `{host}`: {why}",
            hint="start it, or correct `engine` in the stack's settings; "
            "`docker -H " + host + " version` must work",
        )


class HostConflicts(HostError):
    """Names, ports, subnets or images that stand in the way, all at once."""

    code = "TAME502"

    def __init__(self, conflicts: Sequence[str]) -> None:
        lines = "".join(f"\n  {conflict}" for conflict in conflicts)
        super().__init__(
            f"the host is not ready for the stack; nothing was changed:{lines}",
            hint="free what is named, or choose another name, port, subnet or image",
        )


class DataRootUnmarked(HostError):
    """The data tree lacks its marker: most likely its disk is not mounted."""

    code = "TAME503"

    def __init__(self, root: str, marker: str, host: str = "") -> None:
        of, there = (f" of `{host}`", " there") if host else ("", "")
        super().__init__(
            f"the data root `{root}`{of} has no marker file `{marker}`; nothing was changed",
            hint="mount the disk; if the directory is right and new, "
            f"run `mkdir -p {root} && touch {root}/{marker}`{there} once",
        )


class DeploymentError(TameError):
    """A deployment cannot go on."""


class StandInRefused(DeploymentError):
    """A stack that is no rehearsal would run stand-ins."""

    code = "TAME601"

    def __init__(self, subject: str) -> None:
        super().__init__(
            f"`{subject}` is a stand-in, and the stack is not a rehearsal",
            hint="name the real image, or set `tame:rehearsal` to `true` in a rehearsal stack",
        )


class RehearsalError(TameError):
    """The test bed cannot do its part."""


def counted(number: int, noun: str) -> str:
    """E.g. `1 image`, `2 images`; of nouns that take an `s`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Iterable[str]) -> str:
    """*names* in backticks, in order, as a person would list them."""
    quoted = [f"`{name}`" for name in sorted(names)]
    if not quoted:
        return "none"
    if len(quoted) == 1:
        return quoted[0]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"

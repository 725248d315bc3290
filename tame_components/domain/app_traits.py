"""What is known about an application beside its container: tags, dashboards, metrics, files."""

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from tame_components.domain.base import Frozen, Sourced


class TagGrammar(Sourced):
    """Which tags of the image's repository are releases of the same line, and which is newer."""

    pattern: str
    """A regular expression for whole tags. Its groups, left to right, hold numbers that are
    compared one by one, dots splitting each group; a tag that does not match is no release."""
    changelog: str | None = None
    """Where a person reads what a release brings; `{tag}` is filled in."""

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        try:
            groups = re.compile(self.pattern).groups
        except re.error as error:
            raise ValueError(f"the tag grammar is no regular expression: {error}") from error
        if not groups:
            raise ValueError("the tag grammar has no group to compare by")
        return self

    def order(self, tag: str) -> tuple[int, ...] | None:
        """What *tag* is compared by; None where it is no release of this line."""
        match = re.fullmatch(self.pattern, tag)
        if match is None:
            return None
        return tuple(int(n) for group in match.groups("0") for n in re.findall(r"\d+", group))


class ConfigFile(Sourced):
    """A file of fixed content that the application reads; generated ones are made elsewhere."""

    path: str
    content: str


class ExtraMount(Sourced):
    """Something of the host, or of another service, that the application has to see."""

    what: Literal["host", "state-of", "config-root", "metrics", "backups"]
    """`host`: `path` there. `state-of`: the state directory of each service that offers `offer`.
    `config-root`: every state directory. `metrics`: figures that others leave there for Prometheus.
    `backups`: where snapshots are kept."""
    path: str = ""
    """Of the host; or below the other service's state directory."""
    offer: str | None = None
    target: str
    """In the container; `{service}` is filled in for `state-of`."""
    read_only: bool = True

    @model_validator(mode="after")
    def _names_its_source(self) -> Self:
        if self.what == "host" and not self.path.startswith("/"):
            raise ValueError("a mount of the host names an absolute `path`")
        if (self.what == "state-of") != (self.offer is not None):
            raise ValueError("a mount of another's state names its `offer`, and no other does")
        return self


class Metrics(Sourced):
    """How Prometheus learns about the application."""

    by: Literal["itself", "exportarr"]
    """`exportarr`: an exporter of its own beside it, where the stack watches."""
    port: str = "ui"
    """Of the application, where it answers itself."""
    path: str = "/metrics"
    command: str | None = None
    """exportarr's subcommand, e.g. `radarr`."""


class Advertised(Sourced):
    """How the application is told at which addresses players find it."""

    variable: str
    """The environment variable that holds them, separated by commas."""
    several: bool = False
    """Whether it takes more than one."""


class Dashboard(Sourced):
    """How the dashboard shows the application."""

    icon: str
    """A name of the Dashboard Icons collection, e.g. `radarr`."""
    widget: str | None = None
    """Homepage's widget type; it asks with the service's `api-key`."""


class Version(Sourced):
    """Where the application says which version it is."""

    path: str
    """Of its UI's URL, e.g. `/api/v3/system/status`."""
    pointer: str
    """A JSON pointer (RFC 6901) into the answer, e.g. `/version`."""
    header: str | None = None
    """The header that carries its `api-key`; None: no key is asked for."""


class Refusal(Frozen):
    """An application that TAME will not run."""

    name: str
    reason: str
    instead: str
    """What to use in its place."""
    source: str = Field(min_length=1)

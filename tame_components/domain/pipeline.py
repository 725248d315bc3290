"""Indexers, libraries, quality profiles and users, as data."""

from typing import Literal

from pydantic import Field

from tame_components.domain.base import Frozen
from tame_components.domain.setting_types import Name


class IndexerSettings(Frozen):
    """A place to search. Its key or password is a secret: `tame:secrets.indexers.<name>`."""

    kind: str = Field(min_length=1)
    """Prowlarr's definition, e.g. `torznab` or `newznab`."""
    protocol: Literal["torrent", "usenet"]
    """What it finds."""
    url: str = Field(pattern=r"^https?://")
    """Where it is."""
    priority: int = Field(default=25, ge=1, le=50)
    """1 is asked first, 50 last."""
    services: tuple[Name, ...] | None = None
    """Which services search it. Default: all that can."""


class LibrarySettings(Frozen):
    """One library of the media servers."""

    kind: Literal["movies", "tv", "music"]
    """What is in it."""
    folder: str = Field(pattern=r"^media/[^/].*[^/]$")
    """Below the data root."""
    title: str | None = Field(default=None, min_length=1)
    """What players call it, e.g. `TV Shows`. Default: its name."""
    service: Name | None = None
    """The service that files into it. Default: the only one of its kind."""


class QualitySettings(Frozen):
    """A quality profile, or another part of the TRaSH guides."""

    template: str = Field(min_length=1)
    """Recyclarr's template, e.g. `radarr-quality-profile-hd-bluray-web`; the guides' own id of a
    profile (32 hexadecimal digits); or your own file `*.yml` below its `includes`."""
    service: Name
    """The service that uses it."""


class UserSettings(Frozen):
    """A person who watches or runs the stack."""

    role: Literal["admin", "viewer"] = "viewer"
    """Whether they may change anything."""
    requests_per_week: int = Field(default=10, ge=0)
    """How much they may ask for in the request portals."""
    libraries: tuple[Name, ...] | None = None
    """Which of `libraries`. Default: all."""


class PipelineSettings(Frozen):
    """What the wires carry into the applications."""

    indexers: dict[Name, IndexerSettings] = Field(default_factory=dict)
    """Places to search, by name."""
    libraries: dict[Name, LibrarySettings] = Field(default_factory=dict)
    """Libraries of the media servers, by name."""
    quality: dict[Name, QualitySettings] = Field(default_factory=dict)
    """Quality profiles, by name."""
    users: dict[Name, UserSettings] = Field(default_factory=dict)
    """People, by name."""

"""The GPU of a stack: which, and how containers get it."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from tame_components.domain.base import Frozen
from tame_components.domain.ffmpeg import Codec, Method, mistakes, transcode
from tame_components.domain.paths import HostPath


class GpuVendor(StrEnum):
    """Who made it; decides how a container gets it."""

    INTEL = "intel"
    AMD = "amd"
    NVIDIA = "nvidia"


_METHODS = {
    GpuVendor.AMD: Method.VAAPI,
    GpuVendor.INTEL: Method.QSV,
    GpuVendor.NVIDIA: Method.CUDA,
}


class TranscodeSettings(Frozen):
    """Where half-finished video lies."""

    where: Literal["shm", "tmpfs", "disk"] = "shm"
    """`shm`: the container's `/dev/shm`. `tmpfs`: a file system of its own in memory. `disk`: the
    application's own state directory."""
    size_mb: int = Field(default=4096, ge=256)
    """Counts against the host's memory, not against the container's limit alone."""
    codec: Codec = "hevc"
    """What Tdarr makes of the library."""
    arguments: tuple[str, ...] = ()
    """ffmpeg's arguments for Tdarr, `-i` among them. Default: those that keep all on the GPU."""

    @model_validator(mode="after")
    def _stays_on_the_gpu(self) -> Self:
        if self.arguments and (wrong := mistakes(self.arguments)):
            raise ValueError(f"arguments that keep video on the GPU; these do not: {wrong[0]}")
        return self


class GpuSettings(Frozen):
    """The GPU that media servers and transcoders use."""

    vendor: GpuVendor
    """Who made it."""
    device: HostPath = "/dev/dri"
    """Intel and AMD: the directory, or one render node, e.g. `/dev/dri/renderD128`."""
    render_gid: int | None = Field(default=None, ge=0)
    """Intel and AMD: the group that owns the render node (`stat -c %g /dev/dri/renderD128`)."""
    by: Literal["device-request", "runtime"] = "device-request"
    """NVIDIA: `device-request` is `--gpus`; `runtime` the older `--runtime nvidia`, as on NAS."""
    devices: tuple[str, ...] = ("all",)
    """NVIDIA: ids or UUIDs, for machines with several."""
    transcode: TranscodeSettings = TranscodeSettings()
    """Where half-finished video lies."""

    @property
    def method(self) -> Method:
        """How ffmpeg gets at it."""
        return _METHODS[self.vendor]

    @property
    def arguments(self) -> tuple[str, ...]:
        """What Tdarr gives to ffmpeg; `{input}` and `{output}` stand for the files."""
        node = self.device if self.device.rpartition("/")[2].startswith("renderD") else None
        own = transcode(self.method, self.transcode.codec, node)
        return self.transcode.arguments or own.command("{input}", "{output}")

    @model_validator(mode="after")
    def _knows_the_group(self) -> Self:
        if self.vendor is not GpuVendor.NVIDIA and self.render_gid is None:
            raise ValueError(
                "`render_gid`, the group that owns the render node:"
                " `stat -c %g /dev/dri/renderD128`"
            )
        return self

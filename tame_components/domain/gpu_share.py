"""What a container needs to use the stack's GPU."""

from pydantic import Field

from tame_components.domain.app import App
from tame_components.domain.base import Frozen
from tame_components.domain.gpu import GpuSettings, GpuVendor


class GpuShare(Frozen):
    """What is added to a container."""

    devices: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    request: str = ""
    """As `docker run --gpus` takes it."""
    runtime: str = ""
    shm_mb: int | None = None
    tmpfs: dict[str, str] = Field(default_factory=dict)
    environment: dict[str, str] = Field(default_factory=dict)


def gpu_share(settings: GpuSettings | None, app: App) -> GpuShare:
    """What *app* needs for the GPU of *settings*; nothing where there is none.

    Sources: the NVIDIA Container Toolkit's documentation (environment variables, `--gpus`);
    docs.linuxserver.io/images/docker-plex (/dev/dri); jellyfin.org/docs, hardware acceleration.
    """
    if settings is None:
        return GpuShare()
    transcode = settings.transcode
    shm = transcode.size_mb if transcode.where == "shm" else None
    tmpfs = (
        {app.scratch: f"size={transcode.size_mb}m"}
        if transcode.where == "tmpfs" and app.scratch
        else {}
    )
    if settings.vendor is not GpuVendor.NVIDIA:
        groups = (str(settings.render_gid),) if settings.render_gid is not None else ()
        return GpuShare(devices=(settings.device,), groups=groups, shm_mb=shm, tmpfs=tmpfs)
    which = ",".join(settings.devices)
    environment = {
        "NVIDIA_DRIVER_CAPABILITIES": "compute,video,utility",
        "NVIDIA_VISIBLE_DEVICES": which,
    }
    if settings.by == "runtime":
        return GpuShare(runtime="nvidia", shm_mb=shm, tmpfs=tmpfs, environment=environment)
    request = "all" if which == "all" else f"device={which}"
    return GpuShare(request=request, shm_mb=shm, tmpfs=tmpfs, environment=environment)

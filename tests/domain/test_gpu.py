"""A GPU that is asked for is really given, and video stays on it."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tame_components.catalog import catalog
from tame_components.domain.container import Container
from tame_components.domain.errors import SettingsInvalid
from tame_components.domain.ffmpeg import Method, mistakes, proof, transcode
from tame_components.domain.gpu_share import gpu_share
from tame_components.domain.rendering import container_of
from tests.harness import stacks


VENDORS: dict[str, dict[str, Any]] = {
    "intel": {"vendor": "intel", "render_gid": 105},
    "amd": {"vendor": "amd", "render_gid": 44, "device": "/dev/dri/renderD128"},
    "nvidia": {"vendor": "nvidia"},
}


def _container(
    service: str, gpu: dict[str, Any] | None, asked: dict[str, Any] | None = None
) -> Container:
    topology = stacks.topology(services={service: asked or {}}, vpn=None, gpu=gpu)
    return container_of(topology, topology.service(service))


@pytest.mark.parametrize("vendor", ["intel", "amd"])
def test_a_render_node_comes_with_its_group(vendor: str) -> None:
    """Intel, AMD: the device alone is of no use to a process outside its group."""
    gpu = VENDORS[vendor]
    share = gpu_share(stacks.settings(gpu=gpu).gpu, catalog()["jellyfin"])

    assert share.devices == (gpu.get("device", "/dev/dri"),)
    assert share.groups == (str(gpu["render_gid"]),)
    assert (share.request, share.runtime) == ("", "")


def test_nvidia_is_a_device_request_or_a_runtime() -> None:
    """NVIDIA: no device node, and the driver's video libraries by environment."""
    request = gpu_share(stacks.settings(gpu={"vendor": "nvidia"}).gpu, catalog()["jellyfin"])
    chosen = {"vendor": "nvidia", "by": "runtime", "devices": ["GPU-1"]}
    runtime = gpu_share(stacks.settings(gpu=chosen).gpu, catalog()["jellyfin"])

    assert (request.request, request.runtime, request.devices) == ("all", "", ())
    assert (runtime.request, runtime.runtime) == ("", "nvidia")
    assert runtime.environment["NVIDIA_VISIBLE_DEVICES"] == "GPU-1"
    assert "video" in runtime.environment["NVIDIA_DRIVER_CAPABILITIES"].split(",")


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_works_on_video_gets_the_gpu_and_nothing_else_does(vendor: str) -> None:
    """The stack's GPU goes to media servers by themselves, to nobody else, and not when refused."""
    given = _container("jellyfin", VENDORS[vendor])
    refused = _container("jellyfin", VENDORS[vendor], {"gpu": False})
    other = _container("radarr", VENDORS[vendor])

    assert given.devices or given.gpus
    assert given.shm_mb == 4096
    for without in (refused, other):
        assert (without.devices, without.gpus, without.groups) == ((), "", ())
        assert without.shm_mb is None


def test_a_gpu_that_nobody_described_is_refused() -> None:
    """`gpu: true` without `tame:gpu` is a mistake, not a silent processor."""
    with pytest.raises(SettingsInvalid, match=r"services\.jellyfin\.gpu"):
        _container("jellyfin", None, {"gpu": True})


def test_a_render_node_without_its_group_is_refused() -> None:
    """The setting that people forget is asked for, with the command that finds it."""
    with pytest.raises(SettingsInvalid, match="stat -c %g"):
        stacks.settings(gpu={"vendor": "intel"})


@pytest.mark.parametrize("method", Method)
def test_what_we_write_stays_on_the_gpu(method: Method) -> None:
    """Decoded there, kept there, encoded there; in the order that ffmpeg reads."""
    arguments = transcode(method, device="/dev/dri/renderD128").command("in.mkv", "out.mkv")

    assert mistakes(arguments) == ()
    assert arguments.index("-hwaccel") < arguments.index("-i") < arguments.index("-c:v")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("-i in.mkv -hwaccel cuda -hwaccel_output_format cuda -c:v hevc_nvenc out", "after `-i`"),
        ("-hwaccel_output_format cuda -i in.mkv -c:v hevc_nvenc out", "`-hwaccel` is missing"),
        ("-hwaccel cuda -i in.mkv -c:v hevc_nvenc out", "main memory"),
        ("-hwaccel cuda -hwaccel_output_format cuda -i in.mkv -c:v libx265 out", "processor"),
        ("-hwaccel cuda -hwaccel_output_format cuda -i in.mkv out", "encodes on the processor"),
        ("-hwaccel cuda -c:v hevc_nvenc out", "no `-i`"),
    ],
)
def test_arguments_that_leave_the_gpu_are_refused(arguments: str, why: str) -> None:
    """Blueprint 000, table 2: the order relative to `-i` decides who decodes."""
    transcoding = {"arguments": arguments.split()}
    with pytest.raises(SettingsInvalid, match="TAME201") as refused:
        stacks.settings(gpu={"vendor": "nvidia", "transcode": transcoding})

    assert why in str(refused.value)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed here")
@pytest.mark.parametrize("method", Method)
def test_the_proof_of_decoding_needs_a_gpu(method: Method, tmp_path: Path) -> None:
    """Where the GPU is, the proof succeeds; where it is not, the processor cannot pass for it."""
    sample = tmp_path / "sample.mp4"
    made = ["-f", "lavfi", "-i", "testsrc=d=1:s=320x240", "-c:v", "libx264", str(sample)]
    subprocess.run(["ffmpeg", "-v", "error", *made], check=True)
    there = {
        Method.CUDA: Path("/dev/nvidiactl").exists(),
        Method.QSV: Path("/dev/dri").exists(),
        Method.VAAPI: Path("/dev/dri").exists(),
    }[method]
    done = subprocess.run(
        ["ffmpeg", "-v", "error", *proof(method, str(sample))], check=False, capture_output=True
    )

    assert (done.returncode == 0) == there, done.stderr

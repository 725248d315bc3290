"""ffmpeg's arguments for work that stays on the GPU: decoded there, and encoded there.

ffmpeg reads options in the order of the files that they stand before: `-hwaccel` after `-i` is an
option of the output, and the input is decoded by the processor without a word (blueprint 000,
table 2). Names of decoders, encoders and filters: ffmpeg 5.1, `ffmpeg -hwaccels`, `-encoders`,
`-filters`, and trac.ffmpeg.org/wiki/HWAccelIntro.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Literal

from tame_components.domain.base import Frozen


class Method(StrEnum):
    """ffmpeg's word for a way to use a GPU."""

    CUDA = "cuda"
    """NVIDIA."""
    QSV = "qsv"
    """Intel."""
    VAAPI = "vaapi"
    """AMD, and Intel too."""


Codec = Literal["h264", "hevc", "av1"]

_ENCODER = {Method.CUDA: "nvenc", Method.QSV: "qsv", Method.VAAPI: "vaapi"}
_SCALER = {Method.CUDA: "scale_cuda", Method.QSV: "scale_qsv", Method.VAAPI: "scale_vaapi"}
_VIDEO_CODEC = ("-c:v", "-codec:v", "-vcodec")


class Transcode(Frozen):
    """The arguments on both sides of the input."""

    before_input: tuple[str, ...]
    after_input: tuple[str, ...]

    def command(self, source: str, target: str) -> tuple[str, ...]:
        """The whole of ffmpeg's arguments."""
        return (*self.before_input, "-i", source, *self.after_input, target)


def transcode(method: Method, codec: Codec = "hevc", device: str | None = None) -> Transcode:
    """How *method* decodes whatever comes in and encodes it as *codec*.

    Args:
        method: which way to the GPU.
        codec: what comes out.
        device: the render node, for machines with several; not for NVIDIA.
    """
    where = ("-hwaccel_device", device) if device and method is not Method.CUDA else ()
    return Transcode(
        before_input=("-hwaccel", method, *where, "-hwaccel_output_format", method),
        after_input=("-c:v", f"{codec}_{_ENCODER[method]}", "-c:a", "copy", "-c:s", "copy"),
    )


def proof(method: Method, source: str) -> tuple[str, ...]:
    """Arguments that succeed only where *source* is decoded by the GPU.

    A scaler of the GPU takes frames that lie there and no others; ffmpeg ends with an error where
    the decoder fell back to the processor.
    """
    first = transcode(method, "h264")
    scaler = f"{_SCALER[method]}=w=64:h=64"
    encoder = f"h264_{_ENCODER[method]}"
    return (*first.before_input, "-i", source, "-vf", scaler, "-c:v", encoder, "-f", "null", "-")


def mistakes(arguments: Sequence[str]) -> tuple[str, ...]:
    """Why *arguments* would leave work to the processor; empty where they do not."""
    return tuple(_mistakes(list(arguments)))


def _mistakes(arguments: list[str]) -> Iterator[str]:
    if "-i" not in arguments:
        yield "they have no `-i`"
        return
    first = arguments.index("-i")
    before, after = arguments[:first], arguments[first + 1 :]
    for option in ("-hwaccel", "-hwaccel_output_format"):
        if option in before:
            continue
        where = "stands after `-i`" if option in after else "is missing before `-i`"
        what = "decoded" if option == "-hwaccel" else "copied through main memory"
        by = " by the processor" if option == "-hwaccel" else ""
        yield f"`{option}` {where}: video would be {what}{by}"
    encoder = next(
        (after[place + 1] for place, one in enumerate(after[:-1]) if one in _VIDEO_CODEC), None
    )
    if encoder is None or not encoder.endswith((*(f"_{name}" for name in _ENCODER.values()),)):
        yield f"`-c:v {encoder or ''}`".replace(" `", "`") + " encodes on the processor"

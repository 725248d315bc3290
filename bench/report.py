"""Figures as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from typing_extensions import override

from testbed.project import ROOT


PAGE = ROOT / "docs" / "performance.md"
FROM, TO = "<!-- figures: from here... -->", "<!-- ...to here. -->"


class Figures(list[float]):
    """Seconds of several runs; printed as their median and range."""

    @override
    def __str__(self) -> str:
        if len(self) == 1:
            return f"{self[0]:.2f} s"
        return f"{median(self):.2f} s ({min(self):.2f} to {max(self):.2f})"


@dataclass(frozen=True, slots=True)
class Target:
    """Something that was promised."""

    what: str
    got: float
    """A share of one, or in `unit`."""
    most: float
    unit: str = ""
    ratio: bool = False

    @override
    def __str__(self) -> str:
        met = "met" if self.got <= self.most else "**missed**"
        return f"{self.what}: {self._shown(self.got)} (at most {self._shown(self.most)}): {met}"

    def _shown(self, value: float) -> str:
        if self.unit:
            return f"{value:.3g} {self.unit}" if self.unit == "s" else f"{value:.0f} {self.unit}"
        return f"{value:.2f} times" if self.ratio else f"{value * 100:.0f} %"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report."""

    title: str
    paragraphs: Sequence[str]
    targets: Sequence[Target]

    @override
    def __str__(self) -> str:
        judged = "\n".join(f"- {target}" for target in self.targets)
        return "\n\n".join([f"### {self.title}", *self.paragraphs, judged])


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write(report: str, page: Path = PAGE) -> None:
    """Put *report* between the two marks of *page*.

    Raises:
        ValueError: the page has not exactly one pair of marks.
    """
    text = page.read_text()
    if text.count(FROM) != 1 or text.count(TO) != 1 or text.index(FROM) > text.index(TO):
        raise ValueError(f"{page}: the marks `{FROM}` and `{TO}` are not there once each, in order")
    before, _, rest = text.partition(FROM)
    after = rest.partition(TO)[2]
    page.write_text(f"{before}{FROM}\n{report.strip()}\n{TO}{after}")

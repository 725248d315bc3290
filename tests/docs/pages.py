"""The pages that people read, taken apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path


ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)


@dataclass(frozen=True)
class Fence:
    """A block of code in a page."""

    page: str
    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path in the checkout."""
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        """Everything in it."""
        return self.path.read_text("utf-8")

    @cached_property
    def fences(self) -> tuple[Fence, ...]:
        """Its blocks of code."""
        found = _FENCE.findall(self.text)
        return tuple(Fence(self.name, language, text) for language, text in found)

    @cached_property
    def prose(self) -> str:
        """The page without its blocks of code."""
        return _FENCE.sub("", self.text)

    @cached_property
    def spans(self) -> tuple[str, ...]:
        """The code in its sentences."""
        return tuple(_SPAN.findall(self.prose))

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Where its links lead, other sites left out."""
        return tuple(one for one in _LINK.findall(self.prose) if "://" not in one)

    @cached_property
    def anchors(self) -> frozenset[str]:
        """What a link into it may end in, as GitHub makes it from the headings."""
        return frozenset(_slug(heading) for heading in _HEADING.findall(self.prose))


def _slug(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.strip().replace(" ", "-")


@cache
def pages() -> tuple[Page, ...]:
    """Every page, README first."""
    names = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")
    parts = ROOT / "docs" / "troubleshooting.d"  # of a page, and checked there
    found = sorted(file for file in (ROOT / "docs").rglob("*.md") if file.parent != parts)
    return tuple(Page(file) for file in [*(ROOT / name for name in names), *found])


def fences(language: str) -> tuple[Fence, ...]:
    """The blocks of code in *language*, of all pages."""
    return tuple(one for page in pages() for one in page.fences if one.language == language)


def commands() -> Iterator[tuple[str, str]]:
    """Each line of shell that a page shows, with the page: in blocks and in sentences."""
    for page in pages():
        blocks = [one.text for one in page.fences if one.language == "sh"]
        for line in (line for block in blocks for line in _lines(block)):
            yield page.name, line
        for span in page.spans:
            yield page.name, span


def _lines(block: str) -> Iterator[str]:
    joined = _COMMENT.sub("", block).replace("\\\n", " ")
    for line in joined.splitlines():
        yield from (part.strip() for part in re.split(r"&&|\|\||;|\|", line) if part.strip())

"""An application of which only a few fixed answers matter: shared, instead of one copy each.

A stand-in of this sort is a class with a docstring (what it does and leaves out), `health`, and
`pages`. Wherever `{version}` stands in an answer, the version that the image claims is filled in.
"""

import threading
from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from testbed.apps.application import Application
from testbed.apps.web import Handler, Request, Response, Server, as_html, as_json, as_text


class Plain(Application):
    """Answers GET, and HEAD, of the paths in `pages`; everything else is 404."""

    pages: ClassVar[Mapping[str, Any]] = {}
    """Path -> answer: a text that begins with `<` is a page, another text plain, the rest JSON."""

    @override
    def routes(self) -> None:
        for path, answer in self.pages.items():
            self.router.add("GET", path, self._answering(answer))

    def _answering(self, answer: object) -> Handler:
        filled = filled_in(answer, self.place.version)

        def answered(_: Request) -> Response:
            if not isinstance(filled, str):
                return as_json(filled)
            return as_html(filled) if filled.startswith("<") else as_text(filled)

        return answered


class WithMorePorts(Plain):
    """Answers the same on further ports, as programs do that keep their own page apart."""

    more: ClassVar[tuple[int, ...]] = ()

    @override
    def listening(self, port: int) -> None:
        super().listening(port)
        # A test's port is whatever the system chose: there the others stay shut.
        for other in self.more if port == self.place.port else ():
            server = Server(other, self.handle, banner=self.banner)
            threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()


def filled_in(answer: Any, version: str) -> Any:  # noqa: ANN401 - whatever JSON can be
    """*answer* with *version* in the place of every `{version}`."""
    if isinstance(answer, str):
        return answer.replace("{version}", version)
    if isinstance(answer, Mapping):
        return {key: filled_in(value, version) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [filled_in(value, version) for value in answer]
    return answer


def exposition(**values: float) -> str:
    """*values* in Prometheus's text format, one gauge each."""
    return "".join(f"# TYPE {name} gauge\n{name} {value:g}\n" for name, value in values.items())

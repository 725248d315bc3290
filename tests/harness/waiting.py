"""Waiting for what something else does: looked at again and again, until a deadline."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar


T = TypeVar("T")


def eventually(check: Callable[[], T], *, within: float = 60.0, every: float = 0.05) -> T:
    """The first truthy answer of *check*, asked *every* so many seconds.

    An `AssertionError` or `OSError` of *check* (which Docker's and HTTP's errors are) is an answer
    too, and not yet the good one.

    Raises:
        AssertionError: None came *within* so many seconds; the last one is named.
    """
    deadline = time.monotonic() + within
    pause = threading.Event()
    while True:
        try:
            answer: T | Exception = check()
        except (AssertionError, OSError) as error:
            answer = error
        if answer and not isinstance(answer, Exception):
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s; last answer: {answer!r}")
        pause.wait(every)

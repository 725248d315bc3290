"""Every form of a variable that Compose knows."""

import pytest

from tame_components.compose import dotenv
from tame_components.compose.interpolation import NotInterpolable, expand


SET = {"V": "value", "EMPTY": "", "OTHER": "other"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("$V", "value"),
        ("${V}", "value"),
        ("a${V}b$V.c", "avalueb" + "value.c"),
        ("${V:-d}", "value"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${NO:-d}", "d"),
        ("${NO-d}", "d"),
        ("${V:?must}", "value"),
        ("${EMPTY?must}", ""),
        ("${V:+a}", "a"),
        ("${EMPTY:+a}", ""),
        ("${EMPTY+a}", "a"),
        ("${NO+a}", ""),
        ("$$V $${V}", "$V ${V}"),
        ("${NO:-${OTHER}}", "other"),
        ("${NO:-${NEITHER:-deep}}", "deep"),
        ("${NO:-a}b}", "ab}"),
        ("${NO:-$$x}", "$x"),
        ("a$ $1 $(ls) $- $.x", "a$ $1 $(ls) $- $.x"),
    ],
)
def test_what_is_set_is_filled_in(text: str, wanted: str) -> None:
    """The forms mean what Compose says they mean."""
    done = expand(text, SET)

    assert (done.text, done.unknown) == (wanted, ())


@pytest.mark.parametrize(
    ("text", "left", "names"),
    [
        ("$NO", "${NO}", ("NO",)),
        ("x:${NO}", "x:${NO}", ("NO",)),
        ("${NO:?say which}", "${NO}", ("NO",)),
        ("${EMPTY:?say which}", "${EMPTY}", ("EMPTY",)),
        ("${NO:-${NEITHER}}", "${NEITHER}", ("NEITHER",)),
        ("${A}${B}${A}", "${A}${B}${A}", ("A", "B")),
    ],
)
def test_what_nobody_set_stays_unknown(text: str, left: str, names: tuple[str, ...]) -> None:
    """A variable without a value or default is no empty text: it is not known."""
    done = expand(text, SET)

    assert (done.text, done.unknown) == (left, names)


@pytest.mark.parametrize("text", ["${", "${V", "${1}", "${}", "${V!x}", "${V:x}", "${V:-a"])
def test_what_compose_refuses_is_refused(text: str) -> None:
    """A brace that is no variable is a mistake, not a text."""
    with pytest.raises(NotInterpolable):
        expand(text, SET)


def test_endless_defaults_end() -> None:
    """A thousand defaults within each other are refused, not followed."""
    with pytest.raises(NotInterpolable):
        expand("${A:-" * 1000 + "}" * 1000, {})


def test_files_of_variables() -> None:
    """Quotes, comments, `export`, references and text over lines, as Compose reads them."""
    text = (
        "# a comment\nPLAIN=a b # not this\nexport TOLD=1\nSINGLE='$V # kept'\n"
        'DOUBLE="x\\ty ${V}"\nLONG="one\ntwo"\nEMPTY=\nNEXT=${TOLD}2\nBARE\n'
        "SIGN= # kept, as Compose does\n"
        "HASH=a#b\nNO=${NOWHERE}\n"
    )
    found = dotenv.parse(text, {"V": "value"})

    assert {name: one.text for name, one in found.items() if not one.unknown} == {
        "PLAIN": "a b",
        "TOLD": "1",
        "SINGLE": "$V # kept",
        "DOUBLE": "x\ty value",
        "LONG": "one\ntwo",
        "EMPTY": "",
        "NEXT": "12",
        "HASH": "a#b",
        "SIGN": "# kept, as Compose does",
    }
    assert found["BARE"].unknown == ("BARE",)
    assert found["NO"].unknown == ("NOWHERE",)

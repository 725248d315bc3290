"""YAML is read as Compose reads it, and cannot exhaust whoever reads it."""

import time
from typing import Any

import pytest

from tame_components.compose.errors import ComposeInvalid, ComposeTooLarge, ComposeUnreadable
from tame_components.compose.nodes import MAX_DEPTH, Node, read


def one(text: str) -> Node:
    """The only document of *text*."""
    (node,) = read(text, "file.yml")
    return node


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("22:22", "22:22"),
        ("1:30:00", "1:30:00"),
        ("022", 18),
        ("0o22", 18),
        ("0x1F", 31),
        ("1_000", 1000),
        ("1.50", 1.5),
        ("~", None),
        ("", None),
        ("'true'", "true"),
        ('"022"', "022"),
        ("!!str 5", "5"),
        ("5.2.1", "5.2.1"),
    ],
)
def test_scalars_are_what_compose_takes_them_for(scalar: str, value: Any) -> None:
    """Words of YAML 1.1 stay text, numbers of base 60 too; octal numbers do not."""
    found = one(f"key: {scalar}").get("key")

    assert found is not None
    assert found.value == value
    assert type(found.value) is type(value)


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    """Nine levels of ten are a billion values: TAME802 for a blink's work, unexpanded."""
    lines = ["a0: &a0 [lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    begun = time.process_time()

    with pytest.raises(ComposeTooLarge, match="values"):
        read("\n".join(lines), "bomb.yml")
    assert time.process_time() - begun < 2


def test_a_bomb_of_merges_is_refused() -> None:
    """Merge keys multiply as aliases do."""
    lines = ["a0: &a0 {x: 1}"]
    lines += [
        f"a{n}: &a{n} {{{', '.join(f'k{i}: *a{n - 1}' for i in range(10))}}}" for n in range(1, 10)
    ]
    with pytest.raises(ComposeTooLarge):
        read("\n".join([*lines, "services: {<<: *a9}"]), "bomb.yml")


def test_depth_is_bounded() -> None:
    """A hundred thousand brackets neither crash the parser nor take its stack."""
    with pytest.raises(ComposeTooLarge, match=str(MAX_DEPTH)):
        read("a: " + "[" * 100_000, "deep.yml")


def test_an_alias_to_itself_is_refused() -> None:
    """A value cannot contain itself."""
    with pytest.raises(ComposeUnreadable, match="line 1"):
        read("a: &a [*a]", "self.yml")


def test_a_key_that_is_there_twice_is_refused() -> None:
    """Compose refuses it too; silently taking one would judge another stack."""
    with pytest.raises(ComposeInvalid, match="line 3: the key `image` is there twice"):
        read("a:\n  image: x\n  image: y\n", "twice.yml")


def test_broken_yaml_is_named_without_its_text() -> None:
    """The line is told; what stands there may be a secret."""
    with pytest.raises(ComposeUnreadable) as refused:
        read("a: 1\nb: [hunter2\n", "broken.yml")

    assert "line" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_merge_keys_give_way_to_what_is_written() -> None:
    """`<<` fills in, the first of several sources wins, and places stay."""
    node = one("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 3\n").get("z")

    assert node is not None
    assert {key: value.value for key, value in node.keys.items()} == {"a": 3, "b": 1, "c": 2}
    assert node.keys["a"].place.line == 5
    assert node.keys["b"].place.line == 1

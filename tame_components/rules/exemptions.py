"""An exemption has an owner, a reason and a last day; it names what exists, and it ends."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from tame_components.rules.model import Rule, Scope, StackFinding


if TYPE_CHECKING:
    from tame_components.domain.settings import Exemption, StackSettings


STACK = "stack"
"""The service that an exemption names for a rule that judges the stack as a whole."""


def rule_about(rules: Mapping[str, Rule]) -> Rule:
    """The rule about exemptions, which needs to know what may be exempted: *rules*."""

    def check(scope: Scope) -> Iterator[StackFinding]:
        hint = "write rule, service, owner, reason and expires"
        for text in scope.unreadable_exemptions:
            yield STACK, f"an exemption cannot be read: {text}", hint
        services = {name for one in scope.containers for name in (one.service, one.name)} - {""}
        for exemption in scope.exemptions:
            for _, got, allowed in _wrong(exemption, rules, services):
                yield exemption.service, f"an exemption names {got}", f"allowed: {allowed}"
            if exemption.expires < scope.today:
                said = f"the exemption of `{exemption.owner}` from `{exemption.rule}` expired"
                message = f"{said} on {exemption.expires}: {exemption.reason}"
                yield exemption.service, message, "remove it, with what it allowed"

    return Rule(
        id="R35",
        name="broken-exemption",
        summary="An exemption has run out, or allows nothing because it names nothing",
        why="an exception that nobody has to look at again becomes the rule",
        example="{rule: exposed-operator-ui, service: sonarr, ..., expires: '2020-01-31'}",
        instead="{rule: exposed-operator-ui, service: sonarr, owner: sam, reason: ..., expires: "
        "'2027-01-31'}",
        exemptable=False,
        reads=frozenset(),
        check_stack=check,
    )


def refuse_wrong(settings: "StackSettings", rules: Mapping[str, Rule]) -> None:
    """Refuse exemptions that can allow nothing: they are slips of the pen.

    Raises:
        SettingsInvalid: naming each unknown rule or service, and each rule without exemptions.
    """
    if not settings.exemptions:
        return
    from tame_components.domain.errors import (  # noqa: PLC0415 - pydantic, for few stacks
        Mistake,
        SettingsInvalid,
    )

    mistakes: list[Mistake] = []
    for index, exemption in enumerate(settings.exemptions):
        for key, got, allowed in _wrong(exemption, rules, settings.services):
            mistakes.append(Mistake(f"tame:exemptions.{index}.{key}", got, allowed))
    if mistakes:
        raise SettingsInvalid(f"Pulumi.{settings.stack}.yaml", mistakes)


def _wrong(
    exemption: "Exemption", rules: Mapping[str, Rule], services: Iterable[str]
) -> Iterator[tuple[str, str, str]]:
    """What of *exemption* names nothing: the key, what it says, what it may say."""
    rule = rules.get(exemption.rule)
    if rule is None:
        close = difflib.get_close_matches(exemption.rule, rules, 1)
        guess = f"; did you mean `{close[0]}`?" if close else ""
        yield "rule", f"`{exemption.rule}`", f"a rule of the doctrine{guess}"
    elif not rule.exemptable:
        yield "rule", f"`{exemption.rule}`", "a rule that has exemptions: this one has none"
    known = {*services, STACK} if rule is not None and rule.check_stack else {*services}
    if exemption.service not in known:
        names = ", ".join(f"`{name}`" for name in sorted(known))
        yield "service", f"`{exemption.service}`", f"a service of the stack: {names}"

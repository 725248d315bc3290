"""docs/reference/rules.md: the doctrine, rule by rule."""

from collections.abc import Iterator

from docs.generator import markdown as md
from tame_components.rules import RULES, Rule


_INTRODUCTION = """\
# The doctrine

Each rule is a pure function from facts to violations, without Pulumi. Two readers use the same
functions. `MediaNetwork` refuses a stack that breaks a mandatory rule before any resource is made,
and names every violation at once ([TAME401](../troubleshooting.md#tame401)). Under
`pulumi preview --policy-pack policies` the policy pack judges every container of the program, also
those that TAME did not make.

A *mandatory* rule stops the deployment; an *advisory* one is reported. Levels depend on the
stack's `tame:environment`. Where a value is not known before the update, a rule cannot judge; the
preview says so, and `pulumi up` judges again before it touches the container.
"""

_OWN = """\
## What the pack says about itself

### unjudged-checks

One line that counts the checks which had to wait, because a property was another resource's
output. `pulumi up` judges them, and a mandatory rule that still cannot judge stops it. To get the
answer in the preview, give the property a plain value. For a gate that may leave nothing open,
`--policy-pack-config policies/strict.json` makes this line mandatory.

### exemptions-in-force

One line with every offence that an exemption allows today. An exemption names the rule, the
service, an owner, a reason and a last day; after that day the rule holds again.

```yaml
config:
  tame:exemptions:
    - rule: exposed-operator-ui
      service: sonarr
      owner: sam
      reason: a borrowed tablet in the workshop until the move
      expires: "2027-01-31"
```
"""


def page() -> str:
    """The whole page."""
    parts = [md.notice("tame_components/rules"), *_INTRODUCTION.split("\n")]
    head = ("rule", "number", "what the offender does", "dev", "sandbox", "prod")
    parts += md.table(head, map(_index, RULES.values()))
    parts += ["## The rules", ""]
    parts += [line for rule in RULES.values() for line in _section(rule)]
    return md.document([*parts, *_OWN.split("\n")])


def _index(rule: Rule) -> tuple[str, ...]:
    levels = (rule.levels.dev, rule.levels.sandbox, rule.levels.prod)
    return (f"[{rule.name}](#{rule.name})", rule.id, rule.summary, *(str(one) for one in levels))


def _section(rule: Rule) -> Iterator[str]:
    yield from (f"### {rule.name}", "", f"{rule.id}. {rule.summary}.", "")
    yield from (f"Why: {rule.why}.", "")
    yield from ("Found:", "", "```text", rule.example, "```", "")
    yield from ("Instead:", "", "```text", rule.instead, "```", "")

"""docs/reference/rules.md: the doctrine, rule by rule."""

from collections.abc import Iterator

from docs.generator import markdown as md
from tame_components.probes import PROBES
from tame_components.rules import RULES, Rule


_INTRODUCTION = """\
# The doctrine

Each rule is a pure function from facts to violations, without Pulumi. Two readers use the same
functions. `MediaNetwork` refuses a stack that breaks a mandatory rule before any resource is made,
and names every violation at once ([TAME401](../troubleshooting.md#tame401)). Under
`pulumi preview --policy-pack policies` the policy pack judges every container of the program, also
those that TAME did not make.

A *mandatory* rule stops the deployment; an *advisory* one is reported; one that is *off* does not
look. Levels depend on the stack's `tame:environment`; they are one table, `LEVELS` in
`tame_components/rules/levels.py`, and `--policy-pack-config` may change them for one run of the
pack. A rehearsal is judged like the environment that it rehearses. Where a value is not known
before the update, a rule cannot judge; the preview says so, and `pulumi up` judges again before it
touches the container.

What a plan cannot say is not judged: the limit of processes, which the Docker provider does not
know, and images that are built from a directory. What only a running host shows stands
[below](#what-only-a-running-host-shows).
"""

_EXEMPTIONS = """\
## Exemptions

An exemption names the rule, the service, an owner, a reason and a last day. The components and the
pack honour it until the end of that day (UTC). After it the rule holds again, and the forgotten
exemption is an offence of its own, [broken-exemption](#broken-exemption). One that names no rule or
no service of the stack is a mistake of the settings
([TAME201](../troubleshooting.md#tame201)): a slip of the pen allows nothing. For a rule that judges
the stack as a whole, the service is `stack`.

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

_NONE = "There is no exemption from this rule."

_PROBED = """\
## What only a running host shows

Questions that no plan answers. Each is a function in `tame_components/probes` that looks and
changes nothing; its answer is *proved*, *failed*, *not applicable* or *undecidable*, with what was
seen.
"""

_OWN = """\
## What the pack says about itself

### unjudged-checks

One line that counts the checks which had to wait, because a property was another resource's
output. `pulumi up` judges them, and a mandatory rule that still cannot judge stops it. To get the
answer in the preview, give the property a plain value. For a gate that may leave nothing open,
`--policy-pack-config policies/strict.json` makes this line mandatory.

### exemptions-in-force

One line with every offence that an [exemption](#exemptions) allows today, who asked for it, until
when and why.
"""

_EVIDENCE = """\
## What prod demands

### unproved-release

Mandatory where `tame:evidence.required` is true: what is to run has no fresh, matching, passing
evidence of the sandbox. The message starts with the reason's name, as the entry of
[TAME844](../troubleshooting.md#tame844) lists them. `pulumi up` refuses it too, before anything is
made, also without the pack.

### broken-glass

Advice that cannot be overlooked: `tame:evidence.break_glass` is in force, who asked for it, until
when, and what the evidence lacks.
"""


def page() -> str:
    """The whole page."""
    parts = [md.notice("tame_components/rules"), *_INTRODUCTION.split("\n")]
    head = ("rule", "number", "what the offender does", "dev", "sandbox", "prod")
    parts += md.table(head, map(_index, RULES.values()))
    parts += ["## The rules", ""]
    parts += [line for rule in RULES.values() for line in _section(rule)]
    parts += _EXEMPTIONS.split("\n")
    parts += _PROBED.split("\n")
    rows = ((probe.rule, probe.asks, probe.why) for probe in PROBES)
    parts += md.table(("number", "question", "why"), rows)
    return md.document([*parts, *_OWN.split("\n"), *_EVIDENCE.split("\n")])


def _index(rule: Rule) -> tuple[str, ...]:
    levels = (rule.levels.dev, rule.levels.sandbox, rule.levels.prod)
    return (f"[{rule.name}](#{rule.name})", rule.id, rule.summary, *(str(one) for one in levels))


def _section(rule: Rule) -> Iterator[str]:
    yield from (f"### {rule.name}", "", f"{rule.id}. {rule.summary}.", "", _levels(rule), "")
    yield from (f"Why: {rule.why}.", "")
    yield from ("Found:", "", "```text", rule.example, "```", "")
    yield from ("Instead:", "", "```text", rule.instead, "```", "")
    if not rule.exemptable:
        yield from (_NONE, "")


def _levels(rule: Rule) -> str:
    levels = {"dev": rule.levels.dev, "sandbox": rule.levels.sandbox, "prod": rule.levels.prod}
    if len(set(levels.values())) == 1:
        return f"*{rule.levels.prod.capitalize()} everywhere.*"
    return f"*{', '.join(f'{level} in {name}' for name, level in levels.items()).capitalize()}.*"

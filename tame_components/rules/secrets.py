"""Secrets do not lie where everybody who can list containers reads them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tame_components.rules.model import Finding, Rule, Scope


if TYPE_CHECKING:
    from tame_components.domain.container import Container


_SECRET = re.compile(
    r"""(?<!BY)(?<!COM)PASS(?:WORD|WD|PHRASE)?(?:_HASH|_?\d+)?$
      | (?:^|_)(?:PASS|PASSWORD|PASSWD)_(?!THROUGH|AUTH|LOGIN|RESET|MIN|MAX|LENGTH)
      | TOKEN(?!S?_(?:TTL|URL|NAME|HEADER|LENGTH|EXPIR|LIFETIME))
      | API_?KEY(?!_(?:NAME|HEADER))
      | SECRET(?!_(?:NAME|URL))
      | (?:PRIVATE|PRESHARED|ENCRYPTION)_?KEY
      | CLAIM(?!_NAME)
      | WEBHOOK""",
    re.VERBOSE | re.IGNORECASE,
)
_CREDENTIALS = re.compile(r"://[^/\s:@]*:(?P<password>[^@/\s]+)@")
_ELSEWHERE = re.compile(
    r"""(?:file:(?://)?)?/\S*            # a path
      | \$\{?\w+.*                       # a variable
      | .*\{\{.*\}\}.*                   # a template
      | <.*>                             # a placeholder
      | (?:change[-_ ]?me|replace[-_ ]?me|your[-_ ].*|example|placeholder|none|null|x{3,}|\*+)
      | (?:true|false|yes|no|on|off|enabled|disabled)
      | \d{1,6}[smhd]?                   # a number, or a time
      | (?:op|vault|sops|secret|env)://\S+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HINT = "let it read a file, e.g., `FILE__{name}=/run/secrets/{file}`"


def names_a_secret(variable: str) -> bool:
    """Whether *variable* is called like a password, key or token."""
    return _SECRET.search(variable) is not None


def _literal(container: "Container", _scope: Scope) -> Iterator[Finding]:
    for name, value in sorted(container.environment.items()):
        if name in container.secret_variables:
            continue  # `secret-in-environment` judges it
        hint = _HINT.format(name=name, file=name.lower().replace("_", "-"))
        if names_a_secret(name) and value and not _ELSEWHERE.fullmatch(value):
            yield f"`{name}` holds a secret in plain text", hint
        elif (found := _CREDENTIALS.search(value)) and not _ELSEWHERE.fullmatch(found["password"]):
            yield f"`{name}` holds a URL with a password in plain text", hint


def _in_environment(container: "Container", _scope: Scope) -> Iterator[Finding]:
    for name in container.secret_variables:
        value = container.environment.get(name, "")
        if not (value and _ELSEWHERE.fullmatch(value)):
            yield (
                f"`{name}` is a secret that every reader of the Docker socket sees",
                "use a file where the application reads one",
            )


LITERAL_SECRET = Rule(
    id="R23",
    name="literal-secret",
    summary="A variable holds a password, key or token in plain text",
    why="it lies in the program, in the state and in `docker inspect`",
    example="environment: {RADARR__AUTH__APIKEY: 0123...}",
    instead="environment: {FILE__RADARR__AUTH__APIKEY: /run/secrets/api-key}",
    exemptable=False,
    reads=frozenset({"environment"}),
    adds=frozenset({"environment"}),
    check=_literal,
)

SECRET_IN_ENVIRONMENT = Rule(
    id="R23A",
    name="secret-in-environment",
    summary="A secret enters through the environment",
    why="Pulumi keeps it encrypted, but `docker inspect` and every client of the socket show it",
    example="environment: {API_KEY: <a Pulumi secret>}",
    instead="a file under /run/secrets, where the application can read one",
    reads=frozenset({"environment", "secret_variables"}),
    adds=frozenset({"environment"}),
    check=_in_environment,
)

RULES = (LITERAL_SECRET, SECRET_IN_ENVIRONMENT)

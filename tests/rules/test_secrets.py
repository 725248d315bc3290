"""Secrets: literals, URLs with passwords, secrets in the environment."""

import pytest

from tame_components.rules import Level, Scope
from tests.rules.stacks import container, judged


KEY = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RADARR__AUTH__APIKEY", KEY),
        ("API_KEY", KEY),
        ("MYSQL_ROOT_PASSWORD", "hunter2"),
        ("DBPASS", "hunter2"),
        ("PLEX_CLAIM", "claim-abcdef"),
        ("WIREGUARD_PRIVATE_KEY", "wOEI9rqqbDwnN8/Bpp22sVz48T71vJ4fYmFWujulwUU="),
        ("DISCORD_WEBHOOK_URL", "https://discord.example/api/webhooks/1/x"),
        ("DATABASE_URL", "postgres://app:hunter2@db:5432/app"),
        ("client_secret", "s3cr3t"),
    ],
)
def test_a_plain_secret_is_an_offence_and_is_not_repeated(name: str, value: str) -> None:
    """The violation names the variable and never its value."""
    violations = judged("literal-secret", container(environment={name: value})).violations

    assert violations
    assert not any(value in str(violation) for violation in violations)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FILE__RADARR__AUTH__APIKEY", "/run/secrets/api-key"),
        ("MYSQL_PASSWORD_FILE", "/run/secrets/db"),
        ("API_KEY", "${API_KEY}"),
        ("API_KEY", "{{ lookup('api_key') }}"),
        ("API_KEY", ""),
        ("PASSWORD", "changeme"),
        ("TOKEN_TTL", "3600"),
        ("PASSWORD_AUTH", "true"),
        ("BYPASS", "local-subnets"),
        ("WIREGUARD_PUBLIC_KEY", "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="),
        ("DATABASE_URL", "postgres://app:${PASSWORD}@db:5432/app"),
        ("RADARR_URL", "http://radarr:7878"),
        ("TZ", "Europe/Berlin"),
    ],
)
def test_paths_templates_and_lookalikes_pass(name: str, value: str) -> None:
    """What points elsewhere, and what only sounds like a secret."""
    assert not judged("literal-secret", container(environment={name: value})).violations


def test_a_pulumi_secret_in_the_environment_is_only_advice() -> None:
    """It is encrypted in the state; readers of the socket still see it."""
    offender = container(environment={"API_KEY": KEY}, secret_variables=("API_KEY",))

    assert not judged("literal-secret", offender).violations
    (violation,) = judged("secret-in-environment", offender, Scope(environment="prod")).violations
    assert violation.level is Level.ADVISORY
    assert KEY not in str(violation)


def test_a_secret_variable_that_holds_a_path_passes() -> None:
    """The path of a secret is no secret."""
    fine = container(
        environment={"TOKEN_FILE": "/run/secrets/token"}, secret_variables=("TOKEN_FILE",)
    )

    assert not judged("secret-in-environment", fine).violations
    assert not judged("secret-in-environment", container()).violations

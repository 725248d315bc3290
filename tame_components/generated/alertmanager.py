"""Alertmanager's configuration: who hears of what.

Forms: https://prometheus.io/docs/alerting/0.34/configuration. Tokens and webhooks are files: they
never stand in this text. `bot_token_file` and the webhook's `url_file` came with 0.26, Discord's
`webhook_url_file` with 0.27 (CHANGELOG.md); the others are older.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.errors import Mistake, SettingsInvalid
from tame_components.domain.holding import receiver_file
from tame_components.domain.observability import Receiver
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.rule import WATCHDOG
from tame_components.generated.yaml_text import yaml_text


CONFIG = "/etc/alertmanager/alertmanager.yml"
_NOBODY = "(nobody)"  # no name that a person may choose
_CHAT = re.compile(r"-?\d+")


def alertmanager_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """`alertmanager.yml`.

    Raises:
        SettingsInvalid: a Telegram chat is given by name; only its number is known to Alertmanager.
    """
    del service
    receivers = topology.settings.watch.receivers
    _refuse_names(topology, receivers)
    yield ConfigFile(
        path=CONFIG,
        content=yaml_text(_config(receivers)),
        source="https://prometheus.io/docs/alerting/0.34/configuration",
    )


def _refuse_names(topology: Topology, receivers: Mapping[str, Receiver]) -> None:
    wrong = [
        Mistake(
            f"observability.receivers.{name}.address",
            f"`{receiver.address}`",
            "the number of a Telegram chat, e.g., `-1001234567890`",
        )
        for name, receiver in sorted(receivers.items())
        if receiver.kind == "telegram" and not _CHAT.fullmatch(receiver.address or "")
    ]
    if wrong:
        raise SettingsInvalid(f"Pulumi.{topology.stack}.yaml", wrong)


def _config(receivers: Mapping[str, Receiver]) -> dict[str, Any]:
    named = sorted(receivers.items())
    return {
        "route": {
            "receiver": _NOBODY,
            "group_by": ["alertname", "service"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "12h",
            "routes": [_route(name, receiver) for name, receiver in named],
        },
        "inhibit_rules": list(_inhibitions()),
        "receivers": [
            {"name": _NOBODY},
            *({"name": name, **_way(one, name)} for name, one in named),
        ],
    }


def _route(name: str, receiver: Receiver) -> dict[str, Any]:
    if receiver.kind != "dead_man":
        matcher = f'severity=~"{"|".join(receiver.severities)}"'
        return {"receiver": name, "matchers": [matcher], "continue": True}
    return {
        "receiver": name,
        "matchers": [f'alertname="{WATCHDOG}"'],
        "continue": True,
        # Repeated at the first end of a group's interval after it.
        "group_wait": "0s",
        "group_interval": "1m",
        "repeat_interval": f"{receiver.every_minutes}m",
    }


def _inhibitions() -> Iterator[dict[str, Any]]:
    """One cause, one message: what follows from an alert is not told beside it."""
    follows = "ServiceUnhealthy|ServiceComplains|NobodyAnswersPrometheus"
    yield _inhibited('alertname="ServiceDown"', f'alertname=~"{follows}"', by="service")
    gateway = ('alertname=~"ServiceDown|TunnelDown"', 'kind="vpn"')
    members = ('alertname=~"ServiceDown|ServiceUnhealthy"', 'kind!="vpn"', 'gateway!=""')
    yield {"source_matchers": [*gateway], "target_matchers": [*members], "equal": ["gateway"]}
    yield _inhibited('alertname="ServiceDown"', 'alertname="TunnelDown"', by="service")
    yield _inhibited(
        'alertname="DiskNearlyFull"', 'alertname="DiskFullInFourDays"', by="mountpoint"
    )


def _inhibited(cause: str, effect: str, *, by: str) -> dict[str, Any]:
    return {"source_matchers": [cause], "target_matchers": [effect], "equal": [by]}


def _way(receiver: Receiver, name: str) -> dict[str, Any]:
    token = receiver_file(name)
    if receiver.kind == "dead_man":  # its word is the request itself, whatever the method
        return {"webhook_configs": [{"url_file": token, "send_resolved": False}]}
    match receiver.kind:
        case "discord":
            way: dict[str, Any] = {"webhook_url_file": token}
        case "slack":
            way = {"api_url_file": token, "channel": receiver.address}
        case "telegram":
            way = {"bot_token_file": token, "chat_id": int(receiver.address or 0)}
        case _:
            way = {
                "to": receiver.address,
                "from": receiver.sender,
                "smarthost": receiver.smarthost,
                "auth_username": receiver.sender,
                "auth_password_file": token,
            }
    kept = {key: value for key, value in way.items() if value is not None}
    return {f"{receiver.kind}_configs": [{**kept, "send_resolved": True}]}

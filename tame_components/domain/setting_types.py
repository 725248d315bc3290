"""Types that the dials share: names, addresses, ports, times."""

import ipaddress
import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field


def _timezone(name: str) -> str:
    if not is_timezone(name):
        raise ValueError("a name of the tz database, e.g., `Europe/Berlin` or `Etc/UTC`")
    return name


def is_timezone(name: str) -> bool:
    """Whether the tz database has *name*; asked for by itself, for the list takes 13 ms to read."""
    if name.startswith(_NO_ZONES):
        return False
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


def _address(text: str) -> str:
    return str(ipaddress.ip_address(text))


def _subnet(text: str) -> str:
    network = ipaddress.ip_network(text)
    if not network.is_private:
        raise ValueError("a private subnet, e.g., `10.89.0.0/24`")
    return str(network)


def _schedule(text: str) -> str:
    fields = text.split()
    if len(fields) != _CRON_FIELDS or not all(_CRON.fullmatch(field) for field in fields):
        raise ValueError("five fields of cron, e.g., `30 3 * * *`")
    return text


_NO_ZONES = ("posix/", "posixrules", "right/")
"""The same zones again, counted otherwise."""
_MIDNIGHT = " 00:00:00 +0000 UTC"
_CRON_FIELDS = 5
_CRON = re.compile(r"(\*|\d+(-\d+)?)(/\d+)?(,(\*|\d+(-\d+)?)(/\d+)?)*")


def _bare_day(value: object) -> object:
    return value.removesuffix(_MIDNIGHT) if isinstance(value, str) else value


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Day = Annotated[str, BeforeValidator(_bare_day), Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
"""Quoted or not: Pulumi hands a day without quotes on as its midnight."""
Address = Annotated[str, AfterValidator(_address)]
Subnet = Annotated[str, AfterValidator(_subnet)]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Schedule = Annotated[str, AfterValidator(_schedule)]
"""When something runs: minute, hour, day of month, month, day of week."""
HostName = Annotated[
    str, Field(max_length=253, pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$")
]
"""A public DNS name, e.g. `requests.example.org`."""
Url = Annotated[
    str,
    Field(
        max_length=2000,
        pattern=r"^https?://([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$",
    ),
]
"""Where people find something, e.g. `https://plex.example.org:443`; no quotes, commas, queries."""

"""Servarr's config.xml: written once with everything, read with the environment on top."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

from testbed.apps.application import Unrecoverable, fatal, new_key


_ENVIRONMENT = {
    "ApiKey": "AUTH__APIKEY",
    "AuthenticationMethod": "AUTH__METHOD",
    "AuthenticationRequired": "AUTH__REQUIRED",
    "BindAddress": "SERVER__BINDADDRESS",
    "Port": "SERVER__PORT",
    "UrlBase": "SERVER__URLBASE",
    "InstanceName": "APP__INSTANCENAME",
    "LogLevel": "LOG__LEVEL",
    "UpdateMechanism": "UPDATE__MECHANISM",
    "Branch": "UPDATE__BRANCH",
}
"""Key of config.xml -> the variable that wins over it (NzbDrone.Common, Options/*.cs)."""


class ConfigFile:
    """The settings of one Servarr application.

    The environment wins over the file and is never written back (ConfigFileProvider.cs).
    """

    def __init__(self, path: Path, title: str, port: int, environment: Mapping[str, str]) -> None:
        self._path = path
        self._prefix = title.upper()
        # .NET reads configuration keys without regard to case.
        self._environment = {name.upper(): value for name, value in environment.items()}
        self._port = port
        if not path.exists():
            self._write(_defaults(title, port))
        self._values = self._read()
        if not self._values.get("ApiKey"):
            self._values["ApiKey"] = new_key()
            self._write(self._values)

    def __getitem__(self, key: str) -> str:
        """The value of *key*: environment, then file, then empty."""
        variable = _ENVIRONMENT.get(key)
        if variable and self._environment.get(f"{self._prefix}__{variable}"):
            return self._environment[f"{self._prefix}__{variable}"]
        return self._values.get(key, "")

    @property
    def port(self) -> int:
        """Where to listen; the catalog's port stays what it is when nobody set another one."""
        told = self._environment.get(f"{self._prefix}__SERVER__PORT")
        return int(told or self._values.get("Port") or self._port)

    @property
    def url_base(self) -> str:
        """`/radarr`, or empty."""
        trimmed = self["UrlBase"].strip("/")
        return f"/{trimmed}" if trimmed else ""

    def _read(self) -> dict[str, str]:
        try:
            root = ET.parse(self._path).getroot()  # noqa: S314 - the stack's own file
        except (ET.ParseError, OSError) as error:
            fatal(
                "[Fatal] ConsoleApp: EPIC FAIL!\nNzbDrone.Core.Configuration."
                f"InvalidConfigFileException: {self._path} is corrupt is invalid and must be "
                f"recreated. ---> {error}"
            )
            raise Unrecoverable(str(self._path)) from error
        return {child.tag: child.text or "" for child in root}

    def _write(self, values: Mapping[str, str]) -> None:
        root = ET.Element("Config")
        for key, value in values.items():
            ET.SubElement(root, key).text = value
        ET.indent(root)
        part = self._path.with_suffix(".xml.part")
        part.write_text(ET.tostring(root, encoding="unicode") + "\n", "utf-8")
        part.replace(self._path)


def _defaults(title: str, port: int) -> dict[str, str]:
    return {
        "BindAddress": "*",
        "Port": str(port),
        "SslPort": "9898",
        "EnableSsl": "False",
        "LaunchBrowser": "True",
        "ApiKey": new_key(),
        "AuthenticationMethod": "None",
        "AuthenticationRequired": "Enabled",
        "Branch": "main" if title == "Sonarr" else "master",
        "LogLevel": "info",
        "SslCertPath": "",
        "SslCertPassword": "",
        "UrlBase": "",
        "InstanceName": title,
        "UpdateMechanism": "Docker",
    }

"""Which distributions are installed in this interpreter, and which versions of them a lock file asks for."""

import importlib.metadata
import re
from collections.abc import Iterable, Mapping

from regtune.config import HostName, include_path

_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)


def missing_packages(names: Iterable[str]) -> list[str]:
    """Return those of `names` that are not installed here, in their order."""
    return [name for name in names if _installed(name) is None]


def other_versions(names: Iterable[str], pins: Mapping[str, str]) -> list[str]:
    """Return `name version (pinned version)` for installed packages that are not what a lock file says.

    A local part (`2.6.0+cu124`) is a build of the same version.
    """
    return [
        f"{name} {version} ({pin})"
        for name in names
        if (version := _installed(name)) is not None
        and (pin := pins.get(_canonical(name))) is not None
        and version.partition("+")[0] != pin.partition("+")[0]
    ]


def locked_versions(host: HostName) -> dict[str, str]:
    """Versions of include/hosts/requirements-<host>.lock; empty where it is not shipped, as in a zipapp."""
    path = include_path(f"hosts/requirements-{host}.lock")
    if not path.is_file():
        return {}
    return {_canonical(name): version for name, version in _PIN.findall(path.read_text(encoding="utf-8"))}


def _installed(name: str) -> str | None:
    """Its version; one distribution is looked up and not hundreds read: every stage asks when it starts."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-")

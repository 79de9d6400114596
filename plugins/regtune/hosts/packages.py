"""Which distributions are installed in this interpreter."""

import importlib.metadata
from collections.abc import Iterable


def missing_packages(names: Iterable[str]) -> list[str]:
    """Return those of `names` that are not installed here, in their order."""
    installed = {(d.metadata["Name"] or "").lower().replace("_", "-") for d in importlib.metadata.distributions()}
    return [name for name in names if name.lower().replace("_", "-") not in installed]

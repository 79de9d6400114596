"""Which code this is: the package's files as they are packed for the hosts, and their hash.

In: the running package, a folder or a zipapp. Out: names and contents in a fixed order, without orchestration/
(a host never runs it). The zipapp, run.json and `regtune run` all use this one hash.
"""

import functools
import importlib.resources
from collections.abc import Iterator
from typing import TYPE_CHECKING

from regtune.artifacts import sha256_of_bytes, sha256_of_json

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_KEPT_SUFFIXES = (".py", ".html", ".css", ".js", ".j2")


def package_files() -> Iterator[tuple[str, bytes]]:
    """Yield (path below regtune/, content) of every file that a host gets, sorted by path."""
    yield from sorted(_walk(importlib.resources.files("regtune"), ""))


@functools.cache
def package_sha256() -> str:
    """Content hash of `package_files`, 64 hex digits."""
    return sha256_of_json([[name, sha256_of_bytes(content)] for name, content in package_files()])


def _walk(folder: "Traversable", prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name not in {"orchestration", "__pycache__"}:
                yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(_KEPT_SUFFIXES):
            yield prefix + entry.name, entry.read_bytes()

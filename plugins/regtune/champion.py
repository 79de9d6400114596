"""The champion pointer: which run's adapter is in use, which ones were before, and how it came so.

In: the content of champion.json and a run's pointer. Out: the next content. Whoever holds a store writes it in one
piece: pointer and history are one file, and no reader sees the one without the other. `alone` keeps two writers of a
store in a folder apart; a store of objects has no such lock, and there the later of two moves in one moment wins whole.
"""

import contextlib
import fcntl
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from regtune.errors import ConfigurationError, UnusableInputError

FILE = "champion.json"
_LOCK = ".champion.lock"
_KEPT_MOVES = 100


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Hold the store's pointer from reading to writing; waits for whoever holds it. It ends with the process."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def checked(content: object, where: str) -> dict[str, Any]:
    """Return the content of champion.json when every pointer in it names a run and its effective date.

    Args:
        content: as JSON gave it.
        where: address of the file, for the message.

    Raises:
        UnusableInputError: it is something else.
    """
    if isinstance(content, dict):
        earlier, moves = content.get("previous", []), content.get("moves", [])
        if isinstance(earlier, list) and isinstance(moves, list) and all(map(_is_pointer, [content, *earlier])):
            return content
    raise UnusableInputError(
        f"{where}: does not name runs with their effective dates; restore it from a copy, "
        "or remove it and name the champion anew: champion set RUN."
    )


def is_date(text: object) -> bool:
    """Whether it is an ISO date, as the `as_of` of a pointer has to be."""
    try:
        date.fromisoformat(str(text))
    except ValueError:
        return False
    return True


def _is_pointer(content: object) -> bool:
    return isinstance(content, dict) and isinstance(content.get("run_name"), str) and is_date(content.get("as_of"))


def moved(current: Mapping[str, Any] | None, pointer: Mapping[str, Any], at: str, by: str) -> dict[str, Any]:
    """Point to another run; the present one becomes the last of `previous`.

    Args:
        current: content of champion.json; None when there is none.
        pointer: run_name, as_of and what else is told of the run.
        at: ISO 8601, UTC.
        by: `publish` or `command`.

    Returns:
        the pointer with `previous` (earlier pointers, oldest first) and `moves` (what was done when, the last 100).
    """
    before = [*current.get("previous", []), _bare(current)] if current is not None else []
    if current is not None and current["run_name"] == pointer["run_name"]:
        before = list(current.get("previous", []))
    return _with_history(pointer, before, current, {"at": at, "by": by, "action": "set", "to": pointer["run_name"]})


def rolled_back(current: Mapping[str, Any] | None, at: str) -> dict[str, Any]:
    """Point to the last of `previous` again; a second rollback goes one further back.

    Raises:
        ConfigurationError: there is no champion, or none before it.
    """
    if current is None or not current.get("previous"):
        raise ConfigurationError(f"{FILE}: there is no earlier champion to go back to; name a run: champion set RUN.")
    *before, pointer = current["previous"]
    move = {"at": at, "by": "command", "action": "rollback", "to": pointer["run_name"]}
    return _with_history(pointer, before, current, move)


def _bare(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in ("previous", "moves")}


def _with_history(
    pointer: Mapping[str, Any], before: list[Any], current: Mapping[str, Any] | None, move: dict[str, Any]
) -> dict[str, Any]:
    moves = [*(current or {}).get("moves", []), {**move, "from": current["run_name"] if current else None}]
    return {**_bare(pointer), "previous": before, "moves": moves[-_KEPT_MOVES:]}

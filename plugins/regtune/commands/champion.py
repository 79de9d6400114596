"""`regtune champion`: which run's adapter is in use; set to another run, or rolled back to the one before.

In: a store (a folder, or any fsspec URL whose keys the environment holds). Out: lines on stdout; with `set` and
`rollback` champion.json, replaced in one piece. A run that the store has no adapter or no benchmark of is refused.
"""

import argparse
import contextlib
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from regtune.artifacts import write_text
from regtune.champion import FILE, alone, checked, is_date, moved, rolled_back
from regtune.config import include_path, load_config
from regtune.errors import ConfigurationError, PrerequisiteMissingError, UnusableInputError
from regtune.store_files import open_store

_NEEDED = ("run.json", "benchmark.json", "adapter/adapter_config.json", "adapter/adapter_model.safetensors")
"""Of the run's folder."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    command = commands.add_parser("champion", help="show, set or roll back the adapter in use")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    show = actions.add_parser("show", help="which run is champion, and which were before")
    other = actions.add_parser("set", help="make another run of the store champion")
    other.add_argument("run", metavar="RUN", help="name of the run, e.g. 2025-07-01-7d12f36fa54b")
    back = actions.add_parser("rollback", help="make the champion before this one champion again")
    for action, act in ((show, _show), (other, _set), (back, _rollback)):
        action.add_argument("--store", metavar="URL", help="a folder or an fsspec URL; publish.store when left out")
        action.add_argument("--config", type=Path, default=include_path("config/pipeline.yaml"), metavar="FILE")
        action.set_defaults(act=act)


class _Place:
    """A store as far as the pointer goes."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        """Nothing is read yet.

        Raises:
            ConfigurationError: there is no such kind of store.
        """
        url: str = arguments.store or load_config(arguments.config).publish.store
        start = Path() if arguments.store else include_path("").parent  # a relative publish.store starts there
        self._files, self._root, self.local = open_store(url, start)
        self.url = self._root if self.local else url.rstrip("/")

    def read(self, name: str) -> dict[str, Any] | None:
        """Return a JSON object of the store, a champion.json that holds together; None when it is not there.

        Raises:
            UnusableInputError: it is something else.
        """
        try:
            content = json.loads(bytes(self._files.cat_file(f"{self._root}/{name}")).decode())
        except FileNotFoundError:
            return None
        except (ValueError, IsADirectoryError):
            content = None
        if name == FILE:
            return checked(content, f"{self.url}/{name}")
        if not isinstance(content, dict):
            raise UnusableInputError(f"{self.url}/{name}: is no JSON object; restore it from a copy.")
        return content

    def has(self, name: str) -> bool:
        """Whether a file or folder is there."""
        return bool(self._files.exists(f"{self._root}/{name}"))

    def is_there(self) -> bool:
        """Whether the store exists; a store of objects without a run cannot be told from none."""
        return self.has("runs") or self.has(FILE) or (self.local and Path(self._root).is_dir())

    def has_file(self, name: str) -> bool:
        """Whether a file is there and not empty."""
        path = f"{self._root}/{name}"
        return bool(self._files.isfile(path) and self._files.size(path))

    def alone(self) -> contextlib.AbstractContextManager[None]:
        """Keep other moves out from reading to writing, where the store is a folder."""
        if self.local and Path(self._root).is_dir():
            return alone(Path(self._root))
        return contextlib.nullcontext()

    def point(self, content: dict[str, Any]) -> None:
        """Replace champion.json in one piece."""
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        if self.local:
            write_text(Path(self._root) / FILE, text)
        else:
            self._files.pipe_file(f"{self._root}/{FILE}", text.encode())


def _show(arguments: argparse.Namespace) -> None:
    place = _Place(arguments)
    content = place.read(FILE)
    if content is None:
        if not place.is_there():
            raise PrerequisiteMissingError(f"{place.url}: there is no such store; check --store or publish.store.")
        _say(f"{place.url}: 아직 챔피언이 없습니다.")
        return
    _say(f"챔피언: {_told(content)}")
    if content.get("headline"):
        _say(str(content["headline"]))
    for pointer in reversed(content.get("previous", [])):
        _say(f"이전: {_told(pointer)}")


def _set(arguments: argparse.Namespace) -> None:
    place = _Place(arguments)
    name: str = arguments.run
    if "/" in name or name.startswith("."):
        raise ConfigurationError(f"{name!r} is no name of a run; see the folder runs of the store.")
    _check(place, name)
    spec, publication = place.read(f"runs/{name}/run.json") or {}, place.read(f"runs/{name}/publish.json") or {}
    if not is_date(spec.get("as_of")):
        raise UnusableInputError(f"{place.url}/runs/{name}/run.json: has no effective date; choose another run.")
    now = _now()
    pointer = {
        "run_name": name,
        "as_of": spec.get("as_of"),
        "published_at": now,
        "decision": publication.get("decision"),
        "headline": publication.get("headline"),
    }
    with place.alone():
        place.point(moved(place.read(FILE), pointer, now, "command"))
    _say(f"챔피언을 바꾸었습니다: {_told(pointer)}")
    if pointer["decision"] != "champion":
        _say("주의: 이 실행은 승격 기준을 통과하지 않았습니다.")


def _rollback(arguments: argparse.Namespace) -> None:
    place = _Place(arguments)
    with place.alone():
        content, current = rolled_back(place.read(FILE), _now()), place.read(FILE)
        lost = []
        while _missing(place, content["run_name"]):
            lost.append(content["run_name"])
            if not content["previous"]:
                raise PrerequisiteMissingError(
                    f"{place.url}: no earlier champion is whole any more ({', '.join(lost)}); "
                    "name a run of the store: champion set RUN."
                )
            content = rolled_back({**(current or {}), "previous": content["previous"]}, _now())
        place.point(content)
    for name in lost:
        _say(f"건너뜀: {name}은 저장소에 온전히 남아 있지 않습니다.")
    _say(f"챔피언을 되돌렸습니다: {_told(content)}")


def _check(place: _Place, name: str) -> None:
    """Hold a run to what a champion needs.

    Raises:
        PrerequisiteMissingError: a part of it is not in the store, or cannot be read.
    """
    needed = _missing(place, name)
    if needed:
        raise PrerequisiteMissingError(
            f"{place.url}/runs/{name}/{needed}: not there, empty or damaged; choose a run that trained."
        )


def _missing(place: _Place, name: str) -> str | None:
    """What a run lacks to be champion."""
    return next((needed for needed in _NEEDED if not _is_whole(place, f"runs/{name}/{needed}")), None)


def _is_whole(place: _Place, path: str) -> bool:
    """Whether a file is there and, where it is to be JSON, a JSON object."""
    if not place.has_file(path):
        return False
    try:
        return not path.endswith(".json") or place.read(path) is not None
    except UnusableInputError:
        return False


def _told(pointer: dict[str, Any]) -> str:
    return f"{pointer['run_name']} (기준일 {pointer.get('as_of')})"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _say(line: str) -> None:
    print(line)  # noqa: T201 - what the command is for

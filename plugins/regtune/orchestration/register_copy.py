"""A register behind a URL, held beside the scheduler: parsing the DAG never waits for a bucket that is down.

In: the URL. Out: the path of a local copy of register.yaml, no older than its life while the bucket answers, else the
last one known, with a warning. `brought` brings a fresh register with the PDFs in force, for open_run.
"""

import contextlib
import logging
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import fsspec

from regtune.artifacts import sha256_of_bytes, write_text
from regtune.config import OrchestrationConfig
from regtune.errors import ConfigurationError
from regtune.regulations.place import RegisterPlace
from regtune.regulations.register import parse_register, revisions_in_force

_log = logging.getLogger(__name__)
_NAME_DIGITS = 12
_TRIED = ".tried"


def place_of(url: str) -> RegisterPlace:
    """Open a register; `s3://connection_id@bucket/register.yaml` takes its keys from an Airflow connection."""
    scheme, mark, rest = url.partition("://")
    if not mark or scheme == "file":
        return RegisterPlace(url)
    from airflow.sdk.io import get_fs, has_fs

    connection, _, path = rest.rpartition("@")
    filesystem: Any = get_fs(scheme, connection or None) if has_fs(scheme) else fsspec.filesystem(scheme)
    return RegisterPlace(f"{scheme}://{path}", filesystem)


def local_copy(url: str, folder: Path, settings: OrchestrationConfig) -> Path:
    """Return the path of a local copy of register.yaml.

    A copy younger than `register_copy_seconds` is taken as it is. An older one is renewed, for which nobody waits
    longer than `register_wait_seconds`; a bucket that did not answer is asked again after another life of the copy.

    Raises:
        ConfigurationError: there is no copy yet and the bucket does not answer, or what it holds is no register.
    """
    copy = folder / f"register-{sha256_of_bytes(url.encode())[:_NAME_DIGITS]}.yaml"
    tried = copy.with_suffix(_TRIED)
    if max(_stamp(copy), _stamp(tried)) + settings.register_copy_seconds > time.time() and copy.exists():
        return copy
    folder.mkdir(parents=True, exist_ok=True)
    tried.touch()
    answer: list[str | Exception] = []
    asking = threading.Thread(target=_ask, args=(url, answer), daemon=True)
    asking.start()
    asking.join(settings.register_wait_seconds)
    got = answer[0] if answer else ConfigurationError(f"{url}: no answer in {settings.register_wait_seconds:g} s.")
    if isinstance(got, str):
        write_text(copy, got)
        return copy
    if not copy.exists():
        raise ConfigurationError(str(got))
    age = (time.time() - _stamp(copy)) / 60
    _log.warning("register: %s; going on with the copy of %.0f minutes ago", got, age)
    return copy


def _ask(url: str, answer: list[str | Exception]) -> None:
    try:
        text = place_of(url).text()
        parse_register(text, url)  # a register that is broken does not take the place of a good copy
    except Exception as error:  # noqa: BLE001 - whatever a file system raises, it is told by the one who asked
        answer.append(error)
    else:
        answer.append(text)


def _stamp(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


@contextlib.contextmanager
def brought(url: str, as_of: date) -> Iterator[Path]:
    """Yield the path of a register.yaml with the PDFs in force beside it; a path is yielded as it is.

    Raises:
        ConfigurationError: the register or one of the PDFs cannot be had, or is not what was registered.
    """
    if "://" not in url.removeprefix("file://"):
        yield Path(url.removeprefix("file://"))
        return
    place = place_of(url)
    with tempfile.TemporaryDirectory(prefix="regtune-register-") as temporary:
        path = Path(temporary) / "register.yaml"
        write_text(path, place.text())
        for _, revision in revisions_in_force(parse_register(path.read_text(encoding="utf-8"), url), as_of):
            place.fetch(revision, Path(temporary))
        yield path

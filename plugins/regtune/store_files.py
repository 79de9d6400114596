"""A store of runs as files, where Airflow is not: the commands that look into one, and the runs that it has.

In: the address of a store (a folder, or any fsspec URL whose keys the environment holds). Out: its file system and
root; the runs of some days, as regulations/advice.py asks for them.
"""

import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from regtune.artifacts import RUN_FILE
from regtune.contracts import RunHead
from regtune.errors import ConfigurationError
from regtune.open_run import is_run_name
from regtune.regulations.advice import KnownRun

_log = logging.getLogger(__name__)
PUBLISHED = "publish.json"
"""There when a run has come to its end."""


def open_store(url: str, start: Path) -> tuple[Any, str, bool]:
    """Return the file system of a store, its root, and whether it is a folder here.

    Args:
        url: of the store.
        start: where a relative folder begins.

    Raises:
        ConfigurationError: there is no such kind of store.
    """
    import fsspec

    scheme, mark, rest = url.partition("://")
    if not mark or scheme == "file":
        return fsspec.filesystem("file"), str((start / (rest if mark else url)).resolve()), True
    try:
        files, root = fsspec.core.url_to_fs(url.rstrip("/"))
    except (ImportError, ValueError) as error:
        raise ConfigurationError(f"{url}: no such store ({' '.join(str(error).split())}).") from error
    return files, root, False


def known_runs(files: Any, root: str, days: set[date]) -> Iterator[KnownRun]:  # noqa: ANN401 - fsspec has no types
    """Yield every run of these days; one that cannot be read was made of other files than it should.

    Args:
        files: file system of the store.
        root: of the store there.
        days: effective dates.
    """
    wanted = {str(day) for day in days}
    try:
        listing = files.ls(f"{root}/runs", detail=False)
    except FileNotFoundError:
        return
    for name in sorted(str(path).rstrip("/").rpartition("/")[2] for path in listing):
        if name[:10] not in wanted or not is_run_name(name):
            continue
        folder = f"{root}/runs/{name}"
        try:
            head = RunHead.model_validate_json(bytes(files.cat_file(f"{folder}/{RUN_FILE}")))
            sources = {source.regulation_id: source.sha256 for source in head.sources}
        except FileNotFoundError:  # being opened, or being removed
            continue
        except ValueError:
            _log.warning("%s/%s: is no run.json", folder, RUN_FILE)
            sources = {}
        published = bool(files.exists(f"{folder}/{PUBLISHED}"))
        yield KnownRun(date.fromisoformat(name[:10]), sources, published=published)

"""What a model server on this host tells beside its answers: its model folder, and its log on memory and loading.

In: an endpoint's address. Out: ServerHere, empty for a server elsewhere. The folder is the `root` that vLLM's list of
models names; the log is the file that the listening process writes to, found in /proc. Nothing is asked of a model.
"""

import ipaddress
import json
import logging
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from regtune.benchmark.vllm_server import memory_told
from regtune.connections import LARGEST_BODY_BYTES

_log = logging.getLogger(__name__)
_TIMEOUT_SECONDS = 10
_LISTENS = "0A"
"""TCP_LISTEN, as /proc/net/tcp prints it."""
_STANDARD_STREAMS = ("1", "2")
_LOG_BYTES = 4 << 20
_STAMP = re.compile(r"(?P<stamp>\d\d-\d\d \d\d:\d\d:\d\d)")
_YEAR_SECONDS = 365 * 24 * 3600
_IS_READY = re.compile(r"Starting vLLM API server|Application startup complete")


@dataclass(frozen=True)
class ServerHere:
    """Null where the server is elsewhere or does not tell."""

    weights: Path | None = None
    """Its model folder."""
    model_memory_bytes: int | None = None
    cache_memory_bytes: int | None = None
    seconds_to_ready: float | None = None
    """From its first dated line to the one that it is ready with."""


def server_here(base_url: str, model: str, key: str) -> ServerHere:
    """Look at the server behind an address of this host."""
    address = urllib.parse.urlsplit(base_url)
    if not _is_here(address.hostname or ""):
        return ServerHere()
    folder = _model_folder(base_url, model, key)
    log = _log_of(address.port or 80)
    memory, cache = memory_told(log)
    return ServerHere(folder, memory, cache, ready_after(log))


def ready_after(log: str) -> float | None:
    """Seconds from a log's first dated line to the last dated line before, or at, the one that says it is ready."""
    ready = _IS_READY.search(log)
    if ready is None:
        return None
    stamps = _STAMP.findall(log[: ready.end()])
    times = [datetime.strptime(f"2001-{stamp}", "%Y-%m-%d %H:%M:%S") for stamp in stamps]  # noqa: DTZ007 - a difference
    if not times:
        return None
    seconds = (times[-1] - times[0]).total_seconds()
    return seconds if seconds >= 0 else seconds + _YEAR_SECONDS  # over New Year: the stamps have none


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _model_folder(base_url: str, model: str, key: str) -> Path | None:
    request = urllib.request.Request(f"{base_url.rstrip('/')}/models", headers={"Authorization": f"Bearer {key}"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310 - an address of this host
            listed = json.loads(response.read(LARGEST_BODY_BYTES))["data"]
        roots = [Path(str(one["root"])) for one in listed if one.get("id") == model and one.get("root")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.info("efficiency: %s does not tell its model's folder (%s)", base_url, type(error).__name__)
        return None
    return next((root for root in roots if root.is_dir()), None)


def _log_of(port: int) -> str:
    """Text of the file that the process behind a port writes to; empty where there is none that may be read."""
    for process in _listening(port):
        for stream in _STANDARD_STREAMS:
            target = process / "fd" / stream
            try:
                if target.resolve().is_file():
                    with target.open("rb") as file:
                        return file.read(_LOG_BYTES).decode("utf-8", "replace")
            except OSError:
                continue
    return ""


def _listening(port: int) -> Iterator[Path]:
    """Folders in /proc of the processes that listen on a port."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in Path("/proc").glob("[0-9]*") if sockets else ():
        try:
            if any(str(descriptor.readlink()) in sockets for descriptor in (process / "fd").iterdir()):
                yield process
        except OSError:  # another user's, or gone
            continue


def _inodes(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]

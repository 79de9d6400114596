"""What a model answered, kept for good: one line a reply, written when it comes and on disk before it counts.

In: a reply under the hash of its request. Out: the same reply whenever that request is asked again, by this process or
by any other that shares the file. It is the only memory of what was asked: a run that was killed is started again and
finds its answers here. Lines are only ever appended, under a lock; a line torn by a crash is passed over. What a killed
process has written stays, since the kernel has it; what a machine without power has flushed stays. Lost is what the
server had sent and this process had not written yet: such a request is sent again.
"""

import asyncio
import errno
import fcntl
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

_log = logging.getLogger(__name__)


class Journal:
    """An append-only file of replies. Memory holds the place of each line, not its text."""

    def __init__(self, path: Path, on_entry: Callable[[dict[str, Any]], None] | None = None) -> None:
        """Nothing is read or made before the first `find` or `add`.

        Args:
            path: of the file.
            on_entry: told of each key's first entry, by whomever it was added, when it is read.
        """
        self._path = path
        self._on_entry = on_entry
        self._places: dict[bytes, int] = {}
        self._read_to = 0
        self._file: BinaryIO | None = None
        self._written = self._flushed = 0
        """Lines of this process."""
        self._flushing = asyncio.Lock()

    def find(self, key: str) -> dict[str, Any] | None:
        """Return what was added under a key (64 hex digits), the first time if it was added twice; else None."""
        place = self._places.get(bytes.fromhex(key))
        if place is None:
            self.catch_up()
            place = self._places.get(bytes.fromhex(key))
        if place is None:
            return None
        with self._path.open("rb") as file:
            file.seek(place)
            entry: dict[str, Any] = json.loads(file.readline())
        return entry

    async def add(self, key: str, entry: dict[str, Any]) -> None:
        """Append at once; returns when the line is on disk. Lines that wait for the disk at a time share a flush.

        Raises:
            OSError: the line could not be written, or not be flushed.
        """
        file = self._append(json.dumps({"key": key, **entry}, ensure_ascii=False).encode() + b"\n")
        self._written += 1
        number = self._written
        async with self._flushing:
            if self._flushed < number:  # else the one before has taken this line along
                flushed = self._written
                await asyncio.to_thread(os.fsync, file.fileno())
                self._flushed = flushed

    def _append(self, line: bytes) -> BinaryIO:
        file = self._opened()
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
                if file.read(1) != b"\n":  # torn by a crash: it stays a line of its own, which nobody can read
                    line = b"\n" + line
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
        return file

    def _opened(self) -> BinaryIO:
        """Return the file, opened anew when it was deleted meanwhile."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            there = None
        if self._file is None or there is None or not os.path.samestat(os.fstat(self._file.fileno()), there):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab+", buffering=0)  # one left open for a flush closes when that is done
            if there is None:
                folder = os.open(self._path.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
        return self._file

    def close(self) -> None:
        """Close the file; another `add` opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def catch_up(self) -> None:
        """Note the places of whole lines that were appended since the last look, by whomever."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            size = 0
        if size < self._read_to:  # it was deleted, to ask everything anew
            self._places, self._read_to = {}, 0
        if size == self._read_to:
            return
        damaged = 0
        with self._path.open("rb") as file:
            file.seek(self._read_to)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                damaged += not self._noted(line)
                self._read_to += len(line)
        if damaged:
            _log.warning("%s: %d lines are damaged and passed over; what they held is asked again", self._path, damaged)

    def _noted(self, line: bytes) -> bool:
        """Note the place of a line that was just reached; False: it is damaged."""
        try:
            entry = json.loads(line)
            key = bytes.fromhex(entry["key"])
        except (ValueError, TypeError, KeyError):
            return False
        if key not in self._places:
            self._places[key] = self._read_to
            if self._on_entry is not None:
                self._on_entry(entry)
        return True

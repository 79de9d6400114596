"""Where a register and its PDFs lie: a folder, or any fsspec URL, such as a bucket that HR fills.

In: the address of register.yaml. Out: its text, the register, the PDFs beside it. A file appears under its name whole
or not at all.
"""

import contextlib
import fcntl
import os
import posixpath
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from regtune.artifacts import replacing, sha256_of_file, write_text
from regtune.errors import ConfigurationError
from regtune.regulations.register import Register, Revision, parse_register

_ANY_FAILURE = (OSError, ValueError, ImportError)
"""What a file system of fsspec raises when it is not there, not allowed, or not installed."""


class RegisterPlace:
    """A register.yaml and the folder around it; holds nothing but its address."""

    def __init__(self, address: str, filesystem: Any = None) -> None:  # noqa: ANN401 - fsspec has no types
        """Take a path or a URL; a URL's file system is opened by its scheme unless it is given.

        Raises:
            ConfigurationError: nothing here can open such a URL.
        """
        self.address = address.removeprefix("file://")
        self._filesystem = filesystem
        if "://" in self.address and filesystem is None:
            import fsspec

            try:
                self._filesystem = fsspec.filesystem(self.address.partition("://")[0])
            except _ANY_FAILURE as error:
                raise ConfigurationError(f"{self.address}: cannot be opened here: {error}") from error

    def register(self) -> Register:
        """Read and check register.yaml.

        Raises:
            ConfigurationError: it is not there, unreadable or wrong.
        """
        return parse_register(self.text(), self.address)

    def text(self) -> str:
        """Read register.yaml as it is.

        Raises:
            ConfigurationError: it is not there, or no text.
        """
        try:
            if self._filesystem is None:
                return Path(self.address).read_text(encoding="utf-8")
            return bytes(self._filesystem.cat_file(self.address)).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"{self.address}: not UTF-8 text ({error.reason}); save it as UTF-8.") from error
        except _ANY_FAILURE as error:
            reason = getattr(error, "strerror", None) or error
            raise ConfigurationError(f"{self.address}: cannot be read ({reason}); give --register FILE.") from error

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other changes out from reading to writing; waits for whoever makes one. A bucket has no such lock."""
        if self._filesystem is not None:
            yield
            return
        folder = os.open(Path(self.address).parent, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):  # a network share that locks no folder
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def write(self, text: str) -> None:
        """Replace register.yaml; readers see the old one or the new one."""
        if self._filesystem is None:
            write_text(Path(self.address), text)
        else:
            self._filesystem.pipe_file(self.address, text.encode())

    def has(self, file: str) -> bool:
        """Whether a file lies beside the register."""
        if self._filesystem is None:
            return Path(self._beside(file)).is_file()
        return bool(self._filesystem.exists(self._beside(file)))

    def put(self, path: Path, file: str) -> None:
        """Lay a local PDF beside the register."""
        if self._filesystem is None:
            with replacing(Path(self._beside(file))) as temporary:
                shutil.copyfile(path, temporary)
        else:
            self._filesystem.put_file(str(path), self._beside(file))

    def fetch(self, revision: Revision, folder: Path) -> Path:
        """Bring a revision's PDF into a local folder, under its own name.

        Raises:
            ConfigurationError: it is not there, or its content changed under the register.
        """
        target = folder / revision.file
        target.parent.mkdir(parents=True, exist_ok=True)
        where = self._beside(revision.file)
        try:
            if self._filesystem is None:
                shutil.copyfile(where, target)
            else:
                self._filesystem.get_file(where, str(target))
        except _ANY_FAILURE as error:
            raise ConfigurationError(f"{where}: registered for {revision.effective_date}, but not there.") from error
        found = sha256_of_file(target)
        if found != revision.sha256:
            message = f"{where}: sha256 is {found[:12]}…, the register says {revision.sha256[:12]}…"
            raise ConfigurationError(f"{message}; restore the file, or register it: regtune register add --correct.")
        return target

    def _beside(self, file: str) -> str:
        return posixpath.join(posixpath.dirname(self.address), file)

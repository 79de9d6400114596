"""Files to and from a host over one SSH connection: by SFTP, addressed by content, checked on arrival.

In: local files or folders and the place they shall have on the host. Out: the same bytes there. Each file is kept once
on the host, as `<base>/files/<sha256>`, and linked to wherever it is wanted: what is there already is not sent again.
An upload has a temporary name until the host's own Python has found the right sha256 in it.

It needs nothing on the host but SFTP, a POSIX shell and the configured interpreter.
"""

import json
import logging
import posixpath
import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.artifacts import ABOUT, replacing, sha256_of_file, sha256_of_json
from regtune.errors import PrerequisiteMissingError

if TYPE_CHECKING:
    import paramiko

_log = logging.getLogger(__name__)
Listing = Mapping[str, str]
"""sha256 by relative name; a plain file is `{"": sha256}`."""

_SHA256 = """
import hashlib
def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
"""
_HASH = """
import json, os, sys
found = {}
for path in json.load(sys.stdin):
    if os.path.isdir(path):
        files = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
        found[path] = {os.path.relpath(file, path): sha256(file) for file in files}
    elif os.path.isfile(path):
        found[path] = {"": sha256(path)}
print(json.dumps(found))
"""
_PLACE = """
import json, os, shutil, sys
def link(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
def place(target, listing):
    part, old = target + ".part", target + ".old"
    for stale in (part, old):
        shutil.rmtree(stale, ignore_errors=True)
        if os.path.lexists(stale):
            os.unlink(stale)
    for name, source in listing.items():
        link(source, os.path.join(part, name) if name else part)
    if os.path.isdir(target):
        os.rename(target, old)
    os.replace(part, target)
    shutil.rmtree(old, ignore_errors=True)
request = json.load(sys.stdin)
altered = []
for uploaded, blob in request["uploads"].items():
    if sha256(uploaded) == os.path.basename(blob):
        os.replace(uploaded, blob)
    else:
        os.unlink(uploaded)
        altered.append(os.path.basename(blob))
print(json.dumps(altered))
if not altered:
    for target, listing in request["places"].items():
        place(target, listing)
"""


def listing_of(path: Path) -> Listing:
    """Hash a local file, or every file of a folder."""
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file())
        return {p.relative_to(path).as_posix(): sha256_of_file(p) for p in files}
    return {"": sha256_of_file(path)}


def sha256s_of_listing(listing: Listing) -> tuple[str, str]:
    """Hash of a file or folder as manifests name it (`FileRecord.sha256`), and as those of earlier versions do."""
    if "" in listing:
        return listing[""], listing[""]
    files = sorted([name, digest] for name, digest in listing.items())
    return sha256_of_json([file for file in files if file[0] != ABOUT]), sha256_of_json(files)


@dataclass(frozen=True)
class _Local:
    """A file or folder that is here."""

    listing: Listing
    files: Mapping[str, Path]
    """By sha256."""


def _blobs_of(path: Path) -> _Local:
    listing = listing_of(path)
    return _Local(listing, {digest: path / name if name else path for name, digest in listing.items()})


class HostFiles:
    """Files of one host, as long as one SSH connection lives."""

    def __init__(self, client: "paramiko.SSHClient", name: str, python: str, base_dir: str) -> None:
        """Take an open connection; `name` is for messages, `base_dir` is where regtune lives on the host."""
        self._client, self._name, self._python = client, name, python
        self._blobs = posixpath.join(base_dir, "files")

    def listings(self, paths: Sequence[str]) -> dict[str, Listing]:
        """Hash files and folders on the host; what is not there is left out."""
        found: dict[str, Listing] = self._ask(_HASH, list(paths))
        return found

    def send(self, files: Mapping[str, Path]) -> int:
        """Bring files or folders to their places on the host, in three round trips; returns the bytes that travelled.

        Args:
            files: what is here, by where it shall be.

        Raises:
            PrerequisiteMissingError: a file arrived altered, or the host's disk or interpreter does not play along.
        """
        local = {target: _blobs_of(path) for target, path in files.items()}
        names = {digest: file.name for blobs in local.values() for digest, file in blobs.files.items()}
        there = self.listings([*files, *(self._blob(digest) for digest in names)])
        wanted = {target: blobs for target, blobs in local.items() if there.get(target) != blobs.listing}
        if not wanted:
            return 0
        missing = {
            self._blob(digest): file
            for blobs in wanted.values()
            for digest, file in blobs.files.items()
            if there.get(self._blob(digest)) != {"": digest}
        }
        uploads = self._upload(missing)
        places = {t: {name: self._blob(digest) for name, digest in b.listing.items()} for t, b in wanted.items()}
        altered = self._ask(_PLACE, {"places": places, "uploads": uploads})
        if altered:
            problem = f"host {self._name}: {', '.join(names[digest] for digest in altered)} arrived altered"
            raise PrerequisiteMissingError(f"{problem}; try again, and check the host's disk if it happens twice.")
        sent = sum(file.stat().st_size for file in missing.values())
        _log.info("host %s: sent %s (%d bytes)", self._name, ", ".join(files[t].name for t in wanted), sent)
        return sent

    def fetch(self, files: Mapping[str, Path]) -> None:
        """Bring files or folders from the host, in two round trips.

        Args:
            files: where each goes, by where it is on the host.

        Raises:
            PrerequisiteMissingError: one is not there, or arrived altered.
        """
        if not files:
            return
        listings = self.listings(list(files))
        for source in files.keys() - listings.keys():
            raise PrerequisiteMissingError(f"host {self._name}: {source}: not there; run its stage again.")
        with self._client.open_sftp() as sftp:
            for source, listing in listings.items():
                for name, digest in listing.items():
                    target = files[source] / name if name else files[source]
                    with replacing(target) as temporary:
                        sftp.get(posixpath.join(source, name) if name else source, str(temporary))
                        if sha256_of_file(temporary) != digest:
                            raise PrerequisiteMissingError(f"host {self._name}: {source}: arrived altered; try again.")

    def text(self, path: str) -> str | None:
        """Read a small UTF-8 file; None when it is not there."""
        status, content, _ = self.run(f"cat -- {shlex.quote(path)}")
        return content.decode() if status == 0 else None

    def tail(self, path: str) -> str:
        """Return the end of a log; empty when it is not there."""
        return self.run(f"tail -c 20000 -- {shlex.quote(path)}")[1].decode(errors="replace")

    def run(self, command: str, content: str = "", timeout_seconds: float = 600) -> tuple[int, bytes, str]:
        """Run a command line with `content` on its standard input; returns exit code, stdout and stderr."""
        stdin, stdout, stderr = self._client.exec_command(command, timeout=timeout_seconds)
        stdin.write(content)
        stdin.channel.shutdown_write()
        out, err = bytes(stdout.read()), stderr.read().decode(errors="replace")
        return stdout.channel.recv_exit_status(), out, err

    def _blob(self, digest: str) -> str:
        return posixpath.join(self._blobs, digest)

    def _upload(self, files: Mapping[str, Path]) -> dict[str, str]:
        """Send files under temporary names; returns the kept name by the temporary one."""
        if not files:
            return {}
        self._checked(f"mkdir -p -- {shlex.quote(self._blobs)}", "")
        uploads = {f"{blob}.{secrets.token_hex(4)}.part": blob for blob in files}
        try:
            with self._client.open_sftp() as sftp:
                for part, blob in uploads.items():
                    sftp.put(str(files[blob]), part, confirm=False)
        except OSError as error:
            raise PrerequisiteMissingError(f"host {self._name}: {self._blobs}: cannot be written: {error}.") from error
        return uploads

    def _ask(self, script: str, request: object) -> Any:  # noqa: ANN401 - JSON
        out = self._checked(shlex.join([self._python, "-I", "-c", _SHA256 + script]), json.dumps(request))
        return json.loads(out) if out.strip() else None

    def _checked(self, command: str, content: str) -> bytes:
        status, out, err = self.run(command, content)
        if status != 0:
            problem = err.strip().splitlines()[-1] if err.strip() else f"exit code {status}"
            raise PrerequisiteMissingError(f"host {self._name}: {problem}; see include/hosts, and check its disk.")
        return out

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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.artifacts import replacing, sha256_of_file, sha256_of_json
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
def place(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
request = json.load(sys.stdin)
target, listing = request["target"], request["listing"]
part, old = target + ".part", target + ".old"
altered = []
for uploaded, blob in request["uploads"].items():
    if sha256(uploaded) == os.path.basename(blob):
        os.replace(uploaded, blob)
    else:
        os.unlink(uploaded)
        altered.append(os.path.basename(blob))
print(json.dumps(altered))
if altered:
    sys.exit()
for stale in (part, old):
    shutil.rmtree(stale, ignore_errors=True)
    if os.path.lexists(stale):
        os.unlink(stale)
for name, source in listing.items():
    place(source, os.path.join(part, name) if name else part)
if os.path.isdir(target):
    os.rename(target, old)
os.replace(part, target)
shutil.rmtree(old, ignore_errors=True)
"""


def listing_of(path: Path) -> Listing:
    """Hash a local file, or every file of a folder."""
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file())
        return {p.relative_to(path).as_posix(): sha256_of_file(p) for p in files}
    return {"": sha256_of_file(path)}


def sha256_of_listing(listing: Listing) -> str:
    """Hash of a file or folder as manifests name it (`FileRecord.sha256`)."""
    return listing[""] if "" in listing else sha256_of_json(sorted([name, digest] for name, digest in listing.items()))


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

    def send(self, path: Path, target: str) -> int:
        """Bring a file or folder to `target`; returns the bytes that had to travel.

        Raises:
            PrerequisiteMissingError: a file arrived altered, or the host's disk or interpreter does not play along.
        """
        listing = listing_of(path)
        blobs = {name: posixpath.join(self._blobs, digest) for name, digest in listing.items()}
        there = self.listings([target, *blobs.values()])
        if there.get(target) == listing:
            return 0
        missing = {blob: name for name, blob in blobs.items() if there.get(blob) != {"": listing[name]}}
        uploads = self._upload({blob: path / name if name else path for blob, name in missing.items()})
        altered = self._ask(_PLACE, {"target": target, "listing": blobs, "uploads": uploads})
        if altered:
            names = ", ".join(name or path.name for name, digest in listing.items() if digest in altered)
            problem = f"host {self._name}: {names} arrived altered"
            raise PrerequisiteMissingError(f"{problem}; try again, and check the host's disk if it happens twice.")
        sent = sum((path / name if name else path).stat().st_size for name in missing.values())
        _log.info("host %s: sent %s (%d bytes)", self._name, path.name, sent)
        return sent

    def fetch(self, source: str, path: Path) -> None:
        """Bring a file or folder from the host.

        Raises:
            PrerequisiteMissingError: it is not there, or arrived altered.
        """
        listing = self.listings([source]).get(source)
        if listing is None:
            raise PrerequisiteMissingError(f"host {self._name}: {source}: not there; run its stage again.")
        with self._client.open_sftp() as sftp:
            for name, digest in listing.items():
                target = path / name if name else path
                with replacing(target) as temporary:
                    sftp.get(posixpath.join(source, name) if name else source, str(temporary))
                    if sha256_of_file(temporary) != digest:
                        raise PrerequisiteMissingError(f"host {self._name}: {source}: arrived altered; try again.")

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

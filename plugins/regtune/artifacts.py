"""Files of a run folder: read and written so that a crash never leaves half a file under its final name.

In and out: JSON Lines of contract records in UTF-8, Korean unescaped, keys in the order of the contract;
manifests with sha256 of inputs and outputs. A folder (data_docs/, adapter/) counts as one artifact; a README.md in it
tells about it and is no part of it, so that it may be written anew.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from regtune.contracts import FileRecord, Manifest, RunSpec
from regtune.errors import ConfigurationError, PrerequisiteMissingError, UnusableInputError

Record = TypeVar("Record", bound=BaseModel)
RUN_FILE = "run.json"
ABOUT = "README.md"
"""In a folder: tells about it."""


def sha256_of_bytes(content: bytes) -> str:
    """Return 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_json(value: object) -> str:
    """Hash a JSON-able value in canonical form: sorted keys, no spaces, unescaped."""
    return sha256_of_bytes(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def sha256_of_file(path: Path) -> str:
    """Hash a file without holding it in memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, renamed over it when the block ends well and removed when it does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Like `replacing`, for a folder: the old one is there until the new one is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part"))
    try:
        yield temporary
        temporary.chmod(0o755)
        old = path.with_name(f".{path.name}.old")
        _remove(old)
        if path.is_symlink() or path.exists():
            path.rename(old)
        temporary.rename(path)
        _remove(old)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _remove(path: Path) -> None:
    """Remove a folder, or the file that lay where a folder belongs."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, all of it or none."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, record: BaseModel) -> None:
    """Write one record, indented for people."""
    write_text(path, json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n")


def write_jsonl(path: Path, records: Iterable[BaseModel]) -> int:
    """Write one record a line, all of them or none; returns how many."""
    count = 0
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record.model_dump(mode="json"), ensure_ascii=False) + "\n")
            count += 1
    return count


def read_json(path: Path, model: type[Record]) -> Record:
    """Read one record.

    Raises:
        PrerequisiteMissingError: the file is not there.
        UnusableInputError: it is not such a record.
    """
    return _checked(model, _text(path), str(path))


def read_jsonl(path: Path, model: type[Record]) -> list[Record]:
    """Read a JSON Lines file; blank lines are passed over.

    Raises:
        PrerequisiteMissingError: the file is not there.
        UnusableInputError: a line is not such a record; the message names the line.
    """
    lines = _text(path).split("\n")
    return [_checked(model, line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # people's editors may put a byte order mark before it
    except FileNotFoundError as error:
        raise PrerequisiteMissingError(f"{path}: not there; run the stage that makes it first.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInputError(f"{path}: cannot be read as UTF-8 text ({error}).") from error


def _checked(model: type[Record], text: str, where: str) -> Record:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "record"
        raise UnusableInputError(f"{where}: not a {model.__name__}: {field}: {first['msg']}.") from error


def load_spec(run_dir: Path) -> RunSpec:
    """Read run.json.

    Raises:
        ConfigurationError: the folder is not a run folder, or its recipe was changed after it was written.
    """
    path = run_dir / RUN_FILE
    if not path.is_file():
        raise ConfigurationError(f"{run_dir}: no {RUN_FILE} here; give a run folder that open_run made.")
    try:
        spec = read_json(path, RunSpec)
    except UnusableInputError as error:
        raise ConfigurationError(str(error)) from error
    if spec_sha256(spec) != spec.spec_sha256:
        raise ConfigurationError(f"{path}: was edited after the run was opened; open a new run instead.")
    return spec


def spec_sha256(spec: RunSpec) -> str:
    """Hash of the recipe: everything in run.json but its own name and hash."""
    return sha256_of_json(spec.model_dump(mode="json", exclude={"run_name", "spec_sha256"}))


def file_record(path: Path) -> FileRecord:
    """Describe a file or a folder.

    A folder's hash is over the sorted (relative name, sha256) of its files, `ABOUT` left out.

    Raises:
        PrerequisiteMissingError: nothing is there.
    """
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file() and p != path / ABOUT)
        listing = [[p.relative_to(path).as_posix(), sha256_of_file(p)] for p in files]
        return FileRecord(sha256=sha256_of_json(listing), bytes=sum(p.stat().st_size for p in files), records=None)
    if not path.is_file():
        raise PrerequisiteMissingError(f"{path}: not there; run the stage that makes it first.")
    records = None
    if path.suffix == ".jsonl":
        with path.open("rb") as file:
            records = sum(1 for line in file if line.strip())
    return FileRecord(sha256=sha256_of_file(path), bytes=path.stat().st_size, records=records)


def is_recorded(path: Path, sha256: str) -> bool:
    """Whether a file or folder is what a record of this version says, or of an earlier one, which counted `ABOUT`."""
    if file_record(path).sha256 == sha256:
        return True
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else []
    return sha256_of_json([[p.relative_to(path).as_posix(), sha256_of_file(p)] for p in files]) == sha256


def manifest_path(run_dir: Path, stage: str) -> Path:
    """Where a stage's manifest lies."""
    return run_dir / f"{stage}.manifest.json"


def read_manifest(run_dir: Path, stage: str) -> Manifest | None:
    """Return the manifest of a finished stage, None when it is not finished or its manifest is unreadable."""
    path = manifest_path(run_dir, stage)
    if not path.is_file():
        return None
    try:
        return read_json(path, Manifest)
    except UnusableInputError:
        return None

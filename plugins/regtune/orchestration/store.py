"""The store of runs: a folder, or any fsspec URL; what outlives the hosts and what people read.

    <store>/runs/<run name>/<artifact>      as in the run folder, manifests included
    <store>/code/regtune-<sha12>.pyz        the code that the runs ran
    <store>/champion.json, latest.json      pointers to a run

In: files of a run folder. Out: the same files, checked against the manifest of the stage that made them.
A relative folder starts at the repository's root. `s3://connection_id@bucket/folder` takes its keys from an Airflow
connection when the provider for the scheme is installed. A file is there whole or not at all; a manifest goes last.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import fsspec

from regtune.artifacts import RUN_FILE, Record, is_recorded, load_spec, replacing, sha256_of_json
from regtune.contracts import Manifest, RunHead
from regtune.errors import PrerequisiteMissingError, UnusableInputError
from regtune.open_run import is_run_name
from regtune.orchestration.code_bundle import bundle_name
from regtune.regulations.advice import KnownRun
from regtune.stage_table import STAGES
from regtune.store_files import known_runs

_REPOSITORY = Path(__file__).resolve().parents[3]
PRODUCERS = {output: stage.name for stage in STAGES.values() for output in stage.outputs}
"""Artifact -> stage that makes it."""


class Store:
    """One store; holds nothing but its address."""

    def __init__(self, url: str) -> None:
        """Take a folder or an fsspec URL."""
        url = url.removeprefix("file://")
        self._filesystem, self._root = _open(url)
        self.local = "://" not in url
        self.url = self._root if self.local else url.rstrip("/")

    def location(self, run_name: str, artifact: str = "") -> str:
        """Where somebody finds it."""
        return f"{self.url}/runs/{run_name}/{artifact}".rstrip("/")

    def has(self, run_name: str, artifact: str) -> bool:
        """Whether the artifact is there."""
        return bool(self._filesystem.exists(self._run_path(run_name, artifact)))

    def put(self, run_name: str, artifact: str, path: Path) -> None:
        """Bring a file or a folder; a folder's earlier files that are no longer in it go."""
        target = self._run_path(run_name, artifact)
        if not path.is_dir():
            self._put_file(path, target)
            return
        names = sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file())
        for name in names:
            self._put_file(path / name, f"{target}/{name}")
        for stale in self._names_below(target) - set(names):
            self._filesystem.rm_file(f"{target}/{stale}")

    def fetch(self, run_name: str, artifact: str, path: Path) -> None:
        """Bring a file or folder to `path`.

        Raises:
            PrerequisiteMissingError: it is not in the store.
            UnusableInputError: it is not what the stage that made it put there.
        """
        source = self._run_path(run_name, artifact)
        if not self._filesystem.exists(source):
            raise PrerequisiteMissingError(f"{self.location(run_name, artifact)}: not there; run its stage again.")
        if self._filesystem.isdir(source):
            for name in sorted(self._names_below(source)):
                self._get_file(f"{source}/{name}", path / name)
        else:
            self._get_file(source, path)
        expected = self.expected_sha256(run_name, artifact)
        if expected is not None and not is_recorded(path, expected):
            where = self.location(run_name, artifact)
            raise UnusableInputError(f"{where}: was changed after {PRODUCERS.get(artifact, 'open_run')} made it.")

    def content(self, run_name: str, artifact: str) -> dict[str, Any]:
        """Read a JSON file whichever version of regtune made it.

        Raises:
            PrerequisiteMissingError: it is not in the store.
            UnusableInputError: it is not what the stage that made it put there, or no JSON object.
        """
        with tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
            path = Path(temporary) / "file"
            self.fetch(run_name, artifact, path)
            try:
                content = json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                content = None
        if not isinstance(content, dict):
            raise UnusableInputError(f"{self.location(run_name, artifact)}: is no JSON object.")
        return content

    def expected_sha256(self, run_name: str, artifact: str) -> str | None:
        """Hash of an artifact (`FileRecord.sha256`) by its maker's word; None when nobody gave it."""
        if artifact == "sources/":
            sources = self.spec(run_name).sources
            return sha256_of_json(sorted([source.file, source.sha256] for source in sources))
        producer = self.manifest(run_name, PRODUCERS[artifact]) if artifact in PRODUCERS else None
        return None if producer is None else producer.outputs[artifact].sha256

    def run_names(self) -> list[str]:
        """Names of all runs, ascending by date; whatever else lies in runs/ is passed over."""
        try:
            listing = self._filesystem.ls(f"{self._root}/runs", detail=False)
        except FileNotFoundError:
            return []
        names = (str(path).rstrip("/").rpartition("/")[2] for path in listing)
        return sorted(name for name in names if is_run_name(name))

    def known_runs(self, days: set[date]) -> Iterator[KnownRun]:
        """Yield the runs of these effective dates, as the advice asks for them."""
        return known_runs(self._filesystem, self._root, days)

    def opened_at(self, run_name: str) -> datetime | None:
        """When run.json was written; None for a run that is just being opened."""
        try:
            stamp: datetime = self._filesystem.modified(self._run_path(run_name, RUN_FILE))
        except FileNotFoundError:
            return None
        return stamp if stamp.tzinfo else stamp.replace(tzinfo=timezone.utc)

    def remove_run(self, run_name: str) -> None:
        """Remove a run for good; run.json goes last, so that a removal that breaks off is found again."""
        folder = self._run_path(run_name, "")
        spec = self._run_path(run_name, RUN_FILE)
        for path in self._filesystem.ls(folder, detail=False):
            if str(path).rpartition("/")[2] != RUN_FILE:
                self._filesystem.rm(path, recursive=True)
        if self._filesystem.exists(spec):
            self._filesystem.rm_file(spec)
        if self._filesystem.exists(folder):
            self._filesystem.rm(folder, recursive=True)

    def code_names(self) -> list[str]:
        """File names of all zipapps."""
        try:
            listing = self._filesystem.ls(f"{self._root}/code", detail=False)
        except FileNotFoundError:
            return []
        return sorted(str(path).rpartition("/")[2] for path in listing)

    def remove_code(self, name: str) -> None:
        """Remove a zipapp."""
        self._filesystem.rm_file(f"{self._root}/code/{name}")

    def spec(self, run_name: str) -> RunHead:
        """Read what stands in run.json whichever version opened the run; its recipe is for the run's own code.

        Raises:
            PrerequisiteMissingError: the run was never opened, or is no longer in the store.
            UnusableInputError: what is there is no run.json.
        """
        head = self._record(run_name, RUN_FILE, RunHead)
        if head is None:
            raise PrerequisiteMissingError(f"{self.location(run_name, RUN_FILE)}: not there; clear open_run.")
        return head

    def manifest(self, run_name: str, stage: str) -> Manifest | None:
        """Read a stage's manifest; None when the stage is not finished.

        Raises:
            UnusableInputError: what is there is no manifest.
        """
        return self._record(run_name, f"{stage}.manifest.json", Manifest)

    def put_run(self, run_dir: Path) -> None:
        """Bring a freshly opened run folder: run.json last."""
        spec = load_spec(run_dir)
        for path in sorted(run_dir.iterdir()):
            if path.name != RUN_FILE:
                self.put(spec.run_name, path.name, path)
        self.put(spec.run_name, RUN_FILE, run_dir / RUN_FILE)

    def put_code(self, bundle: Path, code_sha256: str) -> None:
        """Keep the code of a run; the same code is kept once."""
        target = f"{self._root}/code/{bundle_name(code_sha256)}"
        if not self._filesystem.exists(target):
            self._put_file(bundle, target)

    def fetch_code(self, code_sha256: str, folder: Path) -> Path:
        """Bring the code that a run was opened with into `folder`; returns the zipapp.

        Raises:
            PrerequisiteMissingError: it is not in the store.
        """
        name = bundle_name(code_sha256)
        if not self._filesystem.exists(f"{self._root}/code/{name}"):
            raise PrerequisiteMissingError(f"{self.url}/code/{name}: not there; clear open_run.")
        self._get_file(f"{self._root}/code/{name}", folder / name)
        return folder / name

    def point(self, name: str, content: dict[str, Any]) -> None:
        """Write a pointer such as `champion.json`: readers see the old one or the new one."""
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        target = f"{self._root}/{name}"
        if self.local:
            with replacing(Path(target)) as temporary:
                temporary.write_text(text, encoding="utf-8")
        else:
            self._filesystem.pipe_file(target, text.encode())

    def pointer(self, name: str) -> dict[str, Any] | None:
        """Read a pointer; None when it was never set.

        Raises:
            UnusableInputError: what is there is no JSON object.
        """
        try:
            text = self._read(f"{self._root}/{name}")
            content = {} if text is None else json.loads(text)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise UnusableInputError(f"{self.url}/{name}: is no JSON object; restore it from a copy.")
        return None if text is None else content

    def _record(self, run_name: str, name: str, model: type[Record]) -> Record | None:
        try:
            text = self._read(self._run_path(run_name, name))
            return None if text is None else model.model_validate_json(text)
        except ValueError as error:
            raise UnusableInputError(f"{self.location(run_name, name)}: is no {model.__name__}.") from error

    def _run_path(self, run_name: str, artifact: str) -> str:
        return f"{self._root}/runs/{run_name}/{artifact}".rstrip("/")

    def _names_below(self, folder: str) -> set[str]:
        prefix = self._filesystem._strip_protocol(folder) + "/"  # noqa: SLF001 - find() answers in this form
        return {str(path).removeprefix(prefix) for path in self._filesystem.find(folder)}

    def _put_file(self, path: Path, target: str) -> None:
        if self.local:
            with replacing(Path(target)) as temporary:
                shutil.copyfile(path, temporary)
            return
        self._filesystem.makedirs(target.rpartition("/")[0], exist_ok=True)
        self._filesystem.put_file(str(path), target)  # one object: whole or not at all

    def _get_file(self, source: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._filesystem.get_file(source, str(path))

    def _read(self, path: str) -> str | None:
        try:
            return bytes(self._filesystem.cat_file(path)).decode()
        except FileNotFoundError:
            return None


def _open(url: str) -> tuple[Any, str]:
    """File system and root path of a store."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return fsspec.filesystem("file"), str((_REPOSITORY / url).resolve())
    from airflow.sdk.io import get_fs, has_fs

    connection, _, path = rest.rpartition("@")
    filesystem = get_fs(scheme, connection or None) if has_fs(scheme) else fsspec.filesystem(scheme)
    return filesystem, filesystem._strip_protocol(f"{scheme}://{path}".rstrip("/"))  # noqa: SLF001 - fsspec's own form

"""The store of runs, as a folder and behind an fsspec URL."""

import uuid
from datetime import date
from pathlib import Path

import pytest
from opened_run import REGISTER
from ssh_hosts import REPOSITORY

from regtune.artifacts import file_record, write_json
from regtune.contracts import FileRecord, Manifest
from regtune.errors import PrerequisiteMissingError, UnusableInputError
from regtune.orchestration.advice import open_advice
from regtune.orchestration.store import Store
from regtune.regulations.register import load_register

RUN = "2024-07-01-0123456789ab"


@pytest.fixture(params=["folder", "memory"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Give an empty store of each kind."""
    return Store(str(tmp_path / "store") if request.param == "folder" else f"memory://{uuid.uuid4().hex}")


def manifest_of(stage: str, outputs: dict[str, FileRecord]) -> Manifest:
    """Make a manifest."""
    facts = {"stage": stage, "run_name": RUN, "spec_sha256": "0" * 64, "inputs": {}, "counts": {}, "tokens": {}}
    return Manifest.model_validate({**facts, "outputs": outputs, "seconds": 1.0, "started_at": "", "versions": {}})


def test_a_file_comes_back_as_it_was(any_store: Store, tmp_path: Path) -> None:
    """What is put is there, and is fetched with the same bytes."""
    (tmp_path / "chunks.jsonl").write_text("{}\n")
    assert not any_store.has(RUN, "chunks.jsonl")
    any_store.put(RUN, "chunks.jsonl", tmp_path / "chunks.jsonl")
    assert any_store.has(RUN, "chunks.jsonl")
    any_store.fetch(RUN, "chunks.jsonl", tmp_path / "back" / "chunks.jsonl")
    assert (tmp_path / "back" / "chunks.jsonl").read_text() == "{}\n"


def test_a_folder_comes_back_as_it_is_now(any_store: Store, tmp_path: Path) -> None:
    """Subfolders come along; a file that the folder no longer has does not come back."""
    folder = tmp_path / "data_docs"
    (folder / "static").mkdir(parents=True)
    (folder / "index.html").write_text("old")
    (folder / "static" / "gone.css").write_text("x")
    any_store.put(RUN, "data_docs/", folder)
    (folder / "index.html").write_text("new")
    (folder / "static" / "gone.css").rename(folder / "static" / "here.css")
    any_store.put(RUN, "data_docs/", folder)
    any_store.fetch(RUN, "data_docs/", tmp_path / "back")
    assert file_record(tmp_path / "back") == file_record(folder)


def test_what_is_not_there_is_told_with_its_place(any_store: Store, tmp_path: Path) -> None:
    """A missing artifact is a missing prerequisite that names where it should be."""
    with pytest.raises(PrerequisiteMissingError, match=f"runs/{RUN}/chunks.jsonl: not there"):
        any_store.fetch(RUN, "chunks.jsonl", tmp_path / "chunks.jsonl")


def test_a_changed_artifact_is_found(any_store: Store, tmp_path: Path) -> None:
    """A file that is not what its stage's manifest says is refused."""
    (tmp_path / "chunks.jsonl").write_text("{}\n")
    any_store.put(RUN, "chunks.jsonl", tmp_path / "chunks.jsonl")
    manifest = manifest_of("chunk", {"chunks.jsonl": file_record(tmp_path / "chunks.jsonl")})
    write_json(tmp_path / "m", manifest)
    any_store.put(RUN, "chunk.manifest.json", tmp_path / "m")
    any_store.fetch(RUN, "chunks.jsonl", tmp_path / "back")
    (tmp_path / "chunks.jsonl").write_text("{} \n")
    any_store.put(RUN, "chunks.jsonl", tmp_path / "chunks.jsonl")
    with pytest.raises(UnusableInputError, match="was changed after chunk made it"):
        any_store.fetch(RUN, "chunks.jsonl", tmp_path / "back")


def test_a_pointer_is_replaced_whole(any_store: Store) -> None:
    """champion.json is read back as it was last set."""
    assert any_store.pointer("champion.json") is None
    any_store.point("champion.json", {"run_name": RUN, "headline": "정답률"})
    any_store.point("champion.json", {"run_name": RUN})
    assert any_store.pointer("champion.json") == {"run_name": RUN}


def test_a_relative_folder_starts_at_the_repository() -> None:
    """`./artifacts` means the same from every working directory."""
    assert Store("./artifacts").url == str(REPOSITORY / "artifacts")


def test_a_file_url_is_a_folder(tmp_path: Path) -> None:
    """file:// and a plain path are one store."""
    assert Store(f"file://{tmp_path}").url == Store(str(tmp_path)).url


def test_a_run_that_cannot_be_read_does_not_hide_the_advice(store: Store) -> None:
    """Bytes that are no text count as a run of other files: its day is advised, and the alert is sent."""
    place = Path(store.url, "runs", "2024-01-01-aaaaaaaaaaaa")
    place.mkdir(parents=True)
    (place / "run.json").write_bytes(b"\xff\xfe{}")
    first, *_ = open_advice(load_register(REGISTER), store, date(2024, 1, 2))
    assert (first.days, first.reprocess) == ((date(2024, 1, 1),), "failed")

"""Files between the store and a real host."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ssh_hosts import SshHost

from regtune.artifacts import file_record
from regtune.errors import PrerequisiteMissingError
from regtune.orchestration.transfer import HostFiles, listing_of, sha256s_of_listing


@pytest.fixture
def files(host: SshHost, host_python: Path, tmp_path: Path) -> Iterator[HostFiles]:
    """Give the files of a host with an empty regtune folder."""
    with host.connect() as client:
        yield HostFiles(client, "02", str(host_python), str(tmp_path / "base"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a subfolder, Korean names and a shell's special characters."""
    folder = tmp_path / "sources"
    (folder / "별표").mkdir(parents=True)
    (folder / "취업 규칙.pdf").write_bytes(b"%PDF" * 1000)
    (folder / "별표" / "$(touch x); rm -rf ~").write_text("별표 1")
    return folder


def test_a_folder_arrives_and_comes_back(files: HostFiles, folder: Path, tmp_path: Path) -> None:
    """Every file of a folder is on the host with its name and bytes, and comes back with them."""
    target = str(tmp_path / "base" / "runs" / "r" / "sources")
    assert files.send({target: folder}) == file_record(folder).bytes
    assert file_record(Path(target)) == file_record(folder)
    files.fetch({target: tmp_path / "back"})
    assert file_record(tmp_path / "back") == file_record(folder)


def test_a_second_upload_sends_nothing(files: HostFiles, folder: Path, tmp_path: Path) -> None:
    """What is there is not sent again, to the same place or to another run's."""
    base = tmp_path / "base" / "runs"
    files.send({str(base / "first" / "sources"): folder})
    assert files.send({str(base / "first" / "sources"): folder}) == 0
    assert files.send({str(base / "second" / "sources"): folder}) == 0
    assert file_record(base / "second" / "sources") == file_record(folder)


def test_a_changed_file_replaces_the_old_one(files: HostFiles, tmp_path: Path) -> None:
    """Another content under the same name takes its place, and only that one travels."""
    folder, target = tmp_path / "adapter", tmp_path / "base" / "adapter"
    folder.mkdir()
    (folder / "weights").write_bytes(b"x" * 1000)
    (folder / "config").write_bytes(b"old")
    files.send({str(target): folder})
    (folder / "config").write_bytes(b"new!")
    assert files.send({str(target): folder}) == 4
    assert file_record(target) == file_record(folder)


def test_an_altered_upload_is_found(files: HostFiles, host: SshHost, folder: Path, tmp_path: Path) -> None:
    """A file that changes on its way is refused and leaves nothing under its name; the next try brings it."""
    target = tmp_path / "base" / "sources"
    host.fault.touch()
    try:
        with pytest.raises(PrerequisiteMissingError, match="arrived altered"):
            files.send({str(target): folder})
    finally:
        host.fault.unlink()
    assert not target.exists()
    assert files.send({str(target): folder}) > 0
    assert file_record(target) == file_record(folder)


def test_a_blob_that_rotted_on_the_host_is_sent_again(files: HostFiles, folder: Path, tmp_path: Path) -> None:
    """A kept file that no longer has its hash is not trusted."""
    files.send({str(tmp_path / "base" / "one"): folder})
    for blob in (tmp_path / "base" / "files").iterdir():
        blob.unlink()
        blob.write_bytes(b"rotten")
    assert files.send({str(tmp_path / "base" / "two"): folder}) == file_record(folder).bytes
    assert file_record(tmp_path / "base" / "two") == file_record(folder)


def test_a_missing_interpreter_is_one_line(host: SshHost, tmp_path: Path) -> None:
    """A host without the configured Python says so, and where to look."""
    with (
        host.connect() as client,
        pytest.raises(PrerequisiteMissingError, match=r"host 02: .*python: No such file.*include/hosts"),
    ):
        HostFiles(client, "02", str(tmp_path / "no" / "python"), str(tmp_path)).listings(["x"])


def test_the_hash_is_the_manifests(folder: Path) -> None:
    """A listing hashes to what a manifest says of the same file or folder."""
    assert sha256s_of_listing(listing_of(folder))[0] == file_record(folder).sha256
    assert sha256s_of_listing(listing_of(folder / "취업 규칙.pdf"))[0] == file_record(folder / "취업 규칙.pdf").sha256

"""regtune register, as somebody in HR or operations uses it."""

import argparse
import json
import shutil
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path

import fsspec
import pytest

from regtune.cli import main
from regtune.commands import register as register_command
from regtune.regulations.advice import advise
from regtune.regulations.place import RegisterPlace
from regtune.regulations.register import Regulation, Revision, effective_dates, revisions_in_force
from regtune.store_files import known_runs

SAMPLES = Path(__file__).resolve().parents[2] / "include" / "regulations"
NEW = SAMPLES / "work-rules-2024-07-01.pdf"
Command = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample register before the work rules were revised."""
    text = (SAMPLES / "register.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "work-rules-2024-07-01" not in line]
    (tmp_path / "register.yaml").write_text("\n".join(kept) + "\n", encoding="utf-8")
    for path in SAMPLES.glob("*.pdf"):
        if path.name != NEW.name:
            shutil.copyfile(path, tmp_path / path.name)
    return tmp_path


@pytest.fixture
def register(folder: Path) -> Command:
    """Run `regtune register` on it; its runs lie in the folder store beside it."""
    (folder / "store").mkdir()

    def run(*words: object) -> int:
        store = ["--store", str(folder / "store")] if words[0] == "add" else []
        return main(["register", *map(str, words), "--register", str(folder / "register.yaml"), *store])

    return run


def test_a_revision_is_proposed_and_written_only_when_told(
    folder: Path, register: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """Title and date come from the PDF; without --yes nothing is written, with it the register is as it was shipped."""
    before = (folder / "register.yaml").read_bytes()
    assert register("add", NEW) == 0
    proposed = capsys.readouterr().out
    assert "규정: work-rules 취업규칙" in proposed
    assert "시행일: 2024-07-01 (부칙" in proposed
    assert "--yes" in proposed
    assert "--from-date 2024-01-01T00:00:00+00:00 --to-date 2025-07-01T00:00:00+00:00" in proposed
    assert (folder / "register.yaml").read_bytes() == before
    assert not (folder / NEW.name).exists()

    assert register("add", NEW, "--yes") == 0
    assert (folder / "register.yaml").read_bytes() == (SAMPLES / "register.yaml").read_bytes()
    assert (folder / NEW.name).read_bytes() == NEW.read_bytes()
    assert register("check") == 0


def test_a_new_revision_is_advised_on_in_the_words_of_the_page(
    folder: Path, register: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """The runs in the store decide between none, failed and completed; a store that is away is told as such."""
    before = RegisterPlace(str(folder / "register.yaml")).register()
    for day in effective_dates(before):
        sources = [source(regulation, r) for regulation, r in revisions_in_force(before, day)]
        head = {"spec_sha256": "0" * 64, "as_of": str(day), "code_sha256": "0" * 64, "skip_training": False}
        run = folder / "store" / "runs" / f"{day}-{'a' * 12}"
        run.mkdir(parents=True)
        text = json.dumps({**head, "run_name": run.name, "sources": sources})
        (run / "run.json").write_text(text, encoding="utf-8")
        (run / "publish.json").write_text("{}", encoding="utf-8")
    assert register("add", NEW, "--yes") == 0
    told = capsys.readouterr().out
    after = RegisterPlace(str(folder / "register.yaml")).register()
    runs = known_runs(fsspec.filesystem("file"), str(folder / "store"), set(effective_dates(after)))
    [one] = advise(after, runs, date.today())  # noqa: DTZ011 - all dates are years ago
    assert one.reprocess == "completed"
    assert told.endswith(f"- {one.text}\n    {one.command}\n")
    assert register("remove", "work-rules", "2024-07-01", "--yes") == 0
    for away in ("nosuch://x", str(folder / "nowhere")):
        address = ["--store", away, "--register", str(folder / "register.yaml")]
        assert main(["register", "add", str(NEW), *address]) == 0
        told = capsys.readouterr().out
        assert f"시작할 백필을 알 수 없습니다: {away}" in told
        assert "airflow backfill" not in told


def source(regulation: Regulation, revision: Revision) -> dict[str, str]:
    """One entry of run.json's sources."""
    return {
        "regulation_id": regulation.regulation_id,
        "title": regulation.title,
        "effective_date": str(revision.effective_date),
        "file": revision.file,
        "sha256": revision.sha256,
    }


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["add", NEW, "--regulation", "travel"], "the file's title reads '취업규칙'", id="another title"),
        pytest.param(["add", NEW, "--effective-date", "2023-01-01"], "--correct", id="before the last"),
        pytest.param(["add", NEW, "--effective-date", "2024-01-01"], "another file", id="same date"),
        pytest.param(["add", SAMPLES / "travel-2025-07-01.pdf"], "this very file is registered", id="registered"),
        pytest.param(["add", NEW, "--title", "임원 보수 규정"], "give --regulation ID", id="unknown title"),
        pytest.param(["remove", "work-rules", "2024-07-01"], "no such revision", id="nothing to remove"),
    ],
)
def test_a_contradiction_is_one_line(
    register: Command, words: list[object], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, the remedy named, nothing written."""
    assert register(*words) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_a_file_without_a_date_needs_one(register: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A text that names no 시행일 is refused until somebody says the date."""
    import pymupdf

    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "Travel rules\nArticle one: every employee travels.")
        document.save(tmp_path / "undated.pdf")
    words = ("add", tmp_path / "undated.pdf", "--regulation", "travel", "--title", "여비규정")
    assert register(*words) == 2
    assert "give --effective-date" in capsys.readouterr().err
    assert register(*words, "--effective-date", "2099-01-01") == 0
    assert "2099-01-01 오전 9시" in capsys.readouterr().out


def test_a_file_changed_under_the_register_stops_everything(
    folder: Path, register: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither check nor add goes on when a registered PDF is no longer what it was."""
    (folder / "work-rules-2024-01-01.pdf").write_bytes(b"%PDF-1.7 other")
    for words in (["check"], ["add", NEW, "--yes"]):
        assert register(*words) == 2
        assert "the register says" in capsys.readouterr().err


def test_a_corrected_file_takes_the_place_of_the_wrong_one(folder: Path, register: Command) -> None:
    """--correct replaces a revision of the same date under a new file name; the old file is not overwritten."""
    old = (folder / "work-rules-2024-01-01.pdf").read_bytes()
    assert register("add", NEW, "--effective-date", "2024-01-01", "--correct", "--yes") == 0
    [work] = [
        r for r in RegisterPlace(str(folder / "register.yaml")).register().regulations if "work" in r.regulation_id
    ]
    assert [str(revision.effective_date) for revision in work.revisions] == ["2024-01-01"]
    assert (folder / work.revisions[0].file).read_bytes() == NEW.read_bytes()
    assert (folder / "work-rules-2024-01-01.pdf").read_bytes() == old
    assert register("check") == 0


def test_a_revision_is_taken_out_only_when_told(folder: Path, register: Command) -> None:
    """`remove` shows what it would do; --yes does it and leaves the PDF."""
    assert register("remove", "travel", "2025-07-01") == 0
    assert "2025-07-01" in (folder / "register.yaml").read_text(encoding="utf-8")
    assert register("remove", "travel", "2025-07-01", "--yes") == 0
    assert "2025-07-01" not in (folder / "register.yaml").read_text(encoding="utf-8")
    assert (folder / "travel-2025-07-01.pdf").exists()


def test_a_register_behind_a_url_is_kept_the_same_way(folder: Path) -> None:
    """Add, check and list work on any fsspec URL; the PDF lies beside the register there."""
    url = f"memory://{uuid.uuid4().hex}"
    memory = fsspec.filesystem("memory")
    for path in folder.iterdir():
        memory.pipe_file(f"{url}/{path.name}", path.read_bytes())
    assert main(["register", "add", str(NEW), "--yes", "--register", f"{url}/register.yaml"]) == 0
    assert memory.cat_file(f"{url}/{NEW.name}") == NEW.read_bytes()
    assert main(["register", "check", "--register", f"{url}/register.yaml"]) == 0


def test_an_address_that_cannot_be_opened_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A scheme that nothing here knows, and a bucket that is not there."""
    for address in ("nosuch://bucket/register.yaml", "memory://absent/register.yaml"):
        assert main(["register", "list", "--register", address]) == 2
        error = capsys.readouterr().err
        assert address in error
        assert error.count("\n") == 1


def test_an_entry_written_while_a_pdf_is_read_is_kept(
    folder: Path, register: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two `add --yes` at once: the later one writes beside the entry of the first, not over it."""
    address, read = folder / "register.yaml", register_command._read

    def read_slowly(arguments: argparse.Namespace) -> object:
        found = read(arguments)
        address.write_text(address.read_text(encoding="utf-8") + "# of somebody else\n", encoding="utf-8")
        return found

    monkeypatch.setattr(register_command, "_read", read_slowly)
    assert register("add", NEW, "--yes") == 0
    assert "# of somebody else" in address.read_text(encoding="utf-8")
    assert "work-rules-2024-07-01.pdf" in address.read_text(encoding="utf-8")

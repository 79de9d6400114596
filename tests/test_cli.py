"""The command line as a person meets it: help, one line for each mistake, exit codes."""

import os
import subprocess
import sys
import zipapp
from pathlib import Path

import pytest

from regtune.cli import main
from regtune.errors import SAME_AGAIN
from regtune.stage_table import STAGES

REPOSITORY = Path(__file__).resolve().parents[1]
COMMANDS = (*STAGES, "open_run", "run", "register")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--help says what the command takes, and exits 0."""
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert "usage: regtune" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param(["chunk"], 2, "give RUN_FOLDER, or --provisions and --out", id="nothing given"),
        pytest.param(["stop"], 2, "give RUN_FOLDER", id="a stage without plain files"),
        pytest.param(["parse", "--pdf", "absent.pdf", "--out", "x"], 4, "absent.pdf: no such file", id="no such pdf"),
        pytest.param(["chunk", "."], 2, "no run.json here", id="no run folder"),
        pytest.param(["chunk", ".", "--provisions", "p", "--out", "x"], 2, "not both", id="both ways"),
        pytest.param(
            ["run", "--as-of", "2023-01-01", "--out", "x"], 2, "the first takes effect on 2024-01-01", id="too early"
        ),
        pytest.param(
            ["run", "--as-of", "2024-01-01", "--out", "x", "--config", "no.yaml"], 2, "no.yaml", id="no config"
        ),
        pytest.param(["register", "list", "--register", "none.yaml"], 2, "none.yaml", id="no register"),
        pytest.param(["chunk", ".", "--env-file", "absent.env"], 4, "absent.env", id="no env file"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[str],
    code: int,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was found and what to do, no traceback, the agreed exit code."""
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == code
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_a_date_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 and how to write a date."""
    with pytest.raises(SystemExit) as caught:
        main(["run", "--as-of", "$(touch x)", "--out", "x"])
    assert caught.value.code == 2
    assert "write YYYY-MM-DD" in capsys.readouterr().err


def test_the_register_is_listed_and_checked(capsys: pytest.CaptureFixture[str]) -> None:
    """Six revisions, each file as registered."""
    assert main(["register", "check"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 6


def test_open_run_twice_is_the_same_run(tmp_path: Path) -> None:
    """The same date opens the same recipe; another date is refused in the same folder."""
    arguments = ["open_run", "--out", str(tmp_path / "run"), "--as-of"]
    assert main([*arguments, "2024-01-01"]) == 0
    before = (tmp_path / "run" / "run.json").read_bytes()
    assert main([*arguments, "2024-01-01"]) == 0
    assert (tmp_path / "run" / "run.json").read_bytes() == before
    assert main([*arguments, "2025-07-01"]) == 2


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    """Exit 4, and the output that could not be written is not there in half."""
    command = [sys.executable, "-m", "regtune", "open_run", "--as-of", "2024-01-01", "--out", str(tmp_path / "run")]
    limited = ["bash", "-c", 'ulimit -f 8; exec "$@"', "bash", *command]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "plugins"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(limited, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 4, done
    assert "make room and start again" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run" / "run.json").exists()


def test_files_that_cannot_be_parsed_are_told_together_and_leave_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder, an empty file, one that is no PDF and one that is not there beside a good one: a line each, exit 4."""
    (tmp_path / "folder.pdf").mkdir()
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "text.pdf").write_text("no PDF", encoding="utf-8")
    good = REPOSITORY / "include" / "regulations" / "service-2024-01-01.pdf"
    bad = [tmp_path / f"{name}.pdf" for name in ("folder", "empty", "text", "absent")]
    assert main(["parse", "--pdf", *map(str, bad), str(good), "--out", str(tmp_path / "out")]) == 4
    lines = capsys.readouterr().err.splitlines()
    assert [line.count(path.name) > 0 for line, path in zip(lines, bad, strict=True)] == [True] * 4
    assert [path.name for path in (tmp_path / "out").iterdir()] == [good.stem]
    assert main(["parse", "--pdf", str(bad[1]), "--out", str(tmp_path / "alone")]) == 4
    assert not (tmp_path / "alone").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["parse", "--pdf", "file.pdf", "--out", "file.pdf"], 4, id="out is a file"),
        pytest.param(["parse", "--pdf", ".", "--out", "out"], 4, id="pdf is a folder"),
        pytest.param(["chunk", "--provisions", "file.pdf", "--out", "out"], 4, id="not UTF-8"),
        pytest.param(
            ["open_run", "--as-of", "2024-01-01", "--config", "file.pdf", "--out", "out"], 2, id="binary config"
        ),
    ],
)
def test_a_wrong_kind_of_file_is_one_line(
    arguments: list[str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file for a folder, a folder for a file, bytes for text: no traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.pdf").write_bytes(b"%PDF-1.7\n\xff\xfe\x80\x00")
    assert main(arguments) == code
    assert capsys.readouterr().err.count("\n") == 1


def test_it_runs_from_a_zipapp(tmp_path: Path) -> None:
    """The package needs nothing of the repository but its settings."""
    target = tmp_path / "regtune.pyz"
    zipapp.create_archive(REPOSITORY / "plugins", target, main="regtune.cli:main", filter=lambda p: p.suffix != ".pyc")
    done = subprocess.run([sys.executable, str(target), "--help"], capture_output=True, text=True, check=True)
    assert "COMMAND" in done.stdout


def test_a_failure_that_repeats_says_so_in_its_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever runs the command tries a broken file no more; a missing one may come."""
    caplog.set_level("INFO")
    broken = tmp_path / "chunks.jsonl"
    broken.write_text("{", encoding="utf-8")
    config = REPOSITORY / "include" / "config" / "demo.yaml"
    for file, said in ((broken, True), (tmp_path / "absent.jsonl", False)):
        caplog.clear()
        command = ["generate", "--chunks", str(file), "--config", str(config), "--out", str(tmp_path / "out")]
        assert main(command) == 4
        assert (SAME_AGAIN in [record.getMessage() for record in caplog.records]) is said

"""Reading a job's log look by look."""

import shlex
import subprocess
import time
from pathlib import Path

import pytest
from airflow.providers.ssh.utils.remote_job import RemoteJobPaths
from hypothesis import given
from hypothesis import strategies as st

from regtune.orchestration.remote_job import CHUNK_BYTES, JobReader, start_command


def test_an_unfinished_line_waits_for_its_end() -> None:
    """A look that stops within a Korean character shows the line once, whole, at the next look."""
    log = "1행\n2행 진행 중\n".encode()
    reader = JobReader("/job")
    first = reader.take(b"alive 0\n" + log[: len("1행\n2".encode()) + 1])
    second = reader.take(f"alive {reader.offset}\n".encode() + log[reader.offset :])
    assert (first.lines, second.lines) == (("1행",), ("2행 진행 중",))


def test_the_last_line_of_a_finished_job_needs_no_newline() -> None:
    """What a job wrote last is shown although nothing follows."""
    assert JobReader("/job").take("3 0\nregtune: 거절".encode()).lines == ("regtune: 거절",)


def test_an_endless_line_is_shown_in_pieces() -> None:
    """A progress bar without newlines does not stop the log."""
    look = JobReader("/job").take(b"alive 0\n" + b"x" * CHUNK_BYTES)
    assert look.lines == ("x" * CHUNK_BYTES,)
    assert look.more


@pytest.mark.parametrize(
    ("replies", "gone"),
    [
        pytest.param(["gone"], False, id="one miss may be a start"),
        pytest.param(["gone", "gone"], True, id="two misses"),
        pytest.param(["gone", "alive", "gone"], False, id="alive in between"),
        pytest.param(["gone", "0"], False, id="ended in between"),
    ],
)
def test_a_job_is_gone_after_two_misses(replies: list[str], *, gone: bool) -> None:
    """One look too early does not declare a job dead."""
    reader = JobReader("/job")
    looks = [reader.take(f"{state} 0\n".encode()) for state in replies]
    assert looks[-1].gone is gone


@given(
    lines=st.lists(st.text(st.characters(exclude_categories=["Cc", "Zl", "Zp", "Cs"]))),
    cuts=st.sets(st.integers(0, 400)),
)
def test_however_it_is_cut_the_log_reads_the_same(lines: list[str], cuts: set[int]) -> None:
    """Looks at any moment add up to the job's lines, none lost and none doubled."""
    log = "".join(f"{line}\n" for line in lines).encode()
    reader = JobReader("/job")
    shown: list[str] = []
    for end in sorted(cut for cut in cuts if cut < len(log)):
        shown += reader.take(f"alive {reader.offset}\n".encode() + log[reader.offset : end]).lines
    shown += reader.take(f"0 {reader.offset}\n".encode() + log[reader.offset :]).lines
    assert shown == lines


def test_a_job_whose_pid_a_full_disk_does_not_take_is_not_started(tmp_path: Path) -> None:
    """It could not be ended: the submission fails in words, and the command never runs."""
    paths, ran = RemoteJobPaths("job", "posix", str(tmp_path / "jobs")), tmp_path / "ran"
    Path(paths.job_dir).mkdir(parents=True)
    Path(paths.pid_file).symlink_to("/dev/full")
    done = subprocess.run(
        ["/bin/bash", "-c", start_command(f"touch {shlex.quote(str(ran))}", paths)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "could not write its pid" in done.stderr
    assert not ran.exists()
    assert not Path(paths.job_dir).exists()


def test_a_job_runs_once_its_pid_is_written(tmp_path: Path) -> None:
    """Quotes and all; its exit code is the command's."""
    paths = RemoteJobPaths("job", "posix", str(tmp_path / "a job's folder"))
    command = shlex.join(["/bin/bash", "-c", "echo 'it is \"on\"'; exit 3"])
    subprocess.run(["/bin/bash", "-c", start_command(command, paths)], check=True, timeout=60)
    end = time.monotonic() + 20
    while not Path(paths.exit_code_file).exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert Path(paths.exit_code_file).read_text() == "3"
    assert Path(paths.log_file).read_text() == 'it is "on"\n'

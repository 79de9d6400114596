"""The stand-in host behaves like a host where the DAG can tell the difference."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest
from ssh_hosts import SSH_HOST, SshHost, start_ssh_host


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    """Give a running host."""
    host = start_ssh_host(tmp_path_factory.mktemp("host"))
    yield host
    host.stop()


def run(client: paramiko.SSHClient, command: str, content: bytes = b"") -> tuple[int, str, str]:
    """Run one command."""
    stdin, stdout, stderr = client.exec_command(command, timeout=30)
    stdin.write(content)
    stdin.channel.shutdown_write()
    out, err = stdout.read().decode(), stderr.read().decode()
    return stdout.channel.recv_exit_status(), out, err


def wait_until_dead(pid: str, seconds: float = 10) -> bool:
    """Whether the process ends in time; a zombie has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stat = Path(f"/proc/{pid}/stat")
        try:
            if stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.1)
    return False


def test_commands_run_in_the_home_folder_with_their_streams_and_status(host: SshHost) -> None:
    """A command gets its input, starts in the home folder, and its streams and exit code come back apart."""
    with host.connect() as client:
        assert run(client, "cat; pwd; echo 오류 >&2; exit 3", "안녕\n".encode()) == (
            3,
            f"안녕\n{host.home}\n",
            "오류\n",
        )


def test_the_shell_is_no_login_shell(host: SshHost) -> None:
    """What a login shell would read is not read, and nothing of the caller's environment is there."""
    (host.home / ".profile").write_text("export FROM_PROFILE=yes\n")
    with host.connect() as client:
        status, out, _ = run(client, "shopt -q login_shell; echo $? ${FROM_PROFILE:-none} ${AIRFLOW_HOME:-none}")
    assert (status, out) == (0, "1 none none\n")


def test_output_larger_than_a_window_arrives_whole(host: SshHost) -> None:
    """Three million bytes come back, though SSH's window is two million."""
    with host.connect() as client:
        assert len(run(client, "head -c 3000000 /dev/zero")[1]) == 3_000_000


@pytest.mark.parametrize(
    "overrides",
    [
        pytest.param({"key_filename": None, "password": "regtune"}, id="password"),
        pytest.param({"key_filename": None, "pkey": paramiko.RSAKey.generate(2048)}, id="another key"),
    ],
)
def test_only_the_key_lets_in(host: SshHost, overrides: dict[str, object]) -> None:
    """A password or a key that is not authorized is refused."""
    with pytest.raises(paramiko.SSHException):
        host.connect(**overrides)


def test_it_listens_on_loopback_only(host: SshHost) -> None:
    """No other interface has the port open."""
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = {fields[1].split(":")[0] for fields in listening if int(fields[1].split(":")[1], 16) == host.port}
    assert addresses <= {"0100007F"}
    assert addresses


def test_a_detached_job_outlives_its_connection(host: SshHost) -> None:
    """A job started with setsid goes on after the client has left."""
    with host.connect() as client:
        run(client, "setsid bash -c 'echo $$ > detached; sleep 60' </dev/null >/dev/null 2>&1 &")
        time.sleep(0.5)
    time.sleep(0.5)
    with host.connect() as client:
        assert run(client, "kill -0 $(cat detached)")[0] == 0


def test_an_ended_job_leaves_no_zombie(host: SshHost) -> None:
    """`kill -0` on a job that has ended fails, as on a host whose init buries the dead."""
    with host.connect() as client:
        run(client, "setsid bash -c 'echo $$ > short' </dev/null >/dev/null 2>&1 &")
        time.sleep(2.5)
        assert run(client, "kill -0 $(cat short)")[0] != 0


def test_files_travel(host: SshHost, tmp_path: Path) -> None:
    """SFTP writes below the home folder and at absolute paths, and reads both."""
    (tmp_path / "규정.txt").write_text("제1조")
    with host.connect() as client, client.open_sftp() as sftp:
        sftp.put(str(tmp_path / "규정.txt"), "규정.txt")
        sftp.get(f"{host.home}/규정.txt", str(tmp_path / "back"))
    assert (tmp_path / "back").read_text() == "제1조"


def test_a_host_that_goes_down_takes_its_jobs_along(tmp_path: Path) -> None:
    """Powering off ends detached jobs too."""
    host = start_ssh_host(tmp_path)
    with host.connect() as client:
        run(client, "setsid bash -c 'trap \"\" TERM; echo $$ > stubborn; sleep 60' </dev/null >/dev/null 2>&1 &")
        time.sleep(0.5)
    pid = (host.home / "stubborn").read_text().strip()
    host.stop()
    assert wait_until_dead(pid)


def test_keys_are_made_once_and_private(tmp_path: Path) -> None:
    """A second call keeps the keys; private keys are readable by their owner only."""
    subprocess.run([sys.executable, SSH_HOST, "keys", tmp_path], check=True)
    before = (tmp_path / "client_key").read_bytes()
    subprocess.run([sys.executable, SSH_HOST, "keys", tmp_path], check=True)
    assert (tmp_path / "client_key").read_bytes() == before
    for name in ("client_key", "host_key_02", "host_key_48"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600

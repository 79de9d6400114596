"""A stand-in for one GPU host: an SSH and SFTP server on loopback, so that the real operators have a real host.

In: `python ssh_host.py serve --home FOLDER --host-key FILE --authorized-keys FILE [--port N] [--port-file FILE]`, and
`python ssh_host.py keys FOLDER` for the keys. Out: a server that lets the key's owner in, runs each command through
/bin/bash (no login shell) in the home folder as a real process, and serves files. As on a real host, a command that
detaches itself outlives its connection, and everything dies with the host.

It is no sshd: no password, no terminal, no forwarding, nothing but 127.0.0.1, and everybody is the same user.
"""

import argparse
import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

import asyncssh

_PR_SET_CHILD_SUBREAPER = 36
_REAP_SECONDS = 0.5


def make_keys(folder: Path) -> None:
    """Write client_key, host_key_02, host_key_48 (ed25519), their .pub, and authorized_keys; keys there are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("client_key", "host_key_02", "host_key_48"):
        path = folder / name
        if not path.is_file():
            key = asyncssh.generate_private_key("ssh-ed25519", comment=f"regtune {name}")
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(key.export_private_key())
            path.with_suffix(".pub").write_bytes(key.export_public_key())
    (folder / "authorized_keys").write_bytes((folder / "client_key.pub").read_bytes())


class _Host(asyncssh.SSHServer):
    """Runs commands; what detaches itself from a command becomes a child of this process."""

    home = Path()

    @classmethod
    async def run_command(cls, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        """Run what the client asks for and hand its streams through."""
        if process.command is None:
            process.stderr.write(b"this stand-in host runs commands only; there is no shell to log into\n")
            process.exit(1)
            return
        child = await asyncio.create_subprocess_exec(
            "/bin/bash", "-c", process.command,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            cwd=cls.home, env=_environment(cls.home), start_new_session=True,
        )  # fmt: skip
        _own_children.add(child.pid)
        feeder = asyncio.create_task(_feed(process.stdin, child.stdin))
        try:
            await asyncio.gather(_pump(child.stdout, process.stdout), _pump(child.stderr, process.stderr))
            process.exit(_shell_status(await child.wait()))
        finally:
            feeder.cancel()
            if child.returncode is None:  # the connection is gone: so is what hung on it
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGHUP)
                await child.wait()
            _own_children.discard(child.pid)


_own_children: set[int] = set()


async def _feed(source: "asyncssh.SSHReader[bytes]", target: asyncio.StreamWriter | None) -> None:
    assert target is not None
    with contextlib.suppress(ConnectionError):  # a command need not read its input
        while block := await source.read(1 << 16):
            target.write(block)
            await target.drain()
        target.close()


async def _pump(source: asyncio.StreamReader | None, target: "asyncssh.SSHWriter[bytes]") -> None:
    while source is not None and (block := await source.read(1 << 16)):
        target.write(block)
        await target.drain()


class _Files(asyncssh.SFTPServer):
    """The real file system; for tests, uploads arrive altered while the file `fault` is there."""

    fault: Path | None = None

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write what was sent, or nearly."""
        if self.fault is not None and self.fault.exists():
            data = bytes([data[0] ^ 1]) + data[1:]
        return super().write(file_obj, offset, data)  # type: ignore[no-any-return]


def _environment(home: Path) -> dict[str, str]:
    """What a non-login shell of a server finds."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "USER": "regtune"}


def _shell_status(returncode: int) -> int:
    return returncode if returncode >= 0 else 128 - returncode


async def serve(home: Path, port: int, host_key: Path, authorized_keys: Path) -> asyncssh.SSHAcceptor:
    """Listen on 127.0.0.1; port 0 takes a free one."""
    os.chdir(home)  # relative SFTP paths start here
    _Host.home = home
    return await asyncssh.listen(
        "127.0.0.1", port,
        server_factory=_Host, server_host_keys=[str(host_key)], authorized_client_keys=str(authorized_keys),
        password_auth=False, kbdint_auth=False,
        process_factory=_Host.run_command, sftp_factory=_Files, encoding=None, keepalive_interval=30,
    )  # fmt: skip


async def _reap_orphans() -> None:
    """Bury detached jobs that have ended, as a real host's init does; a zombie would look alive to `kill -0`."""
    seen = 0
    while True:
        await asyncio.sleep(_REAP_SECONDS)
        while (ended := _ended_child()) and ended not in _own_children:
            if ended != seen:  # a child seen once may be a command that is just being started
                seen = ended
                break
            with contextlib.suppress(ChildProcessError):
                os.waitpid(ended, os.WNOHANG)  # noqa: ASYNC222 - does not wait


def _ended_child() -> int:
    """Id of a child that has ended and that nobody has buried, left as it is; 0 for none."""
    try:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # there is no child at all
        return 0
    return 0 if ended is None else ended.si_pid


def _children(parent: int) -> list[int]:
    pids = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                    pids.append(int(entry.name))
    return pids


def _end_everything() -> None:
    """Power off: end all descendants, including what detached itself."""
    while pids := _children(os.getpid()):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)  # its own children become ours and are next


async def _main(arguments: argparse.Namespace) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # detached jobs become our children
    _Files.fault = arguments.alter_uploads_while and arguments.alter_uploads_while.absolute()
    home, host_key, authorized = (p.resolve() for p in (arguments.home, arguments.host_key, arguments.authorized_keys))
    port_file = arguments.port_file.resolve() if arguments.port_file else None
    server = await serve(home, arguments.port, host_key, authorized)
    port = server.get_port()
    if port_file is not None:
        temporary = port_file.with_suffix(".part")
        temporary.write_text(str(port))
        temporary.rename(port_file)
    print(f"stand-in host: ssh on 127.0.0.1:{port}, home {home}", flush=True)
    reaper = asyncio.create_task(_reap_orphans())
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    await ended.wait()
    reaper.cancel()
    server.close()
    _end_everything()


def main() -> int:
    """Parse the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="A stand-in for one host: SSH and SFTP on loopback.")
    actions = parser.add_subparsers(required=True, dest="action")
    keys = actions.add_parser("keys", help="write a client key and the hosts' keys into a folder")
    keys.add_argument("folder", type=Path)
    host = actions.add_parser("serve", help="play the host until SIGTERM")
    host.add_argument("--home", type=Path, required=True, help="made when it is not there; commands start in it")
    host.add_argument("--port", type=int, default=0, help="0: a free one")
    host.add_argument("--host-key", type=Path, required=True)
    host.add_argument("--authorized-keys", type=Path, required=True)
    host.add_argument("--port-file", type=Path, help="gets the port once the server listens")
    host.add_argument("--alter-uploads-while", type=Path, metavar="FILE", help="for tests: a fault while FILE is there")
    arguments = parser.parse_args()
    if arguments.action == "keys":
        make_keys(arguments.folder)
    else:
        arguments.home.mkdir(parents=True, exist_ok=True)
        asyncio.run(_main(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())

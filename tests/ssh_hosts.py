"""A stand-in host for tests: include/demo/ssh_host.py as a process, with its keys and its Airflow connection."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import paramiko

REPOSITORY = Path(__file__).resolve().parents[1]
SSH_HOST = REPOSITORY / "include" / "demo" / "ssh_host.py"
HOST_PYTHON = REPOSITORY / os.environ.get("HOST", ".venv/host/bin/python")
"""Interpreter with what the hosts have."""


@dataclass(frozen=True)
class SshHost:
    """A running host."""

    process: "subprocess.Popen[bytes]"
    port: int
    home: Path
    keys: Path
    fault: Path
    """While this file exists, uploads arrive altered."""

    def connect(self, **overrides: object) -> paramiko.SSHClient:
        """Log in with the client's key, with the host's key checked."""
        client = paramiko.SSHClient()
        key_type, key = (self.keys / "host_key_02.pub").read_text().split()[:2]
        assert key_type == "ssh-ed25519"
        public = paramiko.PKey.from_type_string(key_type, base64.b64decode(key))
        client.get_host_keys().add(f"[127.0.0.1]:{self.port}", key_type, public)
        arguments = {"username": "regtune", "key_filename": str(self.keys / "client_key"), "look_for_keys": False}
        client.connect("127.0.0.1", self.port, **{**arguments, "allow_agent": False, **overrides})
        return client

    def airflow_connection(self, port: int | None = None) -> str:
        """Give the value of an AIRFLOW_CONN_ variable; `port` is of something in between."""
        extra = {
            "key_file": str(self.keys / "client_key"),
            "host_key": " ".join((self.keys / "host_key_02.pub").read_text().split()[:2]),
            "no_host_key_check": "false",
            "look_for_keys": "false",
        }
        place = {"conn_type": "ssh", "host": "127.0.0.1", "port": port or self.port, "login": "regtune"}
        return json.dumps({**place, "extra": extra})

    def stop(self) -> None:
        """Power off."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def start_ssh_host(folder: Path) -> SshHost:
    """Start one below `folder`."""
    home, keys, port_file, fault = (folder / name for name in ("home", "keys", "port", "fault"))
    subprocess.run([sys.executable, SSH_HOST, "keys", keys], check=True)
    command = [sys.executable, SSH_HOST, "serve", "--home", home, "--host-key", keys / "host_key_02"]
    command += ["--authorized-keys", keys / "authorized_keys", "--port-file", port_file, "--alter-uploads-while", fault]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not port_file.exists():
        assert process.poll() is None, "ssh_host.py ended at once"
        assert time.monotonic() < end, "ssh_host.py does not listen"
        time.sleep(0.1)
    return SshHost(process, int(port_file.read_text()), home, keys, fault)

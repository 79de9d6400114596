"""Everything that a run needs beside the package, on one machine: two hosts, a model endpoint, mail, Airflow.

    services = Services(state_dir, config_path, register_path, scheduler_python, host_python)
    # addresses are known before anything runs: write config_path with them now
    services.endpoint_url, services.host_folder("02"), services.host_folder("48"), services.mail_folder
    with services:                      # start(); stop() at the end
        run_id = services.api.trigger({"effective_date": "2024-01-01"})
        state = services.api.wait(run_id, 600, on_change=print)
        services.ui_url, services.username, services.password

`config_path` (the DAG reads it as REGTUNE_CONFIG) has to say: endpoints.*.base_urls [services.endpoint_url],
hosts.<name>.python `host_python`, hosts.<name>.base_dir services.host_folder(<name>) + "/regtune"; connection ids
regtune_02, regtune_48 and regtune_smtp and pools regtune_gpu_02, regtune_gpu_48 and regtune_scheduler are made here.

Below state_dir: ports.json and secrets.json (kept, so that a second start finds its addresses, its database and its
login again), logs/<name>.log, keys/, hosts/, mail/, airflow/. `end_left_over(state_dir)` ends what an earlier
process left running. Everything listens on 127.0.0.1. Standard library only, any Python from 3.10.
"""

import base64
import contextlib
import json
import os
import secrets
import socket
import subprocess
import time
import urllib.error
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from airflow_api import AirflowApi, ApiError
from database import Database
from processes import end_processes, end_recorded, record

_DEMO = Path(__file__).resolve().parent
_REPOSITORY = _DEMO.parents[1]
_PORTS = {"ui": 8080, "database": 0, "endpoint": 0, "mail": 0, "host_02": 0, "host_48": 0}
_COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")


class Services:
    """Child processes with one lifetime."""

    username = "admin"

    def __init__(  # noqa: PLR0913 - the places that a run is made of
        self,
        state_dir: Path,
        config_path: Path,
        register_path: Path,
        scheduler_python: Path,
        host_python: Path,
        *,
        endpoint_arguments: Sequence[str] = (),
        airflow_settings: Mapping[str, str] | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Choose ports and secrets; nothing is started, but what an earlier start left running is ended.

        Args:
            state_dir: everything that is written goes below it.
            config_path: the run's settings; may be written between here and `start`.
            register_path: register.yaml.
            scheduler_python: interpreter with Airflow and asyncssh.
            host_python: interpreter with what the hosts have; the endpoint runs on it too.
            endpoint_arguments: more arguments for include/demo/endpoint.py.
            airflow_settings: more AIRFLOW__* variables.
            say: gets a line for each step of `start`.
        """
        self.state_dir = state_dir.resolve()
        self.config_path, self.register_path = config_path.resolve(), register_path.resolve()
        self.scheduler_python, self.host_python = scheduler_python.absolute(), host_python.absolute()
        self.airflow_settings = dict(airflow_settings or {})
        """A component that is started again takes them as they are then."""
        self._endpoint_arguments = tuple(endpoint_arguments)
        self._say = say
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self.state_dir.mkdir(parents=True, exist_ok=True)
        end_left_over(self.state_dir)
        self._ports = _kept_ports(self.state_dir / "ports.json")
        self._secrets = _kept_secrets(self.state_dir / "secrets.json")
        self.password = self._secrets["password"]
        self.ui_url = f"http://127.0.0.1:{self._ports['ui']}"
        self.endpoint_url = f"http://127.0.0.1:{self._ports['endpoint']}/v1"
        self.mail_folder = self.state_dir / "mail"
        self._database = Database(self.state_dir / "database", self._ports["database"], self._secrets["database"])
        self.api = AirflowApi(self.ui_url, self.username, self.password)

    def __enter__(self) -> "Services":  # noqa: PYI034 - Self is not in Python 3.10
        """Start everything."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything."""
        self.stop()

    def host_folder(self, name: str) -> Path:
        """Home of host `02` or `48`; commands over SSH start in it."""
        return self.state_dir / "hosts" / name

    def log_path(self, name: str) -> Path:
        """Output of one child: database, endpoint, mail, host_02, host_48, or a component of Airflow."""
        return self.state_dir / "logs" / f"{name}.log"

    def start(self, timeout_seconds: float = 300) -> None:
        """Start everything and wait until the DAG can be triggered; what was started ends when this fails.

        Raises:
            RuntimeError: something did not come up; names its log file.
        """
        try:
            self._start_stand_ins()
            self._start_airflow(time.monotonic() + timeout_seconds)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every child, and the children's children, by id."""
        airflow = [child for name, child in self._children.items() if name in _COMPONENTS]
        for children in (airflow, list(self._children.values())):  # what it still writes needs its database
            end_processes([child.pid for child in children])
            for child in children:
                child.wait()
        self._children.clear()
        (self.state_dir / "processes.json").unlink(missing_ok=True)

    def start_component(self, name: str) -> None:
        """Start one of Airflow's four components."""
        extra = [] if name == "dag-processor" else ["--skip-serve-logs"] if name != "api-server" else ["--workers", "1"]
        self._spawn(name, [*self._airflow, name, *extra], self.environment)

    def crash(self, name: str, *, alone: bool = False) -> None:
        """Kill one child with all that it started, without a word before; `alone` spares what it started."""
        child = self._children.pop(name)
        if alone:
            child.kill()
        else:
            end_processes([child.pid], patience_seconds=0.0)
        child.wait()

    def start_endpoint(self, arguments: Sequence[str] = ()) -> None:
        """Start the stand-in endpoint; one that runs is replaced."""
        if "endpoint" in self._children:
            self.crash("endpoint")
        script, port = str(_DEMO / "endpoint.py"), self._ports["endpoint"]
        self._spawn("endpoint", [str(self.host_python), script, "--port", str(port), *arguments], _plain_environment())
        self._wait_for_port("endpoint", port)

    def start_host(self, name: str) -> None:
        """Start the SSH server that plays host `02` or `48`."""
        keys, child = self.state_dir / "keys", f"host_{name}"
        places = ["--home", str(self.host_folder(name)), "--port", str(self._ports[child])]
        places += ["--host-key", str(keys / child.replace("host", "host_key"))]
        places += ["--authorized-keys", str(keys / "authorized_keys")]
        places += ["--alter-uploads-while", str(self.fault_file(name))]
        self._spawn(child, [*self._ssh_host, "serve", *places], _plain_environment())
        self._wait_for_port(child, self._ports[child])

    def fault_file(self, name: str) -> Path:
        """While this file is there, what is sent to host `02` or `48` arrives altered."""
        return self.state_dir / f"alter_uploads_{name}"

    def _start_stand_ins(self) -> None:
        subprocess.run([*self._ssh_host, "keys", str(self.state_dir / "keys")], check=True)
        for name in ("02", "48"):
            self.start_host(name)
        sink = [str(_DEMO / "mail_sink.py"), "--port", str(self._ports["mail"]), "--folder", str(self.mail_folder)]
        self._spawn("mail", [str(self.scheduler_python), *sink], _plain_environment())
        self._wait_for_port("mail", self._ports["mail"])
        self.start_endpoint(self._endpoint_arguments)
        self._say("two hosts, a mail server and a model endpoint stand in on loopback")

    def _start_airflow(self, deadline: float) -> None:
        home = self.state_dir / "airflow"
        home.mkdir(exist_ok=True)
        _write_private(home / "passwords.json", {self.username: self.password})
        self._database.prepare()
        self._spawn("database", self._database.command(), _plain_environment())
        self._until("PostgreSQL", self._database.is_ready, deadline)
        with self.log_path("migrate").open("ab") as log:
            subprocess.run(
                [*self._airflow, "db", "migrate"], check=True, env=self.environment, stdout=log, stderr=log, cwd=home
            )
        self._say("Airflow's database is ready")
        for name in _COMPONENTS:
            self.start_component(name)
        self._until("Airflow's components", self._healthy, deadline)
        self._until("Airflow's API for its workers", self._serves_workers, deadline)
        self._say("Airflow's api-server, scheduler, dag-processor and triggerer are healthy")
        for pool in json.loads((_REPOSITORY / "include" / "pools.json").read_text(encoding="utf-8")).items():
            self._make_pool(*pool)
        self._until("the DAG regtune", self._dag_is_there, deadline)

    def _make_pool(self, name: str, pool: Mapping[str, Any]) -> None:
        try:
            self.api.request("POST", "/pools", {"name": name, **pool})
        except ApiError as error:
            if error.status != 409:  # noqa: PLR2004 - it is there from an earlier start
                raise

    def _healthy(self) -> bool:
        try:
            health = self.api.health()
        except (OSError, urllib.error.URLError, ApiError, ValueError):
            return False
        return all(
            health.get(part) == "healthy" for part in ("metadatabase", "scheduler", "triggerer", "dag_processor")
        )

    def _serves_workers(self) -> bool:
        """It makes its routes when it is first asked, and keeps the first task of all waiting for seconds."""
        try:
            self.api.execution_health()
        except (OSError, ApiError, ValueError):
            return False
        return True

    def _dag_is_there(self) -> bool:
        errors = self.api.request("GET", "/importErrors")["import_errors"]
        if errors:
            raise RuntimeError(
                f"dags/regtune.py cannot be imported: {errors[0]['stack_trace'].strip().splitlines()[-1]}"
            )
        try:
            self.api.request("GET", "/dags/regtune")
        except ApiError as error:
            if error.status != 404:  # noqa: PLR2004 - not parsed yet
                raise
            return False
        return True

    def _until(self, what: str, ready: Callable[[], bool], deadline: float) -> None:
        while not ready():
            self._check_children()
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} did not come up in time; see {self.state_dir / 'logs'}.")
            time.sleep(1)

    def _wait_for_port(self, name: str, port: int) -> None:
        self._until(name, lambda: _listens(port), time.monotonic() + 120)

    def _check_children(self) -> None:
        for name, child in self._children.items():
            if child.poll() is not None:
                raise RuntimeError(f"{name} ended with exit code {child.returncode}; see {self.log_path(name)}.")

    def _spawn(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.log_path(name).parent.mkdir(exist_ok=True)
        with self.log_path(name).open("ab") as log:
            self._children[name] = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.state_dir,
                start_new_session=True,
            )  # fmt: skip
        record(self.state_dir / "processes.json", [child.pid for child in self._children.values()])

    @property
    def _ssh_host(self) -> list[str]:
        return [str(self.scheduler_python), str(_DEMO / "ssh_host.py")]

    @property
    def _airflow(self) -> list[str]:
        return [str(self.scheduler_python), "-m", "airflow"]

    @property
    def environment(self) -> dict[str, str]:
        """What Airflow's processes get: no variable of Airflow's from outside, secrets, connections, places."""
        home = self.state_dir / "airflow"
        return {
            **_plain_environment(),
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self._database.url,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(_REPOSITORY / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(_REPOSITORY / "plugins"),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.ui_url}/execution/",
            "AIRFLOW__CORE__FERNET_KEY": self._secrets["fernet"],
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{self.username}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self._ports["ui"]),
            "AIRFLOW__API__BASE_URL": self.ui_url,
            "AIRFLOW__API__SECRET_KEY": self._secrets["api"],
            "AIRFLOW__API_AUTH__JWT_SECRET": self._secrets["jwt"],
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",  # half of it is lost before every task
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",  # a task that defers is seen to end that much late
            "REGTUNE_CONFIG": str(self.config_path),
            "REGTUNE_REGISTER": str(self.register_path),
            **self._connections(),
            **self.airflow_settings,
        }

    def _connections(self) -> dict[str, str]:
        keys = self.state_dir / "keys"
        connections = {}
        for name in ("02", "48"):
            host_key = " ".join((keys / f"host_key_{name}.pub").read_text().split()[:2])
            extra = {
                "key_file": str(keys / "client_key"),
                "host_key": host_key,
                "no_host_key_check": "false",
                "look_for_keys": "false",
            }
            ssh = {"conn_type": "ssh", "host": "127.0.0.1", "port": self._ports[f"host_{name}"], "login": "regtune"}
            connections[f"AIRFLOW_CONN_REGTUNE_{name}"] = json.dumps({**ssh, "extra": extra})
        mail = {"conn_type": "smtp", "host": "127.0.0.1", "port": self._ports["mail"], "login": "", "password": ""}
        connections["AIRFLOW_CONN_REGTUNE_SMTP"] = json.dumps(
            {**mail, "extra": {"disable_ssl": True, "disable_tls": True}}
        )
        return connections


def end_left_over(state_dir: Path) -> None:
    """End the processes that an earlier `start` in this folder left behind, if there are any."""
    end_recorded(state_dir / "processes.json")


def _plain_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "REGTUNE", "PYTHON"))}
    return {**kept, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost", "LANG": "C.UTF-8"}


def _kept_ports(path: Path) -> dict[str, int]:
    """Ports of the last start where they are still free, so that addresses (and with them run names) stay."""
    kept: dict[str, int] = json.loads(path.read_text()) if path.is_file() else {}
    ports: dict[str, int] = {}
    for name, wanted in _PORTS.items():
        ports[name] = _free_port(kept.get(name, wanted), taken=set(ports.values()))
    path.write_text(json.dumps(ports))
    return ports


def _free_port(wish: int, taken: set[int]) -> int:
    for candidate in (wish, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", candidate))
            port: int = probe.getsockname()[1]
            if port not in taken:
                return port
    raise RuntimeError("no free port on 127.0.0.1.")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _kept_secrets(path: Path) -> dict[str, str]:
    kept: dict[str, str] = json.loads(path.read_text()) if path.is_file() else {}
    made = {"fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(), "password": secrets.token_urlsafe(9)}
    made |= {name: secrets.token_urlsafe(32) for name in ("api", "jwt", "database")}
    _write_private(path, {**made, **kept})
    return {**made, **kept}


def _write_private(path: Path, content: object) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file)

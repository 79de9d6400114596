"""Airflow's API server alone, with FAB's users and roles, a serialized DAG and a store: what the page is tested on."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPMessage
from pathlib import Path

import yaml
from ssh_hosts import REPOSITORY

PASSWORD = "a-password"
USERS = {"viewer": "Viewer", "op": "Op", "admin": "Admin", "outsider": "Outsider", "reader_of_another": "AnotherDag"}
"""User -> role. An outsider may log in and nothing else; the last one may read one DAG, another one."""

_PREPARE = """
import os
from airflow.utils.db import initdb
initdb()
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
with get_application_builder() as builder:
    manager = builder.sm
    manager.sync_roles()
    website = manager.get_permission("can_read", "Website")
    for name in ("Outsider", "AnotherDag"):
        manager.add_permission_to_role(manager.add_role(name), website)
    another = manager.find_role("AnotherDag")
    for action in ("can_read", "can_edit"):
        manager.add_permission_to_role(another, manager.create_permission(action, "DAG:another"))
        manager.add_permission_to_role(another, manager.create_permission(action, "DAG Run:another"))
    for user, role in {users!r}.items():
        manager.add_user(user, user, user, user + "@example.com", manager.find_role(role), password={password!r})
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
DagBundlesManager().sync_bundles_to_db()
bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], bundle_name="dags-folder")
assert not bag.import_errors, bag.import_errors
sync_bag_to_db(bag, "dags-folder", None)
"""


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: where a page leads to is part of the answer."""


@dataclass(frozen=True)
class Answer:
    """What a browser or a program got."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")


@dataclass
class PageServer:
    """One API server on loopback."""

    folder: Path
    port: int
    store: Path
    register: Path = REPOSITORY / "include" / "regulations" / "register.yaml"
    process: subprocess.Popen[bytes] | None = None
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Make the database with users, roles and the DAG, then start; waits until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = yaml.safe_load((REPOSITORY / "include" / "config" / "demo.yaml").read_text(encoding="utf-8"))
        settings["publish"]["store"] = str(self.store)
        (self.folder / "config.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
        program = _PREPARE.replace("{users!r}", repr(USERS)).replace("{password!r}", repr(PASSWORD))
        with (self.folder / "server.log").open("ab") as log:
            command = [sys.executable, "-c", program]
            subprocess.run(command, env=self.environment, check=True, stdout=log, stderr=log, timeout=120)
            command = [sys.executable, "-m", "airflow", "api-server", "--apps", "core", "--workers", "1"]
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        end = time.monotonic() + 90
        while self.process.poll() is None and time.monotonic() < end:
            try:
                self.get("/api/v2/monitor/health")
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise AssertionError((self.folder / "server.log").read_text(encoding="utf-8")[-3000:])

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)

    def token(self, user: str) -> str:
        """Log in."""
        if user not in self.tokens:
            body = json.dumps({"username": user, "password": PASSWORD}).encode()
            answer = self._ask("POST", "/auth/token", body, {"Content-Type": "application/json"})
            assert answer.status == 201, answer.text
            self.tokens[user] = json.loads(answer.body)["access_token"]
        return self.tokens[user]

    def get(self, path: str, user: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Open an address as a browser of this user does, with the cookie of the login; the path is sent as it is."""
        return self._ask("GET", path, None, {**self._cookie(user), **(headers or {})})

    def post(
        self, path: str, form: Mapping[str, str], user: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a form."""
        sent = {"Content-Type": "application/x-www-form-urlencoded", **self._cookie(user), **(headers or {})}
        return self._ask("POST", path, urllib.parse.urlencode(form).encode(), sent)

    def post_json(self, path: str, content: object, user: str) -> Answer:
        """Ask Airflow's own API as a program of this user does."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token(user)}"}
        return self._ask("POST", path, json.dumps(content).encode(), headers)

    def _cookie(self, user: str | None) -> dict[str, str]:
        return {} if user is None else {"Cookie": f"_token={self.token(user)}"}

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        request = urllib.request.Request(self.url + path, data=body, headers=dict(headers), method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())
        try:
            with opener.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    @property
    def environment(self) -> dict[str, str]:
        """Of the server and of the program that prepares its database."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("AIRFLOW", "REGTUNE", "PYTHON"))}
        return {
            **kept,
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
            "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.folder}/airflow.db",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__SECRET_KEY": "a" * 40,
            "AIRFLOW__API_AUTH__JWT_SECRET": "b" * 40,
            "REGTUNE_CONFIG": str(self.folder / "config.yaml"),
            "REGTUNE_REGISTER": str(self.register),
            "PYTHONPATH": str(REPOSITORY / "plugins"),
            "LANG": "C.UTF-8",
        }

"""Airflow's REST API as the demo and the end-to-end tests need it: trigger a run, follow it, read what it did.

In: an address and a login. Out: plain dictionaries as Airflow answers them. Standard library only.
"""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

FINISHED = frozenset({"success", "failed"})


class ApiError(Exception):
    """Airflow answered with an error; `status` is the HTTP code."""

    def __init__(self, status: int, message: str) -> None:
        """Keep both for the caller."""
        super().__init__(f"{status}: {message}")
        self.status = status


class AirflowApi:
    """One login; the token is renewed when Airflow no longer takes it."""

    def __init__(self, base_url: str, username: str, password: str) -> None:
        """Nothing is asked before the first call."""
        self.base_url = base_url.rstrip("/")
        self.login = {"username": username, "password": password}
        self._token: str | None = None
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # loopback needs no proxy

    def request(self, method: str, path: str, body: object | None = None) -> Any:  # noqa: ANN401 - JSON
        """Call `/api/v2<path>`; returns the parsed reply, None for an empty one.

        Raises:
            ApiError: any status of 400 and above.
        """
        if self._token is None:
            self._token = self._send("POST", "/auth/token", self.login)["access_token"]
        try:
            return self._send(method, f"/api/v2{path}", body)
        except ApiError as error:
            if error.status != 401:  # noqa: PLR2004 - Unauthorized
                raise
        self._token = None
        self._token = self._send("POST", "/auth/token", self.login)["access_token"]
        return self._send(method, f"/api/v2{path}", body)

    def _send(self, method: str, path: str, body: object | None) -> Any:  # noqa: ANN401 - JSON
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base_url + path, content, headers, method=method)  # noqa: S310 - loopback
        try:
            with self._open(request, timeout=60) as reply:
                text = reply.read()
        except urllib.error.HTTPError as error:
            raise ApiError(error.code, error.read().decode(errors="replace")[:2000]) from error
        return json.loads(text) if text else None

    def health(self) -> dict[str, str | None]:
        """Status of each component: metadatabase, scheduler, triggerer, dag_processor."""
        reply = self._send("GET", "/api/v2/monitor/health", None)
        return {name: (part or {}).get("status") for name, part in reply.items()}

    def execution_health(self) -> None:
        """Ask the API that workers talk to whether it is there.

        Raises:
            ApiError: it is not.
        """
        self._send("GET", "/execution/health", None)

    def trigger(self, conf: dict[str, object] | None = None, dag_id: str = "regtune") -> str:
        """Start a run by hand with these params; returns its run id."""
        reply = self.request("POST", f"/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf or {}})
        return str(reply["dag_run_id"])

    def run(self, run_id: str, dag_id: str = "regtune") -> dict[str, Any]:
        """Return the DAG run as Airflow describes it: state, start_date, end_date, note and more."""
        run: dict[str, Any] = self.request("GET", _run_path(dag_id, run_id))
        return run

    def tasks(self, run_id: str, dag_id: str = "regtune") -> list[dict[str, Any]]:
        """Return the task instances: task_id, state, try_number, start_date, end_date, duration and more."""
        reply = self.request("GET", f"{_run_path(dag_id, run_id)}/taskInstances?limit=100")
        instances: list[dict[str, Any]] = reply["task_instances"]
        return instances

    def task_states(self, run_id: str, dag_id: str = "regtune") -> dict[str, str | None]:
        """State by task id."""
        return {str(task["task_id"]): task["state"] for task in self.tasks(run_id, dag_id)}

    def wait(
        self,
        run_id: str,
        timeout_seconds: float,
        on_change: Callable[[dict[str, Any]], None] = lambda _: None,
        dag_id: str = "regtune",
    ) -> str:
        """Follow a run to its end; `on_change` gets a task instance each time its state changes.

        Returns:
            `success` or `failed`.

        Raises:
            TimeoutError: names the states it stopped at.
        """
        states: dict[str, str | None] = {}
        end = time.monotonic() + timeout_seconds
        while True:
            state = self.run(run_id, dag_id)["state"]
            for task in self.tasks(run_id, dag_id):
                if states.get(task["task_id"]) != task["state"]:
                    states[task["task_id"]] = task["state"]
                    on_change(task)
            if state in FINISHED:
                return str(state)
            if time.monotonic() > end:
                raise TimeoutError(f"run {run_id} is still {state} after {timeout_seconds:.0f} s: {states}")
            time.sleep(1.5)

    def log(self, run_id: str, task_id: str, try_number: int = 1, dag_id: str = "regtune") -> str:
        """A task's log as text, one line an event."""
        path = f"{_run_path(dag_id, run_id)}/taskInstances/{task_id}/logs/{try_number}?full_content=true"
        content = self.request("GET", path)["content"]
        return "\n".join(line if isinstance(line, str) else _as_text(line) for line in content)

    def xcom(self, run_id: str, task_id: str, key: str = "return_value", dag_id: str = "regtune") -> Any:  # noqa: ANN401 - JSON
        """A value that a task handed on."""
        path = f"{_run_path(dag_id, run_id)}/taskInstances/{task_id}/xcomEntries/{key}?deserialize=true"
        return self.request("GET", path)["value"]


def _run_path(dag_id: str, run_id: str) -> str:
    return f"/dags/{dag_id}/dagRuns/{urllib.parse.quote(run_id, safe='')}"


def _as_text(line: dict[str, Any]) -> str:
    """One event of a log; of an exception its own words."""
    errors = [f"{error['exc_type']}: {error['exc_value']}" for error in line.get("error_detail") or ()]
    return ": ".join([str(line.get("event", "")), *errors])

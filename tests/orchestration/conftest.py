"""A host, a store with an opened run, and a stage whose doing a test writes as a shell script."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from opened_run import REGISTER, OpenedRun
from ssh_hosts import HOST_PYTHON, REPOSITORY, SshHost, start_ssh_host

from regtune.config import PipelineConfig, load_config
from regtune.open_run import RunRequest, open_run, plan_run
from regtune.orchestration.code_bundle import write_bundle
from regtune.orchestration.store import Store

_PLAYED_PYTHON = """#!/bin/bash
# The host's interpreter: real for everything but the stage, which is what the test wrote.
case "$1" in
  *.pyz) exec /bin/bash "{script}" "$@" ;;
  *) exec "{python}" "$@" ;;
esac
"""


@pytest.fixture(scope="session", autouse=True)
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep Airflow's files out of the home folder."""
    os.environ.setdefault("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    """Give a running host."""
    host = start_ssh_host(tmp_path_factory.mktemp("host"))
    yield host
    host.stop()


@pytest.fixture(scope="session")
def host_python() -> Path:
    """Interpreter of the hosts, without Airflow."""
    if not HOST_PYTHON.exists():
        pytest.skip(f"{HOST_PYTHON} is absent; make test makes it")
    return HOST_PYTHON


@pytest.fixture(scope="session")
def config() -> PipelineConfig:
    """The demo's settings."""
    return load_config(REPOSITORY / "include" / "config" / "demo.yaml")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Give an empty store."""
    return Store(str(tmp_path / "store"))


@pytest.fixture
def run(tmp_path: Path, host: SshHost, host_python: Path, config: PipelineConfig, store: Store) -> OpenedRun:
    """Open a run of the sample regulations in the store."""
    spec = plan_run(REGISTER, config, {"persona": "x"}, RunRequest(as_of=date(2024, 7, 1)))
    open_run(tmp_path / "opened", spec, REGISTER.parent)
    write_bundle(tmp_path / "code.pyz")
    store.put_code(tmp_path / "code.pyz", spec.code_sha256)
    store.put_run(tmp_path / "opened")
    script, python = tmp_path / "stage.sh", tmp_path / "python"
    python.write_text(_PLAYED_PYTHON.format(script=script, python=host_python))
    python.chmod(0o755)
    host_config = config.hosts.dataset.model_copy(update={"python": str(python), "base_dir": str(tmp_path / "base")})
    settings = config.orchestration.model_copy(
        update={"poll_seconds": 0.3, "quick_seconds": 0.0, "first_event_seconds": 0.0}
    )
    return OpenedRun(store, spec, host, host_config, settings, script)

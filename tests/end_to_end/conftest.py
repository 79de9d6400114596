"""Airflow's four components, two SSH hosts, the stand-in endpoint and a mail server, once for all end-to-end tests."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ssh_hosts import HOST_PYTHON, REPOSITORY
from whole_stage import DEMO, Places, Services, Stage, write_interpreter, write_settings

from regtune.orchestration.store import Store

TINY = {
    "generate": {
        "quota": {"lookup": 12, "procedure": 8, "negative": 4},
        "evaluation_pool": {"lookup": 3, "procedure": 3, "negative": 3},
    },
    "gate": {"min_article_coverage": 0.1, "max_failed_share": 0.2},
    "train": {"epochs": 2, "batch_size": 1, "max_seq_length": 768},
    "benchmark": {"max_new_tokens": 24, "bootstrap_samples": 200, "efficiency": {"requests": 1, "concurrency": [1]}},
    "orchestration": {"poll_seconds": 1, "quick_seconds": 6, "retry_delay_seconds": 2, "turn_seconds": 12},
}  # fmt: skip
"""A dataset and a training of seconds; everything else is the demo's."""


def _merged(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    nested = {key: _merged(settings[key], value) for key, value in changes.items() if isinstance(value, dict)}
    return {**settings, **changes, **nested}


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Start everything; end it with the session."""
    if not HOST_PYTHON.exists():
        pytest.skip(f"{HOST_PYTHON} is absent; make test makes it")
    folder = tmp_path_factory.mktemp("end_to_end")
    samples = REPOSITORY / "include" / "regulations"
    register = shutil.copytree(samples, folder / "regulations") / "register.yaml"  # a test corrects it
    base = Path(os.environ.get("REGTUNE_TESTS_BASE", folder / "base"))
    base_model = [HOST_PYTHON, DEMO / "base_model.py", "--corpus", register.parent, "--out", base, "--steps", "2"]
    with base.with_name("base.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # lanes of tests share it: the first one makes it
        subprocess.run(base_model, check=True, capture_output=True)
    (folder / "state").mkdir()
    (folder / "state" / "ports.json").write_text('{"ui": 0}')  # any free one: lanes of tests start side by side
    services = Services(folder / "state", folder / "config.yaml", register, Path(sys.executable), HOST_PYTHON)
    places = Places(
        config_folder=REPOSITORY / "include" / "config",
        endpoint_url=services.endpoint_url,
        base_model=base,
        store=folder / "artifacts",
        host_python=write_interpreter(folder / "thumb"),
        host_folders={name: services.host_folder(name) for name in ("02", "48")},
        ui_url=services.ui_url,
    )
    write_settings(services.config_path, places, {})
    settings = _merged(yaml.safe_load(services.config_path.read_text(encoding="utf-8")), TINY)
    services.config_path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    with services:
        yield Stage(services, Store(str(folder / "artifacts")), services.config_path, register, folder / "thumb")

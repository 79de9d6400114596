"""What goes to a host before a stage starts."""

import re
import time
from types import SimpleNamespace

import pytest
from opened_run import OpenedRun

from regtune.orchestration import stage_files
from regtune.orchestration.transfer import HostFiles


def test_a_host_whose_clock_is_wrong_is_told_of(
    run: OpenedRun, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check task compares the host's clock with the scheduler's, here an hour behind, and goes on."""
    with run.host.connect() as client:
        files = HostFiles(client, "02", run.host_config.python, run.host_config.base_dir)
        monkeypatch.setattr(stage_files, "time", SimpleNamespace(time=lambda: time.time() - 3600))
        stage_files.send_inputs(files, run.store, run.spec.run_name, "check_02", run.host_config.base_dir)
    assert re.search(r"the host's clock is \+3[56]\d\d s against the scheduler's", caplog.text)

"""The checks of the hosts: everything missing is named at once, before any GPU is used."""

import http.server
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from regtune.config import EndpointConfig
from regtune.contracts import RunSpec
from regtune.errors import PrerequisiteMissingError
from regtune.hosts import check_02, check_48
from regtune.hosts.checks import check_endpoint, missing_on
from regtune.hosts.clock import check_clock
from regtune.hosts.findings import Findings


@pytest.fixture
def clock_ahead() -> float:
    """Seconds that the server's clock is ahead of the host's."""
    return 0.0


@pytest.fixture
def models_url(clock_ahead: float) -> Iterator[str]:
    """A server that answers GET /v1/models with one model."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(405)
            self.end_headers()

        def do_GET(self) -> None:
            body = json.dumps({"data": [{"id": "some-model"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

        def date_time_string(self, timestamp: float | None = None) -> str:
            """Tell the time by the server's own clock."""
            return super().date_time_string((timestamp or time.time()) + clock_ahead)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def endpoint(url: str, model: str, key: str | None = None) -> EndpointConfig:
    """An endpoint's settings."""
    return EndpointConfig(
        base_urls=(url,),
        model=model,
        api_key_env=key,
        timeout_seconds=5,
        max_retries=0,
        concurrency=1,
        stand_in=False,
    )


@pytest.mark.parametrize(
    ("model", "key", "missing"),
    [
        pytest.param("some-model", None, "", id="serves it"),
        pytest.param("other-model", None, "it has ['some-model']", id="another model"),
        pytest.param("some-model", "REGTUNE_NO_SUCH_KEY", "REGTUNE_NO_SUCH_KEY is not set", id="no key"),
    ],
)
def test_an_endpoint_is_looked_at(models_url: str, model: str, key: str | None, missing: str) -> None:
    """The finding says what the endpoint lacks; a good one leaves none."""
    found = Findings("02")
    check_endpoint(found, "generator", endpoint(models_url, model, key))
    assert missing in "; ".join(found.missing)
    assert bool(found.missing) == bool(missing)


@pytest.mark.parametrize(
    ("clock_ahead", "told"),
    [pytest.param(3600.0, r"clock: this host is -3[56]\d\d s", id="wrong"), pytest.param(3.0, "^$", id="near enough")],
)
def test_a_clock_that_is_wrong_deserves_a_look(models_url: str, told: str, caplog: pytest.LogCaptureFixture) -> None:
    """An hour between host and endpoint is told, with the remedy, and blocks nothing; seconds are not."""
    found = Findings("02")
    check_endpoint(found, "generator", endpoint(models_url, "some-model"))
    assert found.missing == []
    assert re.search(told, caplog.text)


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        pytest.param(3600.0, "look at clock: this host is -3600 s against the scheduler", id="an hour behind"),
        pytest.param(-90.0, "look at clock: this host is +90 s against the scheduler", id="ahead"),
        pytest.param(2.0, "ok      clock: this host is -2 s against the scheduler", id="near enough"),
    ],
)
def test_the_clock_is_held_against_the_schedulers(ahead: float, told: str, caplog: pytest.LogCaptureFixture) -> None:
    """No endpoint is needed for it, and a wrong clock blocks nothing."""
    found = Findings("02")
    with caplog.at_level("INFO"):
        check_clock(found, time.time() + ahead)
    assert told in caplog.text
    assert found.missing == []


def test_without_another_clock_the_kernel_is_asked(caplog: pytest.LogCaptureFixture) -> None:
    """One line says whether anything keeps this host's clock right, whichever it is."""
    found = Findings("02")
    with caplog.at_level("INFO"):
        check_clock(found, None)
    assert found.looked_at == 1
    assert ("clock: kept by NTP" in caplog.text) is (found.warnings == 0)


def test_an_endpoint_that_is_away_is_named() -> None:
    """A refused connection is a finding, not a traceback."""
    found = Findings("02")
    check_endpoint(found, "judge", endpoint("http://127.0.0.1:9/v1", "m"))
    with pytest.raises(PrerequisiteMissingError, match=r"host 02 lacks: endpoint judge at http://127\.0\.0\.1:9/v1"):
        raise missing_on(found)


def test_everything_missing_is_told_together(run_dir: Path) -> None:
    """A host without GPU, model and endpoints hears of all three in one message."""
    spec = RunSpec.model_validate_json((run_dir / "run.json").read_text(encoding="utf-8"))
    hosts = spec.config.hosts
    tuning = hosts.tuning.model_copy(update={"min_gpu_free_gib": 10_000.0, "min_free_gib": 1e9})
    config = spec.config.model_copy(update={"hosts": hosts.model_copy(update={"tuning": tuning})})
    with pytest.raises(PrerequisiteMissingError) as caught:
        check_48.run(run_dir, spec.model_copy(update={"config": config}))
    for what in ("GPU", "disk", "train.base_model", "endpoint judge", "endpoint reference"):
        assert what in str(caught.value), what


def test_a_run_that_skips_training_asks_nothing_of_48(run_dir: Path) -> None:
    """The tuning host may be down when nothing is tuned."""
    spec = RunSpec.model_validate_json((run_dir / "run.json").read_text(encoding="utf-8"))
    assert check_48.run(run_dir, spec.model_copy(update={"skip_training": True})).counts == {"checks": 0, "warnings": 0}


def test_a_managed_server_needs_its_model_on_disk(run_dir: Path) -> None:
    """serve.mode vllm is refused before the server is started when its model is not there."""
    spec = RunSpec.model_validate_json((run_dir / "run.json").read_text(encoding="utf-8"))
    serve = spec.config.serve.model_copy(update={"mode": "vllm", "model_path": str(run_dir / "no-model")})
    config = spec.config.model_copy(update={"serve": serve})
    with pytest.raises(PrerequisiteMissingError, match="no-model"):
        check_02.run(run_dir, spec.model_copy(update={"config": config}))

"""A register behind a URL: fresh while the bucket answers, the last known copy when it does not."""

import http.server
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import fsspec
import pytest
from opened_run import REGISTER

from regtune.config import OrchestrationConfig, PipelineConfig
from regtune.errors import ConfigurationError
from regtune.orchestration.register_copy import brought, local_copy


@pytest.fixture
def settings(config: PipelineConfig) -> OrchestrationConfig:
    """A copy that is old at once."""
    return config.orchestration.model_copy(update={"register_copy_seconds": 0.001, "register_wait_seconds": 20.0})


@pytest.fixture
def bucket() -> Iterator[str]:
    """The sample register in a bucket; gives its address."""
    memory, url = fsspec.filesystem("memory"), f"memory://{uuid.uuid4().hex}"
    for path in REGISTER.parent.iterdir():
        if path.is_file():
            memory.pipe_file(f"{url}/{path.name}", path.read_bytes())
    yield f"{url}/register.yaml"
    memory.rm(url, recursive=True)


def test_a_new_revision_is_seen(bucket: str, settings: OrchestrationConfig, tmp_path: Path) -> None:
    """A copy past its life is renewed; within its life it is taken as it is, without asking."""
    copy = local_copy(bucket, tmp_path, settings)
    assert copy.read_bytes() == REGISTER.read_bytes()
    text = REGISTER.read_text(encoding="utf-8").replace("2025-07-01,", "2025-08-01,")
    fsspec.filesystem("memory").pipe_file(bucket, text.encode())
    lasting = settings.model_copy(update={"register_copy_seconds": 3600.0})
    assert local_copy(bucket, tmp_path, lasting).read_bytes() == REGISTER.read_bytes()
    time.sleep(0.01)
    assert local_copy(bucket, tmp_path, settings).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("held", [b"regulations: [", b"\xff\xfe", None], ids=["no YAML", "no text", "gone"])
def test_what_is_no_register_does_not_take_its_place(
    bucket: str, held: bytes | None, settings: OrchestrationConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The last good copy stays, with a warning that says what is wrong."""
    local_copy(bucket, tmp_path, settings)
    memory = fsspec.filesystem("memory")
    if held is None:
        memory.rm(bucket)
    else:
        memory.pipe_file(bucket, held)
    time.sleep(0.01)
    assert local_copy(bucket, tmp_path, settings).read_bytes() == REGISTER.read_bytes()
    assert "going on with the copy" in caplog.text


def test_a_bucket_that_hangs_holds_nothing_up(settings: OrchestrationConfig, tmp_path: Path) -> None:
    """Without a copy the wait ends and says so; with one it is asked again only after another life of the copy."""
    ask = threading.Event()

    class Hanging(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ask.wait(20)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hanging)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/register.yaml"
    short = settings.model_copy(update={"register_wait_seconds": 0.2})
    with pytest.raises(ConfigurationError, match=r"no answer in 0\.2 s"):
        local_copy(url, tmp_path, short)
    ask.set()
    server.shutdown()
    server.server_close()


def test_open_run_gets_the_files_in_force(bucket: str) -> None:
    """The register and the PDFs of the day lie side by side, each checked; a missing one is named."""
    with brought(bucket, date(2024, 7, 1)) as path:
        assert sorted(file.name for file in path.parent.glob("*.pdf")) == [
            "service-2024-01-01.pdf", "travel-2024-01-01.pdf", "work-rules-2024-07-01.pdf",
        ]  # fmt: skip
    fsspec.filesystem("memory").rm(bucket.replace("register.yaml", "travel-2024-01-01.pdf"))
    with (
        pytest.raises(ConfigurationError, match=r"travel-2024-01-01\.pdf.*not there"),
        brought(bucket, date(2024, 7, 1)),
    ):
        pass


def test_a_path_is_taken_as_it_is() -> None:
    """A register in the repository is neither copied nor cached."""
    with brought(str(REGISTER), date(2024, 7, 1)) as path:
        assert path == REGISTER

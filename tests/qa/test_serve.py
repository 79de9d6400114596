"""What serve.py and stop.py claim, with a real process: an interpreter that runs the stand-in in place of vLLM."""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from stand_in import SCRIPT, pointed_at, stand_in

from regtune.config import PipelineConfig
from regtune.contracts import RunSpec
from regtune.errors import ConfigurationError, PrerequisiteMissingError
from regtune.open_run import RunRequest, new_spec
from regtune.qa import serve, server_process, stop

_WRAPPER = """#!{python}
import os, runpy, subprocess, sys, time
arguments = dict(zip(sys.argv[3::2], sys.argv[4::2]))
assert sys.argv[1:3] == ["-m", "vllm.entrypoints.openai.api_server"], sys.argv
{body}
sys.argv = ["endpoint.py", "--port", arguments["--port"], "--model", arguments["--served-model-name"]]
sys.path.insert(0, {folder!r})
runpy.run_path({script!r}, run_name="__main__")
"""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def vllm_spec(folder: Path, config: PipelineConfig, port: int, body: str = "", **changes: object) -> RunSpec:
    """A recipe in mode vllm whose interpreter runs `body` and then the stand-in."""
    folder.mkdir(exist_ok=True)
    python = folder / "python"
    python.write_text(_WRAPPER.format(python=sys.executable, body=body, folder=str(SCRIPT.parent), script=str(SCRIPT)))
    python.chmod(0o755)
    settings = {"mode": "vllm", "python": str(python), "port": port, "ready_timeout_seconds": 30, **changes}
    config = config.model_copy(update={"serve": config.serve.model_copy(update=settings)})
    config = pointed_at(config, f"http://127.0.0.1:{port}/v1", model="the-model")
    return new_spec(RunRequest(as_of=date(2024, 1, 1)), [], config, {"persona": "…"})


@pytest.fixture
def server_dir(tmp_path: Path) -> Iterator[Path]:
    """A run folder whose server is ended after the test."""
    yield tmp_path
    server_process.end(tmp_path)


def is_running(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("note", [pytest.param("", id="empty"), pytest.param(None, id="missing")])
def test_an_unreadable_pid_file_hides_no_running_server(
    server_dir: Path, demo_config: PipelineConfig, note: str | None
) -> None:
    """A full disk left serve.pid empty: stop said that nothing ran, deleted the file, and the server kept the GPU."""
    spec = vllm_spec(server_dir, demo_config, free_port())
    serve.run(server_dir, spec)
    pid_file = server_dir / "serve.pid"
    pid = json.loads(pid_file.read_text())["pid"]
    if note is None:
        pid_file.unlink()
    else:
        pid_file.write_text(note)
    try:
        assert stop.run(server_dir, spec).counts == {"ended": 1}
        assert not is_running(pid)
    finally:
        if is_running(pid):
            os.killpg(pid, signal.SIGKILL)


def test_serve_starts_the_server_and_stop_ends_it(server_dir: Path, demo_config: PipelineConfig) -> None:
    """After serve the model answers, in a session of its own; after stop nothing is left, and stop again is fine."""
    spec = vllm_spec(server_dir, demo_config, free_port())
    result = serve.run(server_dir, spec)
    assert result.counts["mode"] == "vllm"
    pid = json.loads((server_dir / "serve.pid").read_text())["pid"]
    assert os.getsid(pid) == pid
    assert stop.run(server_dir, spec).counts == {"ended": 1}
    assert not is_running(pid)
    assert not (server_dir / "serve.pid").exists()
    assert stop.run(server_dir, spec).counts == {"ended": 0}


def test_serve_again_finds_the_running_server(server_dir: Path, demo_config: PipelineConfig) -> None:
    """A retry of serve starts no second server."""
    spec = vllm_spec(server_dir, demo_config, free_port())
    serve.run(server_dir, spec)
    noted = (server_dir / "serve.pid").read_text()
    serve.run(server_dir, spec)
    assert (server_dir / "serve.pid").read_text() == noted


def test_stop_ends_children_of_a_server_that_died(server_dir: Path, demo_config: PipelineConfig) -> None:
    """An engine that outlives its killed parent would hold the GPU; stop ends it too."""
    child = server_dir / "child.pid"
    body = f"open({str(child)!r}, 'w').write(str(subprocess.Popen(['sleep', '300']).pid))"
    spec = vllm_spec(server_dir, demo_config, free_port(), body)
    serve.run(server_dir, spec)
    os.kill(json.loads((server_dir / "serve.pid").read_text())["pid"], signal.SIGKILL)
    assert is_running(int(child.read_text()))
    assert stop.run(server_dir, spec).counts == {"ended": 1}
    assert not is_running(int(child.read_text()))


def test_stop_ends_a_child_that_has_a_session_of_its_own(server_dir: Path, demo_config: PipelineConfig) -> None:
    """It writes elsewhere, is in no group of the server, and would hold the GPU; without serve.pid it is found too."""
    child = server_dir / "child.pid"
    popen = "subprocess.Popen(['sleep', '300'], start_new_session=True, stdout=-3, stderr=-3)"  # DEVNULL
    spec = vllm_spec(server_dir, demo_config, free_port(), f"open({str(child)!r}, 'w').write(str({popen}.pid))")
    serve.run(server_dir, spec)
    os.kill(json.loads((server_dir / "serve.pid").read_text())["pid"], signal.SIGKILL)
    (server_dir / "serve.pid").unlink()
    assert is_running(int(child.read_text()))
    assert stop.run(server_dir, spec).counts == {"ended": 1}
    assert not is_running(int(child.read_text()))


def test_serve_killed_before_the_pid_file_leaves_no_server_behind(
    server_dir: Path, demo_config: PipelineConfig
) -> None:
    """The next serve of the run finds what runs and starts no second one; stop ends it."""
    spec = vllm_spec(server_dir, demo_config, free_port())
    script = (
        "import os, signal; from pathlib import Path; from regtune.contracts import RunSpec; "
        "from regtune.qa import serve, server_process; "
        "server_process._boot_id = lambda: os.kill(os.getpid(), signal.SIGKILL); "
        f"serve.run(Path({str(server_dir)!r}), RunSpec.model_validate_json({spec.model_dump_json(by_alias=True)!r}))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run(
        [sys.executable, "-c", script], check=False, env=environment, capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (server_dir / "serve.pid").exists()
    server = server_process.find(server_dir)
    assert server is not None
    serve.run(server_dir, spec)
    assert server_process.find(server_dir) == server
    assert stop.run(server_dir, spec).counts == {"ended": 1}
    assert not is_running(server.pid)


def test_a_port_of_another_run_is_refused_with_that_runs_folder(server_dir: Path, demo_config: PipelineConfig) -> None:
    """Also while the other server is not listening yet: it used to be taken for one's own once it answered."""
    spec = vllm_spec(server_dir / "one", demo_config, free_port(), "time.sleep(300)", ready_timeout_seconds=1)
    lock = server_process.claim(spec.config.serve.port, server_dir / "one")
    server_process.start(serve.command_of(spec.config), server_dir / "one", dict(os.environ), lock)
    (server_dir / "other").mkdir()
    try:
        with pytest.raises(PrerequisiteMissingError, match=rf"of {server_dir / 'one'} has serve\.port.*regtune stop"):
            serve.run(server_dir / "other", spec)
        assert server_process.end(server_dir / "one")
        with pytest.raises(PrerequisiteMissingError, match="not ready"):  # the port is free again
            serve.run(server_dir / "other", spec)
    finally:
        server_process.end(server_dir / "one")
        server_process.end(server_dir / "other")


def test_a_server_that_ignores_sigterm_is_killed(server_dir: Path, demo_config: PipelineConfig) -> None:
    """SIGKILL follows when the grace is over."""
    body = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    spec = vllm_spec(server_dir, demo_config, free_port(), body)
    serve.run(server_dir, spec)
    server = server_process.find(server_dir)
    assert server is not None
    assert server_process.end(server_dir, grace_seconds=0.5)
    assert not is_running(server.pid)


def test_stop_never_kills_a_stranger_with_the_same_pid(server_dir: Path, demo_config: PipelineConfig) -> None:
    """A pid that the system gave to somebody else by now is left alone."""
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        noted = {"pid": stranger.pid, "start_ticks": 1, "boot_id": server_process._boot_id()}
        (server_dir / "serve.pid").write_text(json.dumps(noted))
        assert stop.run(server_dir, vllm_spec(server_dir, demo_config, 1)).counts == {"ended": 0}
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param("sys.exit('torch.OutOfMemoryError: CUDA out of memory')", "too little memory", id="out of memory"),
        pytest.param(
            "sys.exit('ValueError: Free memory on device cuda:0 (11.2/79.1 GiB) on startup is less than desired GPU "
            "memory utilization (0.9, 71.2 GiB)')",
            "too little memory",
            id="somebody else's memory",
        ),
        pytest.param(
            "sys.exit('ValueError: No available memory for the cache blocks. Try increasing')",
            "leaves no room beside the weights",
            id="no room for the cache",
        ),
        pytest.param(
            "sys.exit('8.00 GiB KV cache is needed, which is larger than the available KV cache memory (3.1 GiB)')",
            "serve.max_model_len does not fit",
            id="context too long",
        ),
        pytest.param(
            "sys.exit('Invalid repository ID or local directory specified: /models/x')",
            "holds no such model",
            id="model missing",
        ),
        pytest.param("sys.exit('RuntimeError: No CUDA GPUs are available')", "no GPU is visible", id="no GPU"),
        pytest.param("sys.exit('OSError: [Errno 98] Address already in use')", "serve.port is taken", id="port taken"),
        pytest.param("sys.exit('error: unrecognized arguments: --x')", "serve.extra_args", id="unknown argument"),
        pytest.param("import no_such_vllm", "lacks a package", id="no vLLM"),
        pytest.param("sys.exit('something new')", "it ends: something new", id="anything else"),
    ],
)
def test_a_server_that_does_not_come_up_says_why(
    server_dir: Path, demo_config: PipelineConfig, body: str, message: str
) -> None:
    """The last lines of its log and what they mean are in the one line, at once and not after the timeout."""
    started = time.monotonic()
    with pytest.raises(PrerequisiteMissingError, match=message):
        serve.run(server_dir, vllm_spec(server_dir, demo_config, free_port(), body))
    assert time.monotonic() - started < 20


def test_what_an_earlier_server_said_is_not_taken_for_this_ones(server_dir: Path, demo_config: PipelineConfig) -> None:
    """A retry in the same run folder names its own cause, not that of the try before; the log keeps both."""
    port = free_port()
    for said, message in (("CUDA out of memory", "too little memory"), ("something new", "it ends: something new")):
        with pytest.raises(PrerequisiteMissingError, match=message) as caught:
            serve.run(server_dir, vllm_spec(server_dir, demo_config, port, f"sys.exit({said!r})"))
        assert "\n" not in str(caught.value)
    assert "CUDA out of memory" in (server_dir / "serve.log").read_text()
    assert "memory" not in str(caught.value)


def test_a_port_that_something_else_holds_is_told(server_dir: Path, demo_config: PipelineConfig) -> None:
    """Something that is no model server listens: the started process cannot bind, and the line says so."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        spec = vllm_spec(server_dir, demo_config, holder.getsockname()[1])
        with pytest.raises(PrerequisiteMissingError, match=r"serve\.port is taken"):
            serve.run(server_dir, spec)


def test_stop_after_a_reboot_leaves_everything_alone(server_dir: Path, demo_config: PipelineConfig) -> None:
    """serve.pid of an earlier boot names nobody, whoever has that pid and start time now."""
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        ticks = server_process._start_ticks(stranger.pid)
        noted = {"pid": stranger.pid, "start_ticks": ticks, "boot_id": "another-boot"}
        (server_dir / "serve.pid").write_text(json.dumps(noted))
        assert stop.run(server_dir, vllm_spec(server_dir, demo_config, 1)).counts == {"ended": 0}
        assert stranger.poll() is None
        assert not (server_dir / "serve.pid").exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_the_command_line_is_that_of_the_configuration(demo_config: PipelineConfig) -> None:
    """Model, parallelism, context, prefix cache, and JSON without white space between tokens, on the chosen backend."""
    changes = {"tensor_parallel_size": 2, "max_model_len": 4096, "structured_outputs_backend": "guidance"}
    command = serve.command_of(
        demo_config.model_copy(
            update={"serve": demo_config.serve.model_copy(update={**changes, "extra_args": ("--x",)})}
        )
    )
    pairs = dict(itertools.pairwise(command))
    assert pairs["--tensor-parallel-size"] == "2"
    assert pairs["--max-model-len"] == "4096"
    assert json.loads(pairs["--structured-outputs-config"]) == {"backend": "guidance", "disable_any_whitespace": True}
    assert "--enable-prefix-caching" in command
    assert command[-1] == "--x"


def test_a_server_that_is_never_ready_is_ended(server_dir: Path, demo_config: PipelineConfig) -> None:
    """After serve.ready_timeout_seconds it is told and its process is gone."""
    spec = vllm_spec(server_dir, demo_config, free_port(), "time.sleep(300)", ready_timeout_seconds=1)
    with pytest.raises(PrerequisiteMissingError, match=r"not ready after .*ready_timeout_seconds"):
        serve.run(server_dir, spec)
    server = server_process.find(server_dir)
    assert server is not None
    assert not server_process.is_alive(server)


def test_an_interpreter_that_is_not_there_is_named(server_dir: Path, demo_config: PipelineConfig) -> None:
    """serve.python that does not exist is a missing prerequisite."""
    spec = vllm_spec(server_dir, demo_config, free_port(), python="/nowhere/python")
    with pytest.raises(PrerequisiteMissingError, match="/nowhere/python: cannot be started"):
        serve.run(server_dir, spec)


def test_a_port_that_somebody_else_serves_is_refused(server_dir: Path, demo_config: PipelineConfig) -> None:
    """A server that this run did not start is neither used nor ended."""
    with stand_in(server_dir, "--model", "other") as url:
        spec = vllm_spec(server_dir, demo_config, int(url.split(":")[2].removesuffix("/v1")))
        with pytest.raises(PrerequisiteMissingError, match="did not start"):
            serve.run(server_dir, spec)


def test_addresses_have_to_hold_the_server(server_dir: Path, demo_config: PipelineConfig) -> None:
    """In mode vllm one of endpoints.generator.base_urls is the server's own."""
    spec = vllm_spec(server_dir, demo_config, free_port())
    elsewhere = pointed_at(spec.config, "http://10.0.0.2:8000/v1")
    with pytest.raises(ConfigurationError, match=r"serve\.mode vllm"):
        serve.run(server_dir, spec.model_copy(update={"config": elsewhere}))


def test_an_external_server_is_checked(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """The right model passes; another one is named with its address; nobody there is named too."""
    with stand_in(tmp_path) as url:
        recipe = new_spec(RunRequest(as_of=date(2024, 1, 1)), [], pointed_at(demo_config, url), {})
        assert serve.run(tmp_path, recipe).counts["mode"] == "external"
        wrong = new_spec(RunRequest(as_of=date(2024, 1, 1)), [], pointed_at(demo_config, url, model="qwen"), {})
        with pytest.raises(PrerequisiteMissingError, match=rf"{url}: has regtune-stand-in, not qwen"):
            serve.run(tmp_path, wrong)
    with pytest.raises(PrerequisiteMissingError, match=rf"{url}: does not answer"):
        serve.run(tmp_path, recipe)


def test_the_key_is_not_on_the_command_line(demo_config: PipelineConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server gets its key through the environment."""
    monkeypatch.setenv("REGTUNE_TEST_KEY", "secret-key")
    config = pointed_at(demo_config, "http://127.0.0.1:8000/v1", api_key_env="REGTUNE_TEST_KEY")
    assert "secret-key" not in " ".join(serve.command_of(config))
    assert serve._environment(config)["VLLM_API_KEY"] == "secret-key"

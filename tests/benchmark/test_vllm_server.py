"""Claims about the server of base and adapter, with a process that takes vLLM's command line."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from regtune.artifacts import load_spec, read_json, read_jsonl, write_json
from regtune.benchmark.results import Benchmark
from regtune.benchmark.rows import Answer
from regtune.benchmark.vllm_server import check_prompts, command_of, model_names, vllm_server
from regtune.benchmark_config import VllmConfig
from regtune.config import PipelineConfig, TrainConfig
from regtune.contracts import RunSpec
from regtune.errors import PrerequisiteMissingError
from regtune.open_run import RunRequest, new_spec
from regtune.stages import run_stage
from regtune.tuning.models import load_tokenizer

FAKE = Path(__file__).with_name("fake_vllm.py")
CONVERSATION = [{"role": "system", "content": "당신은 전문가입니다."}, {"role": "user", "content": "휴가는?"}]


@pytest.fixture
def vllm(tmp_path: Path, config: PipelineConfig) -> VllmConfig:
    """Settings whose interpreter starts the process above."""
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{FAKE}" "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    update = {"python": str(script), "port": port, "ready_timeout_seconds": 20}
    return config.benchmark.vllm.model_copy(update=update)


@pytest.fixture
def train(config: PipelineConfig, base_model: Path) -> TrainConfig:
    """The tiny base model."""
    return config.train.model_copy(update={"base_model": str(base_model)})


def is_up(port: int) -> bool:
    """Whether anything listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_base_and_adapter_stand_side_by_side_and_end_with_the_block(
    tmp_path: Path, train: TrainConfig, vllm: VllmConfig, adapter: Path
) -> None:
    """One server knows both models while the block lasts, tells its memory, and is gone afterwards."""
    tokenizer = load_tokenizer(train)
    with vllm_server(tmp_path, train, vllm, tokenizer, adapter) as served:
        assert set(served.models) == {"base", "tuned"}
        assert served.model_memory_bytes == int(15.25 * 2**30)
        assert served.cache_memory_bytes == int(52.5 * 2**30)
        check_prompts(served, tokenizer, [CONVERSATION])
        assert is_up(vllm.port)
    assert not is_up(vllm.port)


def test_a_server_that_ends_tells_why(tmp_path: Path, train: TrainConfig, vllm: VllmConfig) -> None:
    """The message names the log and its last words."""
    tokenizer = load_tokenizer(train)
    broken = train.model_copy(update={"base_model": "broken"})
    with (
        pytest.raises(PrerequisiteMissingError, match=r"ended with 1.*benchmark\.vllm\.log.*no such model"),
        vllm_server(tmp_path, broken, vllm, tokenizer, None),
    ):
        pytest.fail("it is not ready")


def test_another_prompt_than_the_trained_one_is_refused(
    tmp_path: Path, train: TrainConfig, vllm: VllmConfig, adapter: Path
) -> None:
    """A tokenizer whose template differs from the server's stops the benchmark before anything is asked."""
    tokenizer = load_tokenizer(train)
    with vllm_server(tmp_path, train, vllm, tokenizer, adapter) as served:
        tokenizer.chat_template = str(tokenizer.chat_template).replace("assistant", "speaker")
        with pytest.raises(PrerequisiteMissingError, match="is not the one trained on"):
            check_prompts(served, tokenizer, [CONVERSATION])


def test_a_killed_run_leaves_no_server(
    tmp_path: Path, train: TrainConfig, vllm: VllmConfig, config: PipelineConfig
) -> None:
    """SIGKILL to the process that started the server ends the server."""
    spec = new_spec(
        RunRequest(as_of=date(2025, 7, 1)), [], config.model_copy(update={"train": train}), {"persona": "p"}
    )
    write_json(tmp_path / "run.json", spec)
    program = (
        "import sys, time, types, pathlib\n"
        "from regtune.artifacts import load_spec\n"
        "from regtune.benchmark.vllm_server import vllm_server\n"
        "from regtune.benchmark_config import VllmConfig\n"
        "tokenizer = types.SimpleNamespace(chat_template='')\n"
        "train = load_spec(pathlib.Path(sys.argv[1])).config.train\n"
        "config = VllmConfig.model_validate_json(sys.argv[2])\n"
        "with vllm_server(pathlib.Path(sys.argv[1]), train, config, tokenizer, None):\n"
        "    print('ready', flush=True)\n    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path), vllm.model_dump_json()]
    paths = os.pathsep.join(sys.path)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths})
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    assert is_up(vllm.port)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 20
    while is_up(vllm.port):
        assert time.monotonic() < deadline, "the server outlived its run"
        time.sleep(0.05)


def test_names_tell_adapters_apart(train: TrainConfig, adapter: Path, tmp_path: Path) -> None:
    """Another adapter has another name, so that a shared cache holds no answer of it."""
    (tmp_path / "adapter_model.safetensors").write_bytes(b"other")
    one, other = (model_names(train, folder)["tuned"] for folder in (adapter, tmp_path))
    assert one != other
    assert one.split("-")[:2] == other.split("-")[:2]


def test_the_adapter_gets_a_rank_that_vllm_takes(train: TrainConfig, vllm: VllmConfig, adapter: Path) -> None:
    """Rank 12 is served as 16, and the adapter by its whole path."""
    command = command_of(
        train.model_copy(update={"lora_r": 12}), vllm, model_names(train, adapter), Path("t.jinja"), adapter
    )
    assert command[command.index("--max-lora-rank") + 1] == "16"
    assert command[command.index("--lora-modules") + 1].endswith(str(adapter.resolve()))


def test_the_stage_answers_by_the_server(run_folder: tuple[Path, RunSpec], vllm: VllmConfig) -> None:
    """With benchmark.server vllm every local system answers through it, streamed and timed; a rerun asks it nothing."""
    run_dir, spec = run_folder
    benchmark = spec.config.benchmark.model_copy(update={"server": "vllm", "vllm": vllm})
    changed = new_spec(
        RunRequest(as_of=spec.as_of), [], spec.config.model_copy(update={"benchmark": benchmark}), spec.prompts
    )
    write_json(run_dir / "run.json", changed)
    first = run_stage("benchmark", run_dir)
    assert (first.tokens["base_calls"], first.tokens["tuned_calls"]) == (6, 6)
    answers = {(a.system, a.qa_id): a.answer for a in read_jsonl(run_dir / "answers.jsonl", Answer)}
    assert answers["base", "a"] != answers["tuned", "a"]
    (record,) = (e for e in read_json(run_dir / "benchmark.json", Benchmark).efficiency if e.system == "tuned")
    assert record.first_token_p50_seconds is not None
    assert (record.device, [speed.concurrency for speed in record.speeds]) == ("vLLM", [1, 32])
    (run_dir / "benchmark.manifest.json").unlink()
    second = run_stage("benchmark", run_dir)
    assert (second.tokens["base_calls"], second.tokens["tuned_calls"], second.tokens["judge_calls"]) == (0, 0, 0)
    assert load_spec(run_dir).config.benchmark.server == "vllm"
    assert not is_up(vllm.port)

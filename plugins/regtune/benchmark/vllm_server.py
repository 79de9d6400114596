"""One vLLM server for the systems that run here: the base model, and beside it the base with the adapter.

In: configuration, an adapter. Out: the endpoint of each, while the block lasts; the server is a child of this process
and ends with it, so that a run that is killed leaves nothing on the GPU. Thinking is off by the chat template that the
server is given, and the tokens it makes of a conversation are compared with those that training saw.
"""

import contextlib
import ctypes
import json
import logging
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from regtune.artifacts import file_record, sha256_of_json, write_text
from regtune.benchmark_config import BenchmarkConfig, VllmConfig
from regtune.chat import Messages, rendered_prompt, token_ids
from regtune.config import EndpointConfig, TrainConfig
from regtune.errors import PrerequisiteMissingError
from regtune.failures import one_line
from regtune.served import served_models

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_log = logging.getLogger(__name__)
LOG_FILE = "benchmark.vllm.log"
_TEMPLATE_FILE = ".benchmark.chat_template.jinja"
_THINKING_OFF = "{%- set enable_thinking = false %}"
_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG."""
_POLL_SECONDS = 1.0
_GRACE_SECONDS = 30.0
_LOG_BYTES = 20_000
_LOADED = re.compile(r"[Mm]odel loading took ([\d.]+) Gi?B")
_CACHE = re.compile(r"[Aa]vailable KV cache memory: ([\d.]+) GiB")
_GIB = 1 << 30


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    url: str
    models: Mapping[str, str]
    """`base` and, with an adapter, `tuned` -> name that the server knows it by; made of what it is, so that replies in
    a shared cache are never another model's."""
    seconds_to_ready: float
    model_memory_bytes: int | None
    """What loading the weights took on the GPU, by the server's log."""
    cache_memory_bytes: int | None
    """What the server keeps for its key-value cache, by its log."""

    def endpoint(self, system: str, config: BenchmarkConfig) -> EndpointConfig:
        """Return the endpoint that answers as a system."""
        return EndpointConfig(
            base_urls=(self.url,),
            model=self.models["tuned" if system == "tuned" else "base"],
            api_key_env=None,
            timeout_seconds=config.vllm.timeout_seconds,
            max_retries=2,
            concurrency=config.vllm.concurrency,
            stand_in=False,
        )


@contextlib.contextmanager
def vllm_server(
    run_dir: Path, train: TrainConfig, config: VllmConfig, tokenizer: "PreTrainedTokenizerBase", adapter: Path | None
) -> Iterator[Served]:
    """Serve base and adapter until the block ends.

    Raises:
        PrerequisiteMissingError: the server cannot be started, ends, or is not ready in time.
    """
    models = model_names(train, adapter)
    write_text(run_dir / _TEMPLATE_FILE, _THINKING_OFF + str(tokenizer.chat_template))
    command = command_of(train, config, models, run_dir / _TEMPLATE_FILE, adapter)
    url = f"http://127.0.0.1:{config.port}/v1"
    with contextlib.suppress(OSError, ValueError):
        there = served_models(url, "none")
        raise PrerequisiteMissingError(
            f"{url}: a server is there already, with {', '.join(there)}; choose another benchmark.vllm.port."
        )
    started = time.monotonic()
    with (run_dir / LOG_FILE).open("wb") as log:
        try:
            process = subprocess.Popen(  # noqa: S603 - the command is built from configuration, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "VLLM_NO_USAGE_STATS": "1"},
                preexec_fn=_end_with_the_parent,  # noqa: PLW1509 - no thread of ours runs yet
            )
        except OSError as error:
            raise PrerequisiteMissingError(
                f"{config.python}: cannot be started ({error.strerror}); mend benchmark.vllm.python."
            ) from error
    try:
        _wait(process, url, models, run_dir, config)
        seconds = time.monotonic() - started
        _log.info("benchmark: vLLM is ready after %.0f s with %s", seconds, ", ".join(models.values()))
        log_text = (run_dir / LOG_FILE).read_text(encoding="utf-8", errors="replace")
        yield Served(url, models, round(seconds, 1), *memory_told(log_text))
    finally:
        _end(process)
        (run_dir / _TEMPLATE_FILE).unlink(missing_ok=True)


def model_names(train: TrainConfig, adapter: Path | None) -> dict[str, str]:
    """Names by what the models are: folder and sizes of the weights, hash of the adapter."""
    folder = Path(train.base_model)
    files = sorted((path.name, path.stat().st_size) for path in folder.glob("*.safetensors"))
    base = f"base-{sha256_of_json([train.base_model, files])[:12]}"
    return {"base": base} | ({"tuned": f"{base}-{file_record(adapter).sha256[:12]}"} if adapter is not None else {})


def command_of(
    train: TrainConfig, config: VllmConfig, models: Mapping[str, str], template: Path, adapter: Path | None
) -> list[str]:
    """Return the server's command line."""
    lora = (
        [
            "--enable-lora",
            *("--max-lora-rank", str(_rank_at_least(train.lora_r))),
            *("--lora-modules", f"{models['tuned']}={adapter.resolve()}"),
        ]
        if adapter is not None
        else []
    )
    return [
        config.python,
        *("-m", "vllm.entrypoints.openai.api_server"),
        *("--host", "127.0.0.1"),
        *("--port", str(config.port)),
        *("--model", train.base_model),
        *("--served-model-name", models["base"]),
        *("--max-model-len", str(config.max_model_len)),
        *("--gpu-memory-utilization", str(config.gpu_memory_utilization)),
        *("--chat-template", str(template.resolve())),
        *("--generation-config", "vllm"),  # the model's own sampling defaults stay out of it
        *lora,
        *config.extra_args,
    ]


def check_prompts(served: Served, tokenizer: "PreTrainedTokenizerBase", conversations: Sequence[Messages]) -> None:
    """Compare the server's tokens of some conversations with those of the template that was trained on.

    Raises:
        PrerequisiteMissingError: they differ, or the server does not tell.
    """
    for messages in conversations:
        expected = token_ids(tokenizer, rendered_prompt(tokenizer, messages))
        try:
            found = _tokens_of(served, messages)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PrerequisiteMissingError(f"{served.url}: does not tell its tokens ({one_line(error)}).") from error
        if found != expected:
            at = next((i for i, pair in enumerate(zip(found, expected, strict=False)) if pair[0] != pair[1]), -1)
            raise PrerequisiteMissingError(
                f"{served.url}: the prompt it serves is not the one trained on ({len(found)} tokens for "
                f"{len(expected)}, first difference at {at}); compare chat template and tokenizer of train.base_model."
            )


def _tokens_of(served: Served, messages: Messages) -> list[int]:
    body = {"model": served.models["base"], "messages": messages, "add_generation_prompt": True}
    request = urllib.request.Request(  # noqa: S310 - an address of this host
        f"{served.url.removesuffix('/v1')}/tokenize",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        return [int(token) for token in json.load(response)["tokens"]]


def _rank_at_least(rank: int) -> int:
    """The ranks that vLLM takes are powers of two from 8 on."""
    return max(8, 1 << (rank - 1).bit_length())


def _end_with_the_parent() -> None:
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _wait(
    process: "subprocess.Popen[bytes]", url: str, models: Mapping[str, str], run_dir: Path, config: VllmConfig
) -> None:
    started = time.monotonic()
    problem = "it does not answer yet"
    while True:
        try:
            there = served_models(url, "none")
            missing = sorted(set(models.values()) - set(there))
            if not missing:
                return
            problem = f"it has {', '.join(there)}, not {', '.join(missing)}"
        except (OSError, ValueError) as error:
            problem = one_line(error)
        waited = time.monotonic() - started
        if process.poll() is not None or waited > config.ready_timeout_seconds:
            state = f"ended with {process.poll()}" if process.poll() is not None else f"was not ready ({problem})"
            raise PrerequisiteMissingError(
                f"benchmark.vllm: the server {state} after {waited:.0f} s; see {run_dir / LOG_FILE}; it ends: "
                f"{_log_end(run_dir)[-400:] or '(nothing was written)'}"
            )
        time.sleep(_POLL_SECONDS)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _log_end(run_dir: Path) -> str:
    content = (run_dir / LOG_FILE).read_bytes()[-_LOG_BYTES:]
    return " | ".join(line.strip() for line in content.decode("utf-8", "replace").splitlines() if line.strip())


def memory_told(log: str) -> tuple[int | None, int | None]:
    """Bytes that a server's log names for the loaded weights and for its cache; None where it does not."""
    weights, cache = (pattern.search(log) for pattern in (_LOADED, _CACHE))
    return _in_bytes(weights), _in_bytes(cache)


def _in_bytes(found: re.Match[str] | None) -> int | None:
    return int(float(found[1]) * _GIB) if found else None

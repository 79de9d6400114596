"""serve: the generator's model server is up, with the right model.

In: configuration. Out: a server that answers; in mode `vllm` it is started here, detached, with serve.pid and serve.log
in the run folder (stop ends it), in mode `external` somebody else runs it and it is only checked. It asks no question.
"""

import json
import logging
import os
import time
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from regtune.config import EndpointConfig, PipelineConfig
from regtune.connections import api_key
from regtune.contracts import RunSpec, StageResult
from regtune.errors import ConfigurationError, PrerequisiteMissingError
from regtune.failures import one_line
from regtune.qa import server_process
from regtune.served import served_models

_log = logging.getLogger(__name__)
_POLL_SECONDS = 1.0
_TELL_EVERY_SECONDS = 30.0
_TOO_LITTLE_MEMORY = "the GPU has too little memory: end what else uses it, or lower serve.max_model_len"
_NO_MODEL = "serve.model_path holds no such model"
_CAUSES = (
    ("out of memory", _TOO_LITTLE_MEMORY),
    ("is less than desired gpu memory utilization", _TOO_LITTLE_MEMORY),
    ("no available memory for the cache blocks", "serve.gpu_memory_utilization leaves no room beside the weights"),
    ("larger than the maximum number of tokens", "serve.max_model_len does not fit beside the weights: lower it"),
    ("larger than the available kv cache memory", "serve.max_model_len does not fit beside the weights: lower it"),
    ("is greater than the derived max_model_len", "serve.max_model_len is more than the model was made for"),
    ("address already in use", "serve.port is taken"),
    ("no module named", "serve.python lacks a package: install include/hosts/requirements-02.txt"),
    ("repo id must be", _NO_MODEL),
    ("not a valid model identifier", _NO_MODEL),
    ("does not appear to have a file", _NO_MODEL),
    ("invalid repository id", _NO_MODEL),
    ("can't load the configuration", _NO_MODEL),
    ("no cuda gpus are available", "no GPU is visible: see nvidia-smi and CUDA_VISIBLE_DEVICES"),
    ("failed to infer device type", "no GPU is visible: see nvidia-smi and CUDA_VISIBLE_DEVICES"),
    ("driver version is insufficient", "the GPU's driver is too old for this vLLM"),
    ("must be divisible by tensor parallel", "serve.tensor_parallel_size does not divide the model's heads"),
    ("larger than the total number of available gpus", "serve.tensor_parallel_size is more than the host's GPUs"),
    ("larger than the number of available gpus", "serve.tensor_parallel_size is more than the host's GPUs"),
    ("unrecognized arguments", "serve.extra_args does not fit this version of vLLM"),
    ("no such file or directory", "serve.model_path or serve.python is not there"),
)
"""Words in the server's log, in lower case -> what they mean; the first that is found counts."""


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Start or check the server.

    Raises:
        ConfigurationError: no address of endpoints.generator is that of the server to be started.
        PrerequisiteMissingError: an address does not answer, has another model, or the server did not come up.
    """
    config = spec.config
    started = time.monotonic()
    if config.serve.mode == "vllm":
        _bring_up(run_dir, config)
    for url in config.endpoints.generator.base_urls:
        problem = problem_at(url, config.endpoints.generator)
        if problem is not None:
            raise PrerequisiteMissingError(f"{problem}; start it, or mend endpoints.generator.")
        _log.info("serve: %s answers with %s", url, config.endpoints.generator.model)
    return StageResult(
        counts={
            "mode": config.serve.mode,
            "addresses": len(config.endpoints.generator.base_urls),
            "seconds_to_ready": round(time.monotonic() - started, 1),
        }
    )


def problem_at(url: str, endpoint: EndpointConfig) -> str | None:
    """Say what is wrong with a server, None when it answers and has the model."""
    try:
        models = served_models(url, api_key(endpoint))
    except (OSError, ValueError) as error:
        return f"{url}: does not answer ({one_line(error)})"
    if endpoint.model not in models:
        return f"{url}: has {', '.join(models) or 'no model'}, not {endpoint.model}"
    return None


def command_of(config: PipelineConfig) -> list[str]:
    """Return the server's command line; vLLM's module takes what `vllm serve` takes."""
    serve = config.serve
    structured = {"backend": serve.structured_outputs_backend, "disable_any_whitespace": True}
    return [
        serve.python,
        *("-m", "vllm.entrypoints.openai.api_server"),
        *("--host", "127.0.0.1"),
        *("--port", str(serve.port)),
        *("--model", serve.model_path),
        *("--served-model-name", config.endpoints.generator.model),
        *("--tensor-parallel-size", str(serve.tensor_parallel_size)),
        *("--max-model-len", str(serve.max_model_len)),
        *("--gpu-memory-utilization", str(serve.gpu_memory_utilization)),
        "--enable-prefix-caching" if serve.prefix_caching else "--no-enable-prefix-caching",
        "--enable-prompt-tokens-details",  # usage then names the tokens that the prefix cache served
        *("--structured-outputs-config", json.dumps(structured)),
        *serve.extra_args,
    ]


def _bring_up(run_dir: Path, config: PipelineConfig) -> None:
    """Start the server unless an earlier try of this run did, and wait until it answers."""
    url = _own_url(config)
    server = server_process.find(run_dir)
    if server is not None and server_process.is_alive(server):
        _log.info("serve: the server of this run is there already (pid %d)", server.pid)
    else:
        server_process.end(run_dir)  # what an earlier server left would hold the GPU
        lock = _claimed(run_dir, url, config.serve.port)
        problem = problem_at(url, config.endpoints.generator)
        if problem is None or ": has " in problem:
            lock.close()
            raise PrerequisiteMissingError(
                f"{url}: a server that this run did not start is there; end it, choose another serve.port, "
                "or set serve.mode to external."
            )
        try:
            server = server_process.start(command_of(config), run_dir, _environment(config), lock)
        except OSError as error:
            raise PrerequisiteMissingError(
                f"{config.serve.python}: cannot be started ({error.strerror}); mend serve.python."
            ) from error
        _log.info("serve: started pid %d, log in %s", server.pid, run_dir / server_process.LOG_FILE)
    try:
        _wait(server, url, run_dir, config)
    except PrerequisiteMissingError:
        server_process.end(run_dir)  # a server that is of no use must not hold the GPU
        raise


def _claimed(run_dir: Path, url: str, port: int) -> TextIO:
    """Lock the port: of two runs that start at a time both would find it free, and one use the other's server."""
    try:
        return server_process.claim(port, run_dir)
    except server_process.PortHeldError as error:
        raise PrerequisiteMissingError(
            f"{url}: the model server of {error} has serve.port {port}; wait until that run is done, end it with "
            f"`regtune stop {error}`, or choose another serve.port."
        ) from error


def _own_url(config: PipelineConfig) -> str:
    """Return the generator's address at which the server of this host listens."""
    for url in config.endpoints.generator.base_urls:
        parts = urlsplit(url)
        if parts.hostname in ("127.0.0.1", "localhost") and parts.port == config.serve.port:
            return url
    raise ConfigurationError(
        f"endpoints.generator.base_urls: none is http://127.0.0.1:{config.serve.port}/v1, where serve.mode vllm puts "
        "the server; add it or change serve.port."
    )


def _environment(config: PipelineConfig) -> dict[str, str]:
    """The server's environment; its key, where one is asked for, travels in it and not on the command line."""
    environment = {**os.environ, "VLLM_NO_USAGE_STATS": "1"}
    if config.endpoints.generator.api_key_env is not None:
        environment["VLLM_API_KEY"] = api_key(config.endpoints.generator)
    return environment


def _wait(server: server_process.ServerProcess, url: str, run_dir: Path, config: PipelineConfig) -> None:
    started = time.monotonic()
    told = started
    while True:
        problem = problem_at(url, config.endpoints.generator)
        if problem is None:
            return
        waited = time.monotonic() - started
        if not server_process.is_alive(server):
            raise PrerequisiteMissingError(f"the model server ended after {waited:.0f} s: {_why(run_dir)}")
        if waited > config.serve.ready_timeout_seconds:
            raise PrerequisiteMissingError(
                f"the model server was not ready after {waited:.0f} s (serve.ready_timeout_seconds): {problem}; "
                f"{_why(run_dir)}"
            )
        if time.monotonic() - told > _TELL_EVERY_SECONDS:
            told = time.monotonic()
            _log.info("serve: waiting for the model server, %.0f s", waited)
        time.sleep(_POLL_SECONDS)


def _why(run_dir: Path) -> str:
    """What the log says, shortened, after what it most likely means."""
    log = server_process.last_log_lines(run_dir)
    meaning = next((meaning for words, meaning in _CAUSES if words in log.lower()), "")
    lead = f"{meaning}; " if meaning else ""
    return f"{lead}see {run_dir / server_process.LOG_FILE}; it ends: {log[-400:] or '(nothing was written)'}"

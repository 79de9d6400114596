"""What a system costs: latency, tokens a second, memory, weights, measured with the benchmark's own questions.

In: a loaded model, a vLLM server here, or an endpoint elsewhere, and prompts. Out: Efficiency. Concurrency is a batch
for transformers (every answer of it waits for the last) and parallel requests for the others. The first answer warms up
and is not counted. Nothing is estimated: what was not measured is null.
"""

import contextlib
import itertools
import logging
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from regtune.benchmark.metrics import SystemName
from regtune.benchmark.results import Efficiency, Speed
from regtune.benchmark.server_here import server_here
from regtune.benchmark.speeds import Load, quantile, speed_of, told
from regtune.benchmark.streaming import measure_speeds
from regtune.benchmark.systems import LocalModel
from regtune.benchmark.vllm_server import Served
from regtune.benchmark_config import BenchmarkConfig
from regtune.config import EndpointConfig
from regtune.connections import api_key
from regtune.gpu_driver import energy_joules, memory_used_bytes
from regtune.replies import Request

_log = logging.getLogger(__name__)
GIB = 1 << 30
_WARM_UP_TOKENS = 8
_WEIGHTS = (".safetensors", ".bin", ".gguf")


@dataclass(frozen=True)
class Loaded:
    """What is known of a local system before it answers."""

    system: SystemName
    seconds: float
    """To load it, the base model included."""
    weight_folders: tuple[Path, ...]


@dataclass
class _FirstToken:
    """A streamer of transformers that notes when the first new token came."""

    started: float = field(default_factory=time.monotonic)
    seconds: float | None = None
    _prompt_seen: bool = False

    def put(self, _tokens: object) -> None:
        """Take the prompt first, then each new token."""
        if self._prompt_seen and self.seconds is None:
            self.seconds = time.monotonic() - self.started
        self._prompt_seen = True

    def end(self) -> None:
        """Nothing is left to do."""


def measure_local(loaded: Loaded, local: LocalModel, prompts: Sequence[str], config: BenchmarkConfig) -> Efficiency:
    """Measure a model held here.

    Args:
        loaded: of the system.
        local: the model.
        prompts: some of the benchmark's; used again from the start when they are too few.
        config: of the benchmark.
    """
    _forget_peak()
    on_gpu = local.model.device.type == "cuda"
    local.generate(prompts[:1], min(_WARM_UP_TOKENS, config.max_new_tokens))
    first_tokens: list[float] = []
    speeds: list[Speed] = []
    for concurrency in config.efficiency.concurrency:
        wanted = list(itertools.islice(itertools.cycle(prompts), max(config.efficiency.requests, concurrency)))
        latencies: list[float] = []
        tokens = 0
        spent, started = energy_joules() if on_gpu else None, time.monotonic()
        for start in range(0, len(wanted), concurrency):
            batch = wanted[start : start + concurrency]
            watch = _FirstToken() if len(batch) == 1 else None
            batch_started = time.monotonic()
            made = local.generate(batch, config.max_new_tokens, watch)
            latencies += [time.monotonic() - batch_started] * len(batch)
            tokens += sum(one.tokens for one in made)
            if watch is not None and watch.seconds is not None and concurrency == 1:
                first_tokens.append(watch.seconds)
        seconds, by_then = time.monotonic() - started, energy_joules() if on_gpu else None
        joules = None if spent is None or by_then is None else by_then - spent
        speeds.append(speed_of(concurrency, Load(latencies, 0, tokens, seconds, joules)))
    peak, kind = _peak_memory()
    weights = _weights_bytes(loaded.weight_folders)
    _log.info("efficiency of %s: %s", loaded.system, told(speeds))
    return Efficiency(
        system=loaded.system,
        device=_device(local.model),
        speeds=tuple(speeds),
        first_token_p50_seconds=quantile(first_tokens, 0.5),
        load_seconds=round(loaded.seconds, 3),
        peak_memory_bytes=peak,
        memory_kind=kind,
        weights_bytes=weights,
        weights_from="disk" if weights is not None else "unknown",
        correct_per_gib=None,
    )


async def measure_endpoint(
    system: SystemName, endpoint: EndpointConfig, requests: Sequence[Request], config: BenchmarkConfig
) -> Efficiency:
    """Measure a model by its endpoint; its server is another's, here or elsewhere.

    What neither the endpoint nor, on this host, its model folder and log tell is taken from benchmark.reference, and
    marked so.
    """
    given = config.reference
    speeds, first_token = await measure_speeds(endpoint, requests, config, here=given.here)
    used = memory_used_bytes() if given.here else None
    server = server_here(endpoint.base_urls[0], endpoint.model, api_key(endpoint))
    weights = _weights_bytes([server.weights]) if server.weights is not None else None
    load = server.seconds_to_ready
    stated: list[Literal["load", "energy"]] = []
    if load is None and given.load_seconds is not None:
        load = given.load_seconds
        stated.append("load")
    if speeds and speeds[0].joules_per_answer is None and given.joules_per_answer is not None:
        speeds = (speeds[0].model_copy(update={"joules_per_answer": given.joules_per_answer}), *speeds[1:])
        stated.append("energy")
    memory_kind: Any = "gpu_card_used"
    if used is None:
        used = _bytes_of(given.gpu_memory_gib)
        memory_kind = "not_measured" if used is None else "configuration"
    weights_from: Any = "disk"
    if weights is None:
        weights = _bytes_of(given.weights_gib)
        weights_from = "unknown" if weights is None else "configuration"
    _log.info("efficiency of %s: %s", system, told(speeds))
    return Efficiency(
        system=system,
        device="endpoint",
        speeds=speeds,
        first_token_p50_seconds=first_token,
        load_seconds=load,
        peak_memory_bytes=used,
        memory_kind=memory_kind,
        model_memory_bytes=server.model_memory_bytes,
        cache_memory_bytes=server.cache_memory_bytes,
        weights_bytes=weights,
        weights_from=weights_from,
        stated=tuple(stated),
        correct_per_gib=None,
    )


def _bytes_of(gib: float | None) -> int | None:
    return None if gib is None else int(gib * GIB)


async def measure_served(
    system: SystemName,
    served: Served,
    folders: Sequence[Path],
    requests: Sequence[Request],
    config: BenchmarkConfig,
) -> Efficiency:
    """Measure a model behind the vLLM server here; base and adapter share its loading and its memory."""
    speeds, first_token = await measure_speeds(served.endpoint(system, config), requests, config, here=True)
    used, weights = memory_used_bytes(), _weights_bytes(folders)
    _log.info("efficiency of %s: %s", system, told(speeds))
    return Efficiency(
        system=system,
        device="vLLM",
        speeds=speeds,
        first_token_p50_seconds=first_token,
        load_seconds=served.seconds_to_ready,
        peak_memory_bytes=used,
        memory_kind="not_measured" if used is None else "gpu_card_used",
        model_memory_bytes=served.model_memory_bytes,
        cache_memory_bytes=served.cache_memory_bytes,
        weights_bytes=weights,
        weights_from="disk" if weights is not None else "unknown",
        correct_per_gib=None,
    )


def _weights_bytes(folders: Sequence[Path]) -> int | None:
    """Bytes of the weight files; None when a folder is not there (a model named by hub id)."""
    if not all(folder.is_dir() for folder in folders):
        return None
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in _WEIGHTS]
    return sum(path.stat().st_size for path in files)


def _device(model: Any) -> str:  # noqa: ANN401 - transformers is not imported here
    import torch

    if model.device.type == "cuda":
        return str(torch.cuda.get_device_name(model.device))
    return f"CPU {platform.machine()}, 스레드 {torch.get_num_threads()}개"


def _forget_peak() -> None:
    """Start the peak anew. Where the kernel does not allow it, the process's peak so far stays in the figure."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
        return
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_memory() -> tuple[int | None, Any]:
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated()), "gpu_peak_allocated"
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None, "not_measured"
    kib = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return (int(kib) * 1024, "process_peak_rss") if kib else (None, "not_measured")

"""What a system costs: latency, tokens a second, memory, weights, measured with the benchmark's own questions.

In: a loaded model or an endpoint, and prompts. Out: Efficiency. Concurrency is a batch for transformers (every answer
of it waits for the last) and parallel requests for an endpoint, whose replies are taken past the cache. The first
answer warms up and is not counted. Nothing is estimated: what was not measured is null.
"""

import contextlib
import itertools
import logging
import platform
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regtune.benchmark.results import Efficiency, Speed, SystemName
from regtune.benchmark.systems import LocalModel
from regtune.config import BenchmarkConfig, EndpointConfig
from regtune.llm import Endpoint, Request

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
    local.generate(prompts[:1], min(_WARM_UP_TOKENS, config.max_new_tokens))
    first_tokens: list[float] = []
    speeds = []
    for concurrency in config.efficiency.concurrency:
        wanted = list(itertools.islice(itertools.cycle(prompts), max(config.efficiency.requests, concurrency)))
        latencies: list[float] = []
        tokens = 0
        started = time.monotonic()
        for start in range(0, len(wanted), concurrency):
            batch = wanted[start : start + concurrency]
            watch = _FirstToken() if len(batch) == 1 else None
            batch_started = time.monotonic()
            made = local.generate(batch, config.max_new_tokens, watch)
            latencies += [time.monotonic() - batch_started] * len(batch)
            tokens += sum(one.tokens for one in made)
            if watch is not None and watch.seconds is not None and concurrency == 1:
                first_tokens.append(watch.seconds)
        speeds.append(_speed(concurrency, latencies, 0, tokens, time.monotonic() - started))
    peak, kind = _peak_memory()
    weights = _weights_bytes(loaded.weight_folders)
    _log.info("efficiency of %s: %s", loaded.system, _told(speeds))
    return Efficiency(
        system=loaded.system,
        device=_device(local.model),
        speeds=tuple(speeds),
        first_token_p50_seconds=_quantile(first_tokens, 0.5),
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
    """Measure the model behind an endpoint from here: the network and its other users are in the figures."""
    speeds = []
    for concurrency in config.efficiency.concurrency:
        count = max(config.efficiency.requests, concurrency)
        wanted = list(itertools.islice(itertools.cycle(requests), count))
        with tempfile.TemporaryDirectory() as uncached:
            client = Endpoint(endpoint.model_copy(update={"concurrency": concurrency}), Path(uncached))
            try:
                speeds.append(await _measure_requests(client, wanted, concurrency))
            finally:
                await client.close()
    given = config.efficiency.reference_weights_gib
    _log.info("efficiency of %s: %s", system, _told(speeds))
    return Efficiency(
        system=system,
        device="endpoint",
        speeds=tuple(speeds),
        first_token_p50_seconds=None,
        load_seconds=None,
        peak_memory_bytes=None,
        memory_kind="not_measured",
        weights_bytes=int(given * GIB) if given is not None else None,
        weights_from="configuration" if given is not None else "unknown",
        correct_per_gib=None,
    )


async def _measure_requests(client: Endpoint, wanted: Sequence[Request], concurrency: int) -> Speed:
    """Send the requests, each with a seed of its own so that equal ones are not one entry of the cache."""
    distinct = [Request(**{**vars(request), "seed": request.seed + i}) for i, request in enumerate(wanted)]
    await client.ask(Request(**{**vars(wanted[0]), "seed": wanted[0].seed - 1}))
    started = time.monotonic()
    replies = await client.ask_all(distinct)
    elapsed = time.monotonic() - started
    good = [reply for reply in replies if reply.finish_reason != "error"]
    tokens = sum(reply.completion_tokens for reply in good)
    return _speed(concurrency, [reply.seconds for reply in good], len(replies) - len(good), tokens, elapsed)


def _speed(concurrency: int, latencies: Sequence[float], failed: int, tokens: int, elapsed: float) -> Speed:
    return Speed(
        concurrency=concurrency,
        requests=len(latencies) + failed,
        failed=failed,
        latency_p50_seconds=_quantile(latencies, 0.5),
        latency_p95_seconds=_quantile(latencies, 0.95),
        tokens_per_second=round(tokens / elapsed, 1) if latencies else None,
    )


def _quantile(values: Sequence[float], share: float) -> float | None:
    if not values:
        return None
    import numpy as np

    return round(float(np.quantile(values, share)), 4)


def _told(speeds: Sequence[Speed]) -> str:
    return ", ".join(f"{s.tokens_per_second} tokens/s at {s.concurrency}" for s in speeds)


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
    return f"CPU {platform.machine()}, {torch.get_num_threads()} threads"


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

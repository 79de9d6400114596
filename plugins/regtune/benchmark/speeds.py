"""From timed answers to a Speed: quantiles, tokens a second, energy an answer.

In: Load, what one concurrency was measured to do. Out: Speed. Nothing is estimated: what was not measured is null.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from regtune.benchmark.results import Speed


@dataclass(frozen=True)
class Load:
    """Some answers at one concurrency."""

    latencies: Sequence[float]
    """Seconds of each answer that came."""
    failed: int
    tokens: int
    seconds: float
    """From the first request to the last answer."""
    joules: float | None
    """Spent by the GPUs meanwhile."""


def speed_of(concurrency: int, load: Load) -> Speed:
    """Sum a load up."""
    answered = len(load.latencies)
    return Speed(
        concurrency=concurrency,
        requests=answered + load.failed,
        failed=load.failed,
        latency_p50_seconds=quantile(load.latencies, 0.5),
        latency_p95_seconds=quantile(load.latencies, 0.95),
        tokens_per_second=round(load.tokens / load.seconds, 1) if answered else None,
        joules_per_answer=round(load.joules / answered, 2) if load.joules is not None and answered else None,
    )


def quantile(values: Sequence[float], share: float) -> float | None:
    """None for no value."""
    if not values:
        return None
    import numpy as np

    return round(float(np.quantile(values, share)), 4)


def told(speeds: Sequence[Speed]) -> str:
    """For the log."""
    return ", ".join(f"{speed.tokens_per_second} tokens/s at {speed.concurrency}" for speed in speeds)

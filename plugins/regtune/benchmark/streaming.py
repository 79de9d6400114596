"""Speed of the model behind an endpoint: time to first token, latency, tokens a second, energy of a server here.

In: an endpoint and requests. Out: Speeds. Requests are streamed, past every cache of replies, a fixed number at a time;
a server that does not stream is asked for whole replies, and its first token stays unmeasured. Each request has a mark
of its own after the system prompt: a server that keeps prompts has the system prompt, as in use, and not the question
that it has answered already. Of an endpoint elsewhere the network and its other users are in the figures.
"""

import asyncio
import itertools
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from regtune.benchmark.results import Speed
from regtune.benchmark.speeds import Load, quantile, speed_of
from regtune.benchmark_config import BenchmarkConfig
from regtune.config import EndpointConfig
from regtune.connections import api_key
from regtune.gpu_driver import energy_joules
from regtune.replies import Request

if TYPE_CHECKING:
    import openai


@dataclass(frozen=True)
class _Timed:
    """One reply by the clock."""

    first_token: float | None
    seconds: float
    tokens: int


async def measure_speeds(
    endpoint: EndpointConfig, requests: Sequence[Request], config: BenchmarkConfig, *, here: bool
) -> tuple[tuple[Speed, ...], float | None]:
    """Measure every configured concurrency; the first request warms up and is not counted.

    Args:
        endpoint: its first address.
        requests: used again from the start when they are too few.
        config: of the benchmark.
        here: the server's GPUs are this host's, so that the energy they spend is the answers'.

    Returns:
        the speeds, and the median seconds to the first token, one at a time; None where nothing was streamed.
    """
    from openai import AsyncOpenAI

    client = AsyncOpenAI(
        base_url=endpoint.base_urls[0],
        api_key=api_key(endpoint),
        timeout=endpoint.timeout_seconds,
        max_retries=endpoint.max_retries,
    )
    speeds: list[Speed] = []
    first_tokens: list[float] = []
    try:
        warm = await _timed(client, endpoint.model, _marked(requests[0]), stream=True)
        stream = warm is not None and warm.first_token is not None
        for concurrency in config.efficiency.concurrency:
            count = max(config.efficiency.requests, concurrency)
            wanted = [_marked(request) for request in itertools.islice(itertools.cycle(requests), count)]
            spent, started = energy_joules() if here else None, time.monotonic()
            replies = await _all_timed(client, endpoint.model, wanted, concurrency, stream=stream)
            seconds, by_then = time.monotonic() - started, energy_joules() if here else None
            good = [reply for reply in replies if reply is not None]
            load = Load(
                latencies=[reply.seconds for reply in good],
                failed=len(replies) - len(good),
                tokens=sum(reply.tokens for reply in good),
                seconds=seconds,
                joules=None if spent is None or by_then is None else by_then - spent,
            )
            speeds.append(speed_of(concurrency, load))
            if concurrency == 1:
                first_tokens = [reply.first_token for reply in good if reply.first_token is not None]
    finally:
        await client.close()
    return tuple(speeds), quantile(first_tokens, 0.5)


def _marked(request: Request) -> Request:
    """End the first message with a mark that no request had before."""
    (role, content), *others = request.messages
    return replace(request, messages=((role, f"{content}\n({secrets.token_hex(4)})"), *others))


async def _all_timed(
    client: "openai.AsyncOpenAI", model: str, requests: Sequence[Request], concurrency: int, *, stream: bool
) -> list[_Timed | None]:
    turns = asyncio.Semaphore(concurrency)

    async def one(request: Request) -> _Timed | None:
        async with turns:
            return await _timed(client, model, request, stream=stream)

    return list(await asyncio.gather(*(one(request) for request in requests)))


async def _timed(client: "openai.AsyncOpenAI", model: str, request: Request, *, stream: bool) -> _Timed | None:
    """One reply; None when it failed."""
    import openai

    options: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    started = time.monotonic()
    first, tokens, pieces = None, 0, 0
    try:
        reply: Any = await client.chat.completions.create(
            model=model,
            messages=[{"role": role, "content": content} for role, content in request.messages],
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            top_p=request.top_p,
            seed=request.seed,
            **options,
        )
        if not stream:
            whole = time.monotonic() - started
            return _Timed(None, whole, reply.usage.completion_tokens if reply.usage else 0)
        async for event in reply:
            if event.choices and event.choices[0].delta.content:
                first = first or time.monotonic() - started
                pieces += 1
            if event.usage is not None:
                tokens = event.usage.completion_tokens
    except (openai.OpenAIError, json.JSONDecodeError, AttributeError, TypeError):
        return None
    return _Timed(first, time.monotonic() - started, tokens or pieces)

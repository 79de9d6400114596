"""The stage generate against real vLLM on one GPU, with a model of Qwen3-30B-A3B's shape and random weights.

    PYTHONPATH=plugins:tests python3 tests/bench/gpu/generate_vllm.py --tokenizer FOLDER [--backend xgrammar|guidance]
        [--seconds 540] [--out FILE]

Needs vllm 0.26, torch and one GPU with 80 GB. Makes the model's configuration (no weights: `--load-format dummy`)
beside the tokenizer's files, starts it through regtune's own `serve`, asks through generate's own requests and client,
and ends it through `stop`. A backend is chosen when the server starts, so each is a run of its own; guidance's measures
only what depends on the backend. Every figure is printed as one JSON line as soon as it is there; a run that is cut
still gives those before. Every step has a limit in seconds, and none is begun that could not end before --seconds.

The table: at each number of requests at a time ours, then vLLM's own benchmark client, then ours again, with the same
load. The same prompts, each once, all of them in the prefix cache by then; the same schema, sampling and max_tokens; no
seed (theirs would be one for all its requests, so that random weights draw the same tokens and the same experts). The
tokens of the replies and the prefix cache's hits stand beside the speed, so that what is unlike can be seen.

Random weights draw nearly every token alike, so a string in the reply ends by chance, and hardly a reply is a Korean
question: replies are cut at a small max_tokens where throughput is measured, given generate's own where it is shown
that finished ones fit the schema, and the stage generate, which refuses them all, walks its plan to the end.
"""

import argparse
import asyncio
import itertools
import json
import os
import re
import statistics
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generate_vllm_client import vllm_bench_serve
from generate_vllm_recipe import garbage_spec, model_folder, recipe, regulation_chunks, sample_requests
from pydantic import ValidationError

from regtune.config import PacingConfig
from regtune.contracts import RunSpec
from regtune.errors import RegtuneError
from regtune.llm import Endpoint
from regtune.qa import serve, stop
from regtune.qa.acceptance import PairReply
from regtune.qa.generate import Making
from regtune.replies import Reply, Request

AT_A_TIME = (1, 8, 32, 128, 256)
FEWEST_REQUESTS = 8
REPLY_TOKENS = 200
WARM_AT_A_TIME = 256
UNSEEN_AT_A_TIME = 32
FINISHED_AT_A_TIME = 128


@dataclass
class Bench:
    """One run: its recipe, its deadline, the figures so far."""

    folder: Path
    spec: RunSpec
    ends_at: float
    requests: list[Request]
    figures: list[dict[str, Any]] = field(default_factory=list)
    finished: Counter[str] = field(default_factory=Counter)
    """`fit` and `misfit`: replies of all steps that asked by the schema and were not cut."""
    _drawn: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def url(self) -> str:
        """Of the server, without /v1."""
        return self.spec.config.endpoints.generator.base_urls[0].removesuffix("/v1")

    def note(self, step: str, **figures: object) -> None:
        """Print a figure at once and keep it."""
        figure = {"step": step, **figures}
        self.figures.append(figure)
        print(json.dumps(figure, ensure_ascii=False), flush=True)

    def left(self) -> float:
        """Seconds until the run has to be over, with time for `stop`."""
        return self.ends_at - time.monotonic() - 15

    def drawn(self, count: int, **changes: object) -> list[Request]:
        """So many requests, each with a seed that no other has, so that none is in the journal."""
        numbers = itertools.islice(self._drawn, count)
        return [replace(r, seed=n, **changes) for r, n in zip(itertools.cycle(self.requests), numbers, strict=False)]  # type: ignore[arg-type]


def main() -> int:
    """Start the server, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json of Qwen3")
    parser.add_argument("--backend", choices=("xgrammar", "guidance"), default="xgrammar")
    parser.add_argument("--seconds", type=float, default=540, help="the whole run, starting the model included")
    parser.add_argument("--port", type=int, default=8177)
    parser.add_argument("--out", type=Path, help="the figures are also written here")
    arguments = parser.parse_args()
    began = time.monotonic()
    os.environ.setdefault("VLLM_USE_FLASHINFER_SAMPLER", "0")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = recipe(model_folder(folder / "model", arguments.tokenizer), arguments.backend, arguments.port)
        bench = Bench(folder, spec, began + arguments.seconds, sample_requests(spec))
        try:
            started = time.monotonic()
            serve.run(folder, spec)
            bench.note("start", backend=arguments.backend, seconds=round(time.monotonic() - started, 1))
            asyncio.run(measured(bench, arguments.backend))
        except RegtuneError as error:
            bench.note("failed", error=str(error))
        finally:
            stop.run(folder, spec)
            bench.note("end", seconds=round(time.monotonic() - began, 1), finished_replies=dict(bench.finished))
            table(bench.figures)
            if arguments.out is not None:
                arguments.out.write_text(json.dumps(bench.figures, ensure_ascii=False, indent=1), encoding="utf-8")
                log = folder / "serve.log"
                if log.exists():
                    arguments.out.with_suffix(".log").write_bytes(log.read_bytes()[-200_000:])
    return int(any(figure["step"] == "failed" for figure in bench.figures))


async def measured(bench: Bench, backend: str) -> None:
    """Every step in the order of what matters most, each within its own seconds."""
    await step(bench, 90, warm_up(bench))
    await step(bench, 240, side_by_side(bench))
    await step(bench, 60, finished_replies(bench))
    if backend == "guidance":
        await step(bench, 90, schema_forms(bench))
        return
    await step(bench, 90, schema_forms(bench))
    await step(bench, 40, prompt_orders(bench))
    for name, pacing in (("adaptive", True), ("256 at a time", False), ("adaptive again", True)):
        await step(bench, 60, generate_stage(bench, name, adaptive=pacing))


async def step(bench: Bench, seconds: float, work: Coroutine[Any, Any, None]) -> None:
    """Do one step, or say that it was left out or cut."""
    name = getattr(work, "__name__", "step")
    if bench.left() < min(seconds, 20):
        work.close()
        bench.note("left out", what=name)
        return
    try:
        await asyncio.wait_for(work, min(seconds, bench.left()))
    except (TimeoutError, RegtuneError, OSError) as error:
        bench.note("cut", what=name, error=f"{type(error).__name__}: {error}"[:300])


async def asked(
    bench: Bench, requests: Sequence[Request], at_a_time: int, pacing: PacingConfig | None = None
) -> tuple[list[Reply], float, Endpoint]:
    """Ask through regtune's client over a journal of its own; returns the replies, seconds, and the endpoint."""
    config = bench.spec.config.endpoints.generator.model_copy(update={"concurrency": at_a_time})
    with tempfile.TemporaryDirectory(dir=bench.folder) as journal:
        endpoint = Endpoint(config, Path(journal), pacing=pacing)
        began = time.monotonic()
        try:
            replies = await endpoint.ask_all(requests)
        finally:
            await endpoint.close()
        return replies, time.monotonic() - began, endpoint


def speeds(bench: Bench, replies: Sequence[Reply], seconds: float, *, schema: bool = True) -> dict[str, object]:
    """Tokens a second, latency, what came back."""
    latencies = sorted(reply.seconds for reply in replies)
    finished = [reply for reply in replies if reply.finish_reason == "stop"] if schema else []
    misfits = sum(misfit_of(reply.text) is not None for reply in finished)
    bench.finished.update(fit=len(finished) - misfits, misfit=misfits)
    return {
        "requests": len(replies),
        "seconds": round(seconds, 2),
        "output_tokens_per_second": round(sum(reply.completion_tokens for reply in replies) / seconds, 1),
        "reply_tokens_mean": round(statistics.fmean(reply.completion_tokens for reply in replies), 1),
        "prompt_tokens_mean": round(statistics.fmean(reply.prompt_tokens for reply in replies), 1),
        "latency_p50": round(latencies[len(latencies) // 2], 2),
        "latency_p95": round(latencies[int(len(latencies) * 0.95)], 2),
        "finished": dict(Counter(reply.finish_reason for reply in replies)),
        "finished_and_no_pair": misfits,
    }


def prefix_cache(bench: Bench) -> tuple[float, float]:
    """(tokens looked up, tokens found) since the server started, from its metrics."""
    with urllib.request.urlopen(f"{bench.url}/metrics", timeout=10) as response:
        text = response.read().decode()

    def total(name: str) -> float:
        return sum(float(v) for v in re.findall(rf"^vllm:{name}_total(?:{{[^}}]*}})? (\S+)", text, re.MULTILINE))

    return total("prefix_cache_queries"), total("prefix_cache_hits")


async def hits_during(bench: Bench, work: Coroutine[Any, Any, Any]) -> tuple[Any, float]:
    """Return what the work returns, and the share of prompt tokens that the prefix cache served meanwhile."""
    queries, hits = prefix_cache(bench)
    result = await work
    later_queries, later_hits = prefix_cache(bench)
    return result, round((later_hits - hits) / max(later_queries - queries, 1), 4)


async def warm_up(bench: Bench) -> None:
    """Every prompt once, which shows what the cache serves of a new one; then what is compiled at a large batch."""
    unseen = bench.drawn(len(bench.requests), max_tokens=4)
    (replies, seconds, _), hits = await hits_during(bench, asked(bench, unseen, UNSEEN_AT_A_TIME))
    bench.note("prompts not seen before", **speeds(bench, replies, seconds), prefix_hits=hits)
    replies, seconds, _ = await asked(bench, bench.drawn(WARM_AT_A_TIME, max_tokens=32), WARM_AT_A_TIME)
    bench.note("warm up", **speeds(bench, replies, seconds))


async def side_by_side(bench: Bench) -> None:
    """Our client, vLLM's, ours again: at each number at a time on the same load."""
    schema = bench.requests[0].schema
    assert schema is not None
    async with vllm_bench_serve(bench.folder, bench.url, bench.spec.config.serve.model_path, schema) as theirs:
        for at_a_time in AT_A_TIME:
            load = bench.drawn(max(FEWEST_REQUESTS, 2 * at_a_time), max_tokens=REPLY_TOKENS)
            load = [replace(request, seed=None) for request in load]  # type: ignore[arg-type]  # JSON null: no seed
            await our_throughput(bench, "regtune", load, at_a_time)
            try:
                figures, hits = await hits_during(bench, theirs.measure(load, at_a_time))
                bench.note("vllm bench serve", at_a_time=at_a_time, **figures, prefix_hits=hits)
            except OSError as error:
                bench.note("cut", what="vllm bench serve", error=str(error))
            await our_throughput(bench, "regtune again", load, at_a_time)


async def our_throughput(bench: Bench, name: str, load: Sequence[Request], at_a_time: int) -> None:
    """The client of generate with a fixed number of requests at a time."""
    (replies, seconds, endpoint), hits = await hits_during(bench, asked(bench, load, at_a_time))
    served = endpoint.ledger.cached_prompt_tokens / max(endpoint.ledger.prompt_tokens, 1)
    figures = speeds(bench, replies, seconds)
    bench.note(name, at_a_time=at_a_time, **figures, prefix_hits=hits, prefix_by_usage=round(served, 4))


async def finished_replies(bench: Bench) -> None:
    """Replies with the room that generate gives them: every one that ends by itself fits the schema."""
    room = bench.spec.config.generate.max_tokens
    load = bench.drawn(FINISHED_AT_A_TIME, max_tokens=room)
    replies, seconds, _ = await asked(bench, load, FINISHED_AT_A_TIME)
    figures = speeds(bench, replies, seconds)
    finished = [reply for reply in replies if reply.finish_reason == "stop"]
    structure = [re.sub(r'"(?:[^"\\]|\\.)*"', '""', reply.text) for reply in finished]
    bench.note(
        "schema",
        max_tokens=room,
        finished_replies=len(finished),
        fit_the_schema=len(finished) - int(str(figures["finished_and_no_pair"])),
        with_more_than_a_blank_between_tokens=sum(bool(re.search(r"\s\s|\n", text)) for text in structure),
        misfits=[misfit for reply in finished if (misfit := misfit_of(reply.text))],
        **figures,
    )


def misfit_of(text: str) -> str | None:
    """Why a reply is not read as generate reads it, strictly: no fence, nothing around the object."""
    try:
        PairReply.model_validate_json(text)
    except ValidationError as error:
        return f"{error.errors()[0]['type']}: {error.errors()[0]['msg']}"[:200]
    return None


async def generate_stage(bench: Bench, name: str, *, adaptive: bool) -> None:
    """The stage itself over a plan of random replies, with the pacing as shipped, or with a fixed number at a time."""
    spec = garbage_spec(bench.spec, REPLY_TOKENS, adaptive=adaptive)
    with tempfile.TemporaryDirectory(dir=bench.folder) as cache:
        making = Making(regulation_chunks(), spec, Path(cache))
        began = time.monotonic()
        _, hits = await hits_during(bench, making.make())
        seconds = time.monotonic() - began
    ledger = making.ledger
    bench.note(
        "generate",
        pacing=name,
        seconds=round(seconds, 2),
        calls=ledger.calls,
        output_tokens_per_second=round(ledger.completion_tokens / seconds, 1),
        reply_tokens_mean=round(ledger.completion_tokens / max(ledger.calls, 1), 1),
        retries=dict(ledger.retries),
        pairs=len(making.filled.taken),
        refused=dict(Counter(refused.reason for refused in making.filled.refused)),
        prefix_hits=hits,
        prefix_by_usage=round(ledger.cached_prompt_tokens / max(ledger.prompt_tokens, 1), 4),
    )


FORMS: dict[str, dict[str, object]] = {
    "free text": {"schema": None},
    "schema": {},
    "schema, no seed": {"seed": None},
    "schema with maxLength": {},
}


async def schema_forms(bench: Bench) -> None:
    """The same load as free text, with generate's schema, without a seed, or with a maxLength on each string."""
    plain = bench.requests[0].schema or {}
    limited = {**plain, "properties": {name: {**p, "maxLength": 200} for name, p in plain["properties"].items()}}
    for name, form in FORMS.items():
        changes = {"schema": limited} if "maxLength" in name else form
        requests = [replace(r, **changes) for r in bench.drawn(128, max_tokens=60)]  # type: ignore[arg-type]
        replies, seconds, _ = await asked(bench, requests, 128)
        bench.note("schema form", form=name, **speeds(bench, replies, seconds, schema=requests[0].schema is not None))


async def prompt_orders(bench: Bench) -> None:
    """Short replies, so that reading the prompt counts: instructions before the article, or after it."""
    for name, turned in (("shared part first", False), ("shared part last", True)):
        requests = [turned_round(r) if turned else r for r in bench.drawn(192, max_tokens=16)]
        (replies, seconds, _), hits = await hits_during(bench, asked(bench, requests, 64))
        bench.note("prompt order", order=name, prefix_hits=hits, **speeds(bench, replies, seconds))


def turned_round(request: Request) -> Request:
    """Put what is particular to the request before what all share; a number in front keeps the two apart."""
    (role, prompt), *_ = request.messages
    shared, mark, particular = prompt.partition("<유형>")
    return replace(request, messages=((role, f"{request.seed}\n{mark}{particular}\n\n{shared}"),))


def table(figures: Sequence[dict[str, Any]]) -> None:
    """Print regtune beside vLLM's client."""
    by_step = {(figure["step"], figure.get("at_a_time")): figure for figure in figures}
    print("\nat a time | regtune tok/s | again | vllm bench serve tok/s | prefix hits")
    for at_a_time in AT_A_TIME:
        ours, again, theirs = (
            by_step.get((name, at_a_time), {}) for name in ("regtune", "regtune again", "vllm bench serve")
        )
        speed = "output_tokens_per_second"
        cells = (ours.get(speed), again.get(speed), theirs.get("output_throughput"), ours.get("prefix_hits"))
        print(f"{at_a_time:9} | {' | '.join(str(cell) for cell in cells)}")


if __name__ == "__main__":
    sys.exit(main())

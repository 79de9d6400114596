"""vLLM's own benchmark client (`vllm bench serve`) as one process that measures load after load."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generate_vllm_recipe import MODEL

from regtune.replies import Request

_PROGRAM = """
import json, sys
from vllm.benchmarks.serve import add_cli_args, main
from vllm.utils.argparse_utils import FlexibleArgumentParser
for line in sys.stdin:
    parser = FlexibleArgumentParser()
    add_cli_args(parser)
    result = main(parser.parse_args(json.loads(line)))
    kept = ("completed", "duration", "total_output_tokens", "output_throughput", "median_e2el_ms", "median_ttft_ms")
    print("FIGURES " + json.dumps({name: result.get(name) for name in kept}), flush=True)
"""


@dataclass(frozen=True)
class VllmBenchServe:
    """The client while it runs against one server."""

    folder: Path
    """For the loads and what the client says."""
    url: str
    """Of the server, without /v1."""
    model_path: str
    """With the tokenizer by which it counts prompts."""
    schema: dict[str, Any]
    """Of the replies."""
    process: asyncio.subprocess.Process

    async def measure(self, load: Sequence[Request], at_a_time: int) -> dict[str, Any]:
        """Send a load, none of whose requests has a seed.

        Raises:
            OSError: it ended before it had the figures.
        """
        first = load[0]
        form = {"type": "json_schema", "json_schema": {"name": "reply", "schema": self.schema, "strict": True}}
        file = self.folder / f"load-{at_a_time}.jsonl"
        rows = [{"prompt": request.messages[0][1], "output_tokens": request.max_tokens} for request in load]
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        arguments = [
            *("--backend", "openai-chat", "--endpoint", "/v1/chat/completions", "--base-url", self.url),
            *("--model", MODEL, "--tokenizer", self.model_path, "--dataset-name", "custom"),
            *("--dataset-path", str(file), "--skip-chat-template", "--disable-shuffle", "--disable-tqdm"),
            *("--custom-output-len", str(first.max_tokens), "--num-prompts", str(len(rows))),
            *("--max-concurrency", str(at_a_time), "--percentile-metrics", "ttft,tpot,e2el"),
            *("--temperature", str(first.temperature), "--top-p", str(first.top_p)),
            *("--extra-body", json.dumps({"response_format": form})),
        ]
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(arguments).encode() + b"\n")
        while line := await self.process.stdout.readline():
            if line.startswith(b"FIGURES "):
                figures: dict[str, Any] = json.loads(line[8:])
                tokens = figures["total_output_tokens"] / max(figures["completed"], 1)
                return {"reply_tokens_mean": round(tokens, 1), **figures}
        raise OSError(
            f"vllm bench serve ended: {_log(self.folder).read_text(encoding='utf-8', errors='replace')[-600:]}"
        )


@contextlib.asynccontextmanager
async def vllm_bench_serve(
    folder: Path, url: str, model_path: str, schema: dict[str, Any]
) -> AsyncIterator[VllmBenchServe]:
    """Run the client; importing vllm takes it a while, which only the first load waits for."""
    with _log(folder).open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _PROGRAM),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=folder,
            limit=1 << 20,
        )
    try:
        yield VllmBenchServe(folder, url, model_path, schema, process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _log(folder: Path) -> Path:
    return folder / "bench-serve.log"

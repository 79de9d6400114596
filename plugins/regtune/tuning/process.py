"""The part of a training that holds the model: in this process, or in several that share each step's rows.

In: a run folder after preflight. Out: checkpoints in its hidden folder, and an Outcome. Several processes are started
with torchrun's variables, which transformers' Trainer and accelerate read; they end with the one that started them.
"""

import ctypes
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import regtune
from regtune import errors
from regtune.artifacts import load_spec, read_json, read_jsonl, write_json, write_text
from regtune.config import TrainConfig
from regtune.contracts import Chunk, Contract, QAPair, RunSpec
from regtune.errors import PrerequisiteMissingError, UnusableInputError
from regtune.tuning import transformers_engine, unsloth_engine
from regtune.tuning.checkpoints import last_checkpoint
from regtune.tuning.fit import LessAtATimeError, fit, is_first
from regtune.tuning.models import load_tokenizer, peak_memory_bytes, share_the_cores
from regtune.tuning.pace import Pace
from regtune.tuning.rows import Articles, Rows, encode_pairs
from regtune.tuning.spent import Meter, Spent

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_log = logging.getLogger(__name__)

WORK = ".train"
_OUTCOME, _FAILURE = "outcome.json", "failure.json"
_AGAIN = 75
"""Exit code of a process whose memory did not suffice (EX_TEMPFAIL)."""
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


class Outcome(Contract):
    """How the training loop went; what it learnt lies in the checkpoints."""

    spent: Spent
    peak_memory_bytes: int


def process_count(config: TrainConfig) -> int:
    """As configured, or as many as there are GPUs; never so many that they could not share a step's rows evenly."""
    import torch

    if config.engine == "unsloth":
        return 1
    wanted = config.processes or max(torch.cuda.device_count(), 1)
    count = next(n for n in range(wanted, 0, -1) if config.batch_size % n == 0)
    if count < wanted:
        _log.info(
            "train: %d processes of %d: the others would leave a step of %d rows uneven; change train.batch_size",
            *(count, wanted, config.batch_size),
        )
    return count


def read_articles(run_dir: Path, spec: RunSpec) -> Articles | None:
    """What the questions come with; None closed book.

    Raises:
        PrerequisiteMissingError: open book, and there is no chunks.jsonl.
    """
    if spec.config.tuning.context == "none":
        return None
    chunks = run_dir / "chunks.jsonl"
    if not chunks.is_file():
        raise PrerequisiteMissingError(f"{chunks}: not there, and tuning.context is article; add it or set it to none.")
    return {chunk.chunk_id: chunk.text for chunk in read_jsonl(chunks, Chunk)}


def read_rows(run_dir: Path, spec: RunSpec, tokenizer: "PreTrainedTokenizerBase") -> Rows:
    """Both sides, as tokens.

    Raises:
        UnusableInputError: open book, and the chunk of a pair is not in chunks.jsonl.
    """
    articles = read_articles(run_dir, spec)
    sides = []
    for side in ("train", "validation"):
        pairs = read_jsonl(run_dir / f"{side}.jsonl", QAPair)
        lost = [pair for pair in pairs if articles is not None and pair.chunk_id not in articles]
        if lost:
            raise UnusableInputError(
                f"{run_dir}/{side}.jsonl: {lost[0].qa_id} is about {lost[0].chunk_id}, not in chunks.jsonl "
                f"({len(lost)} such); give the chunks that the pairs were made from or set tuning.context to none."
            )
        sides.append(encode_pairs(pairs, spec.prompts, tokenizer, articles))
    return Rows(train=sides[0], validation=sides[1])


def train_here(run_dir: Path, spec: RunSpec, rows: Rows, tokenizer: "PreTrainedTokenizerBase") -> Outcome:
    """Load the model and train it in this process.

    Raises:
        ConfigurationError, PrerequisiteMissingError, LessAtATimeError: as `fit`, or the model cannot be loaded.
    """
    config, seed = spec.config.train, spec.config.seed
    engine = unsloth_engine if config.engine == "unsloth" else transformers_engine
    before = last_checkpoint(run_dir / WORK)
    meter = Meter(before.spent if before is not None else Spent(), Pace())
    model = engine.trainable_model(config, seed)
    meter.loaded()
    fit(model, tokenizer, rows, config, seed, run_dir / WORK, meter)
    return Outcome(spent=meter.spent(), peak_memory_bytes=peak_memory_bytes())


def train_together(run_dir: Path, count: int) -> Outcome:
    """Train in `count` processes; when memory does not suffice in one, all begin again with less at a time.

    Raises:
        RegtuneError: what one of them raised.
        RuntimeError: one of them ended otherwise.
    """
    work = run_dir / WORK
    for name in (_OUTCOME, _FAILURE):
        (work / name).unlink(missing_ok=True)
    while (code := _run_all(run_dir, count)) == _AGAIN:
        pass
    if code:
        failure = work / _FAILURE
        if failure.is_file():
            told = json.loads(failure.read_text(encoding="utf-8"))
            raise getattr(errors, told["kind"])(told["message"])
        raise RuntimeError(f"{run_dir}: one of {count} training processes ended with code {code}; see its traceback.")
    return read_json(work / _OUTCOME, Outcome)


def _run_all(run_dir: Path, count: int) -> int:
    """Return 0, or the exit code of the first process that failed, once all have ended."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {
        "PYTHONPATH": os.pathsep.join((str(Path(regtune.__file__).parents[1]), os.environ.get("PYTHONPATH", ""))),
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    command = [sys.executable, "-m", "regtune.tuning.process", str(run_dir)]
    running = []
    try:
        for rank in range(count):
            place = {"RANK": str(rank), "LOCAL_RANK": str(rank)}
            running.append(subprocess.Popen(command, env={**os.environ, **shared, **place}))  # noqa: S603 - ourselves
        while (code := _first_failure(running)) is None:
            time.sleep(0.1)
        return code
    finally:
        for process in running:
            process.kill()  # the others wait for the failed one for good
            process.wait()


def _first_failure(running: Sequence["subprocess.Popen[bytes]"]) -> int | None:
    """Exit code of a failed process, 0 when all are done, None while there is something to wait for."""
    codes = [process.poll() for process in running]
    failed = [code for code in codes if code]
    return failed[0] if failed else None if None in codes else 0


def main(run_dir: Path) -> int:
    """One of several processes."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    logging.basicConfig(
        level=logging.INFO if is_first() else logging.WARNING,
        format="%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        stream=sys.stdout,
    )
    share_the_cores()
    import torch

    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    spec = load_spec(run_dir)
    tokenizer = load_tokenizer(spec.config.train)
    try:
        outcome = train_here(run_dir, spec, read_rows(run_dir, spec, tokenizer), tokenizer)
    except LessAtATimeError:
        return _AGAIN
    except errors.RegtuneError as error:
        told = {"kind": type(error).__name__, "message": str(error)}
        write_text(run_dir / WORK / _FAILURE, json.dumps(told, ensure_ascii=False))
        return error.exit_code
    if is_first():
        write_json(run_dir / WORK / _OUTCOME, outcome)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""A tiny base model for the demo, made on the spot: Qwen3's architecture, under a million parameters, own tokenizer.

In: regulations as .pdf, .txt or .jsonl with a `text` field. Out: a folder that AutoTokenizer and
AutoModelForCausalLM load, with a model card and base_model.json, which is written last.

It stands in for Qwen3-8B, so that tuning runs on a laptop and shows a real before and after. It is pre-trained on the
regulations, a paragraph a turn, and has never seen a question or an answer. The number of steps is fixed, not the
time: the same corpus, seed, versions and number of threads give the same weights.
"""

import argparse
import hashlib
import json
import logging
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that wait give their core away; see regtune/tuning/models

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerFast, Qwen3ForCausalLM

_log = logging.getLogger("base_model")

END_OF_TEXT, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
THINK = ("<think>", "</think>")
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{{ '<|im_start|>' + message.role + '\\n' }}"
    "{%- if message.role == 'assistant' and loop.last -%}{{ '<think>\\n\\n</think>\\n\\n' }}{%- endif -%}"
    "{{ message.content + '<|im_end|>\\n' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}"
    "{{ '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking is defined and not enable_thinking -%}{{ '<think>\\n\\n</think>\\n\\n' }}{%- endif -%}"
    "{%- endif -%}"
)
"""ChatML as Qwen3 renders it with thinking off: same text for the conversations of regtune/chat.py."""

VOCABULARY = 2048
SHAPE = {
    # Multiples of 64, the block in which bitsandbytes quantises. So small that it learns 25 pages nearly by heart in
    # a minute on 2 cores, which a larger one does not.
    "hidden_size": 128,
    "intermediate_size": 384,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "max_position_embeddings": 2048,
    # Without it the model recites from its weights and, tuned, passes over the question.
    "attention_dropout": 0.2,
}
WINDOW_TOKENS = 256
"""About as long as a training row: positions that were never seen are of no use."""
BATCH_WINDOWS = 4
PEAK_LEARNING_RATE = 3e-3
RECORD = "base_model.json"
_PARAGRAPH = re.compile(r"\n(?=제\d+조|[①-⑳])")
_ROOM_AFTER_DIGITS = re.compile(r"(?<=\d) (?=[가-힣])")
"""LibreOffice sets a little room between digits and Hangul, which reads as a space: `제1 조`, `30 일`."""
READABLE = (".pdf", ".txt", ".jsonl")


def main() -> int:
    """Read the command line; 0 done, 4 no usable corpus."""
    parser = argparse.ArgumentParser(description="Make the demo's tiny base model.")
    parser.add_argument("--corpus", nargs="+", type=Path, required=True, metavar="FILE_OR_FOLDER")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=20251124)
    parser.add_argument("--steps", type=int, default=1000, help="pre-training steps")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stdout)
    documents = read_corpus(arguments.corpus)
    if not documents:
        print(f"base_model: {', '.join(map(str, arguments.corpus))}: no text in {' '.join(READABLE)} files here.")
        return 4
    make_base_model(documents, arguments.out, arguments.seed, arguments.steps)
    return 0


def make_base_model(documents: Sequence[str], out: Path, seed: int, steps: int) -> dict[str, Any]:
    """Make the model unless `out` already holds the one of the same inputs; returns its record."""
    key = _key(documents, seed, steps)
    try:
        record: dict[str, Any] = json.loads((out / RECORD).read_text(encoding="utf-8"))
        if record["key"] == key:
            _log.info("base model: %s is there already, nothing to do", out)
            return record
    except (OSError, ValueError, KeyError):
        pass  # absent, or from something else: made anew
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part"))
    try:
        tokenizer = train_tokenizer(documents)
        model, record = pretrain(documents, tokenizer, seed, steps)
        record = {"key": key, "stand_in": True, "seed": seed, "steps": steps, **record}
        tokenizer.save_pretrained(temporary)
        model.save_pretrained(temporary)
        (temporary / "README.md").write_text(_card(record), encoding="utf-8")
        (temporary / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        temporary.chmod(0o755)
        temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return record


def read_corpus(paths: Sequence[Path]) -> list[str]:
    """Return the text of every readable file, folders one level deep, in order of name; empty texts left out."""
    files = [path for given in paths for path in (sorted(given.iterdir()) if given.is_dir() else [given])]
    texts = [text.strip() for path in files if path.suffix in READABLE for text in _texts(path)]
    return [text for text in texts if text]


def _texts(path: Path) -> Iterator[str]:
    if path.suffix == ".pdf":
        import pymupdf

        with pymupdf.open(path) as document:
            text = "".join(page.get_text() for page in document)
        yield _ROOM_AFTER_DIGITS.sub("", text)
    elif path.suffix == ".jsonl":
        lines = path.read_text(encoding="utf-8").split("\n")
        yield "\n".join(json.loads(line).get("text", "") for line in lines if line.strip())
    else:
        yield path.read_text(encoding="utf-8")


def train_tokenizer(documents: Sequence[str]) -> "PreTrainedTokenizerFast":
    """Train byte-level BPE on the corpus; digits stay single, as in Qwen3."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(THINK),
        special_tokens=[END_OF_TEXT, TURN_START, TURN_END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(documents, trainer)
    tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in THINK])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=TURN_END, pad_token=END_OF_TEXT, chat_template=CHAT_TEMPLATE
    )


def as_turns(document: str) -> str:
    """Write each paragraph as one turn, so that the model knows where a turn starts and ends, as Qwen3 does."""
    opening = f"{TURN_START}assistant\n{THINK[0]}\n\n{THINK[1]}\n\n"
    return "".join(f"{opening}{paragraph.strip()}{TURN_END}\n" for paragraph in _PARAGRAPH.split(document))


def pretrain(
    documents: Sequence[str], tokenizer: "PreTrainedTokenizerFast", seed: int, steps: int
) -> tuple["Qwen3ForCausalLM", dict[str, Any]]:
    """Predict the next token of the regulations, in windows drawn by seed; returns the model and its figures."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(seed)
    model = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=VOCABULARY,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.convert_tokens_to_ids(TURN_END),
            pad_token_id=tokenizer.convert_tokens_to_ids(END_OF_TEXT),
            **SHAPE,
        )
    )
    end = tokenizer.convert_tokens_to_ids(END_OF_TEXT)
    stream: list[int] = []
    for document in documents:
        stream += [*tokenizer(as_turns(document), add_special_tokens=False).input_ids, end]
    tokens = torch.tensor(stream)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    _log.info("base model: %.1f M parameters, %d tokens of text, %d steps", parameters / 1e6, len(stream), steps)
    started = time.monotonic()
    loss = _fit(model, tokens, seed, steps)
    seconds = time.monotonic() - started
    _log.info("base model: loss %.3f after %d steps in %.0f s", loss, steps, seconds)
    figures = {"parameters": parameters, "corpus_tokens": len(stream), "loss": round(loss, 4)}
    return model.eval(), {**figures, "threads": torch.get_num_threads()}


def _fit(model: "Qwen3ForCausalLM", tokens: "torch.Tensor", seed: int, steps: int) -> float:
    """AdamW with a short warm-up and a cosine; returns the mean loss of the last 20 steps."""
    import torch
    from transformers import get_cosine_schedule_with_warmup

    window = min(WINDOW_TOKENS, len(tokens) - 1)
    draw = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_LEARNING_RATE, betas=(0.9, 0.95), weight_decay=0.05)
    schedule = get_cosine_schedule_with_warmup(optimizer, max(steps // 20, 1), steps)
    losses: list[float] = []
    reported = time.monotonic()
    model.train()
    for step in range(1, steps + 1):
        starts = torch.randint(len(tokens) - window, (BATCH_WINDOWS,), generator=draw)
        batch = torch.stack([tokens[start : start + window] for start in starts.tolist()])
        loss = model(input_ids=batch, labels=batch, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if time.monotonic() - reported > 10:  # noqa: PLR2004 - seconds between lines
            reported = time.monotonic()
            _log.info("base model: step %d/%d, loss %.3f", step, steps, losses[-1])
    recent = losses[-20:]
    return sum(recent) / len(recent)


def _key(documents: Sequence[str], seed: int, steps: int) -> str:
    """Hash of everything that decides the weights: the texts, this file, seed, steps and versions."""
    from importlib.metadata import version

    packages = {name: version(name) for name in ("tokenizers", "torch", "transformers")}
    recipe = [list(documents), hashlib.sha256(Path(__file__).read_bytes()).hexdigest(), seed, steps, packages]
    return hashlib.sha256(json.dumps(recipe).encode()).hexdigest()


def _card(record: dict[str, Any]) -> str:
    return (
        "# A stand-in base model, for the demo only\n\n"
        f"Qwen3's architecture with {record['parameters'] / 1e6:.1f} million parameters, pre-trained for "
        f"{record['steps']} steps on {record['corpus_tokens']} tokens of the sample regulations, a paragraph a turn. "
        "It has seen no question with its answer. It stands in for Qwen3-8B so that `make demo` needs no GPU and no "
        "model hub; its answers say nothing about what a real model would answer.\n\n"
        "데모 전용 대체 모델입니다. 실제 Qwen3-8B가 아니며, 답변 품질은 실제 모델과 무관합니다.\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())

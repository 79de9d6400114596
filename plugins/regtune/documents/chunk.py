"""chunk: provisions to chunks.jsonl.

In: provisions.jsonl. Out: chunks in the order of the provisions. An article (or 별표, form, 부칙 without articles) is
a chunk; one over `chunk.max_tokens` is split by splitting.py. Left out, and counted: the preamble (title and history,
no rule) and deleted articles. Every other non-blank character of the provisions is in exactly one chunk.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from regtune.artifacts import read_jsonl, sha256_of_bytes, sha256_of_json, write_jsonl
from regtune.contracts import Chunk, Provision, RunSpec, StageResult
from regtune.documents.splitting import split_evenly
from regtune.documents.tokens import TokenCounter, load_counter
from regtune.errors import UnusableInputError

_log = logging.getLogger(__name__)

_ID_DIGITS = 16
_HANG = re.compile(r"[①-⑳]")
_RULING = re.compile(r"\|(?: --- \|)+")


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Chunk the run's provisions.

    Raises:
        UnusableInputError: the provisions hold nothing to chunk.
    """
    provisions = read_jsonl(run_dir / "provisions.jsonl", Provision)
    config = spec.config.chunk
    chunks = chunk_provisions(provisions, config.max_tokens, load_counter(config.tokenizer))
    if not chunks:
        raise UnusableInputError(f"{run_dir / 'provisions.jsonl'}: holds no provision in force; nothing to chunk.")
    write_jsonl(run_dir / "chunks.jsonl", chunks)
    return StageResult(
        counts={
            "provisions": sum(map(_in_force, provisions)),
            "chunks": len(chunks),
            "tokens": sum(chunk.token_count for chunk in chunks),
            "longest": max(chunk.token_count for chunk in chunks),
            "left_out_preambles": sum(provision.part == "preamble" for provision in provisions),
            "left_out_deleted": sum(provision.deleted for provision in provisions),
        }
    )


def chunk_provisions(provisions: Sequence[Provision], max_tokens: int, count: TokenCounter) -> list[Chunk]:
    """Turn provisions into chunks of at most `max_tokens` tokens."""
    chunks: list[Chunk] = []
    seen: Counter[str] = Counter()
    for provision in provisions:
        if _in_force(provision):
            chunks.extend(_chunks(provision, max_tokens, count, seen))
    return chunks


def _in_force(provision: Provision) -> bool:
    return provision.part != "preamble" and not provision.deleted


def _chunks(provision: Provision, max_tokens: int, count: TokenCounter, seen: Counter[str]) -> Iterator[Chunk]:
    article = cited_as(provision)
    parts = split_evenly(provision.text, max_tokens, count)
    for index, text in enumerate(parts):
        place = _place(parts[:index], text)
        key = sha256_of_json([provision.regulation_id, article, list(provision.path), index, text])
        occurrence = seen[key]  # 부칙 without dates say the same words again and again
        seen[key] += 1
        yield Chunk(
            chunk_id=(sha256_of_json([key, occurrence]) if occurrence else key)[:_ID_DIGITS],
            regulation_id=provision.regulation_id,
            regulation_title=provision.regulation_title,
            article=article,
            path=(*provision.path, place) if place else provision.path,
            text=text,
            token_count=count(text),
            page_first=provision.page_first,
            page_last=provision.page_last,
            text_sha256=sha256_of_bytes(text.encode()),
        )


def cited_as(provision: Provision) -> str:
    """How a reader cites a provision: `제15조의2`, `부칙 제1조`, `별표 1`, `별지 제1호서식`."""
    number = provision.number
    main, _, branch = (number or "").partition("의")
    if provision.part == "annex":
        return f"별표 {number}" if number else "별표"
    if provision.part == "form":
        return f"별지 제{main}호{'의' + branch if branch else ''}서식" if number else "별지 서식"
    if number:
        shown = f"제{main}조{'의' + branch if branch else ''}"
        return f"부칙 {shown}" if provision.part == "addendum" else shown
    if provision.part == "addendum":
        return "부칙"
    return provision.title or (provision.path[-1] if provision.path else "본문")


def _place(earlier: Sequence[str], text: str) -> str | None:
    """What a part that begins inside a 항 or a table needs to be understood: `제2항`, or the table's heads."""
    if not earlier:
        return None
    lines = [line for part in earlier for line in part.split("\n")]
    if text.startswith("|"):
        heads = next((i for i in range(len(lines) - 1, 0, -1) if _RULING.fullmatch(lines[i])), None)
        return lines[heads - 1].strip("| ") if heads else None
    if _HANG.match(text):
        return None
    marks = [mark for line in lines for mark in re.findall(r"^(?:제\d+조(?:의\d+)?(?:\(.*?\))? )?([①-⑳])", line)]
    return f"제{ord(marks[-1]) - ord('①') + 1}항" if marks else None

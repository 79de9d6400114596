"""chunk: provisions to chunks.jsonl.

In: provisions.jsonl. Out: chunks in the order of the provisions. An article (or 별표, form, 부칙 without articles) is
a chunk; one over `chunk.max_tokens` is split by splitting.py, and short neighbours are joined when
`chunk.merge_below_tokens` says so. Left out, and counted: the preamble (title and history, no rule) and deleted
articles. Every other non-blank character of the provisions is in exactly one chunk. Each chunk names the provisions
that its text cites (references.py).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from regtune.artifacts import read_jsonl, sha256_of_bytes, sha256_of_json, write_jsonl
from regtune.config import ChunkConfig
from regtune.contracts import Chunk, Provision, RunSpec, StageResult
from regtune.documents.naming import cited_as
from regtune.documents.places import captioned, place_of
from regtune.documents.references import Citation, find_citations
from regtune.documents.splitting import Limits, split_evenly
from regtune.documents.texts import printed
from regtune.documents.tokens import TokenCounter, load_counter
from regtune.errors import UnusableInputError

_ID_DIGITS = 16


@dataclass(frozen=True)
class _Passage:
    """What becomes one chunk: a provision, a part of one, or several short ones."""

    provisions: tuple[Provision, ...]
    index: int
    """Which part of its provision."""
    path: tuple[str, ...]
    text: str
    references: tuple[str, ...]
    pages: tuple[int, int]
    """First and last."""


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Chunk the run's provisions.

    Raises:
        UnusableInputError: the provisions hold nothing to chunk.
    """
    provisions = read_jsonl(run_dir / "provisions.jsonl", Provision)
    citations = find_citations(provisions)
    chunks = chunk_provisions(provisions, citations, spec.config.chunk, load_counter(spec.config.chunk.tokenizer))
    if not chunks:
        raise UnusableInputError(f"{run_dir / 'provisions.jsonl'}: holds no provision in force; nothing to chunk.")
    write_jsonl(run_dir / "chunks.jsonl", chunks)
    fates = Counter(citation.fate for of_one in citations for citation in of_one)
    return StageResult(
        counts={
            "provisions": sum(map(_in_force, provisions)),
            "chunks": len(chunks),
            "tokens": sum(chunk.token_count for chunk in chunks),
            "longest": max(chunk.token_count for chunk in chunks),
            "left_out_preambles": sum(provision.part == "preamble" for provision in provisions),
            "left_out_deleted": sum(provision.deleted for provision in provisions),
            **{f"citations_{fate}": fates[fate] for fate in ("resolved", "unresolved", "outside")},
        }
    )


def chunk_provisions(
    provisions: Sequence[Provision],
    citations: Sequence[Sequence[Citation]],
    config: ChunkConfig,
    count: TokenCounter,
) -> list[Chunk]:
    """Turn the provisions of a corpus, each with its citations, into chunks of at most `config.max_tokens` tokens."""
    limits = Limits(config.max_tokens, config.part_tokens, config.part_variation)
    passages = [
        passage
        for provision, cited in zip(provisions, citations, strict=True)
        if _in_force(provision)
        for passage in _passages(provision, cited, limits, count)
    ]
    if config.merge_below_tokens:
        passages = _merged(passages, config.merge_below_tokens, count)
    seen: Counter[str] = Counter()
    return [_chunk(passage, count, seen) for passage in passages]


def _in_force(provision: Provision) -> bool:
    return provision.part != "preamble" and not provision.deleted


def _passages(
    provision: Provision, citations: Sequence[Citation], limits: Limits, count: TokenCounter
) -> Iterator[_Passage]:
    parts = split_evenly(provision.text, limits, count)
    places = [(printed(provision.text[: citation.start]), citation.ids) for citation in citations]
    start = 0
    for index, text in enumerate(parts):
        place = place_of(parts[:index], text)
        end = start + printed(text)
        cited = dict.fromkeys(name for at, ids in places if start <= at < end for name in ids)
        attached = provision.part in ("annex", "form")
        path = captioned(provision.path, parts[:index], text) if attached else provision.path
        path = (*path, place) if place else path
        yield _Passage((provision,), index, path, text, tuple(cited), _pages(provision, start, end))
        start = end


def _pages(provision: Provision, start: int, end: int) -> tuple[int, int]:
    """The pages on which the non-blank characters from `start` up to `end` of a provision stand."""
    begun = [(provision.page_first, 0), *provision.page_starts]
    last = provision.page_last if not provision.page_starts else max(page for page, at in begun if at < end)
    return max(page for page, at in begun if at <= start), last


def _merged(passages: Sequence[_Passage], most: int, count: TokenCounter) -> list[_Passage]:
    """Join short articles that follow each other below the same headings, up to `most` tokens."""
    merged: list[_Passage] = []
    for passage in passages:
        joined = _joined(merged[-1], passage) if merged else None
        if joined and count(joined.text) <= most:
            merged[-1] = joined
        else:
            merged.append(passage)
    return merged


def _joined(one: _Passage, other: _Passage) -> _Passage | None:
    first, last, provision = one.provisions[0], one.provisions[-1], other.provisions[0]
    same_place = (first.regulation_id, first.part, first.path[:-1]) == (
        provision.regulation_id,
        provision.part,
        provision.path[:-1],
    )
    if not same_place or last is provision or {first.kind, provision.kind} != {"article"}:
        return None
    return _Passage(
        provisions=(*one.provisions, provision),
        index=0,
        path=first.path[:-1],
        text=f"{one.text}\n{other.text}",
        references=tuple(dict.fromkeys((*one.references, *other.references))),
        pages=(one.pages[0], other.pages[1]),
    )


def _chunk(passage: _Passage, count: TokenCounter, seen: Counter[str]) -> Chunk:
    first = passage.provisions[0]
    article = ", ".join(cited_as(provision) for provision in passage.provisions)
    path = first.path if len(passage.provisions) == 1 else passage.path
    key = sha256_of_json([first.regulation_id, article, list(path), passage.index, passage.text])
    occurrence = seen[key]  # 부칙 without dates say the same words again and again
    seen[key] += 1
    return Chunk(
        chunk_id=(sha256_of_json([key, occurrence]) if occurrence else key)[:_ID_DIGITS],
        regulation_id=first.regulation_id,
        regulation_title=first.regulation_title,
        article=article,
        path=passage.path,
        text=passage.text,
        token_count=count(passage.text),
        page_first=passage.pages[0],
        page_last=passage.pages[1],
        text_sha256=sha256_of_bytes(passage.text.encode()),
        references=passage.references,
    )

"""The rows of the run before that stay in this one, so that a revision replaces what it touched and nothing else.

In: previous/ of a run folder, if it has one, and the chunks of today. Out: of the pairs and of the evaluation pool the
rows that stay and those that are gone. A row stays while its chunk is there word for word and everything that it was
made by (model, prompts, sampling, seed, checks) is the same. Nothing else makes a pool row go; a lookup gives way when
an article that is new to the corpus would be asked nothing. What is gone from one set is not asked again in the other:
a question that was trained on measures nothing, and the other way round.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from regtune.artifacts import RUN_FILE, read_jsonl, sha256_of_bytes
from regtune.config import Quota
from regtune.contracts import QA_TYPES, Chunk, QAPair, QAType, RunSpec
from regtune.open_run import PREVIOUS, earlier_recipe
from regtune.qa.asking import PROMPTS
from regtune.qa.novelty import Novelty
from regtune.qa.plan import Slot, askable, slots_of
from regtune.qa.same_pairs import Candidate

NEEDED = (RUN_FILE, "chunks.jsonl", "qa_pairs.jsonl", "evaluation_pool.jsonl")
"""Files of previous/ without which nothing is known of the run before."""


@dataclass(frozen=True)
class EarlierRows:
    """One set of the run before."""

    stay: tuple[QAPair, ...] = ()
    gone: tuple[QAPair, ...] = ()
    in_vain: frozenset[str] = frozenset()
    """Ids of chunks that were asked and gave no answerable pair: asking again would cost calls at every revision."""


def earlier_rows(run_dir: Path, chunks: Sequence[Chunk], spec: RunSpec) -> tuple[EarlierRows, EarlierRows]:
    """Read what the run before left, the pairs and the pool; of a first run both are empty.

    Raises:
        UnusableInputError: a file of previous/ is not what its run made.
    """
    folder, generate = run_dir / PREVIOUS, spec.config.generate
    if not all((folder / name).is_file() for name in NEEDED):
        return EarlierRows(), EarlierRows()
    pairs, pool = (read_jsonl(folder / name, QAPair) for name in NEEDED[2:])
    recipe = earlier_recipe(folder)
    if recipe is None or _made_by(recipe) != _made_by(spec):
        return EarlierRows(gone=tuple(pairs)), EarlierRows(gone=tuple(pool))
    there = {chunk.chunk_id for chunk in chunks}
    before = {chunk.chunk_id for chunk in read_jsonl(folder / "chunks.jsonl", Chunk)}
    to_ask = askable(chunks)
    new = [chunk for chunk in chunks if chunk.chunk_id in to_ask - before]
    stay = _with_room_for(new, _fitting(pairs, there, generate.quota), generate.quota)
    in_vain = frozenset(_without_pair(pairs, to_ask & before))
    return _divided(pairs, stay, in_vain), _divided(pool, _fitting(pool, there, generate.evaluation_pool))


def novelty_of(rows: Sequence[QAPair], texts: Mapping[str, str]) -> Novelty:
    """Pairs that are not to be asked again; `texts` are those of the chunks by id."""
    novelty = Novelty(texts)
    for row in rows:
        asked = Candidate(row.question, row.answer, row.chunk_id, row.type == "negative")
        novelty.accept(novelty.add(asked))
    return novelty


def slot_name(slot: Slot) -> str:
    """How a row says which slot of its chunk it was made for."""
    return f"{slot.angle}:{sha256_of_bytes(slot.passage.encode())[:12]}"


def slot_of(row: QAPair, chunk: Chunk) -> Slot:
    """Find the slot that a row was made for; of a row that does not say it, one that no plan has."""
    named = (slot for slot in slots_of(chunk, row.type) if slot_name(slot) == row.slot)
    return next(named, Slot(row.chunk_id, row.type, "", ""))


def _made_by(spec: RunSpec) -> object:
    config = spec.config
    settings = config.generate.model_dump(include={"temperature", "top_p", "max_tokens", "attempts_per_question"})
    limits = config.gate.model_dump(include={"min_hangul_share", "question_length", "answer_length"})
    prompts = {name: spec.prompts.get(name) for name in PROMPTS}
    return config.seed, config.endpoints.generator.model, settings, limits, prompts


def _divided(rows: Sequence[QAPair], stay: Sequence[QAPair], in_vain: frozenset[str] = frozenset()) -> EarlierRows:
    ids = {row.qa_id for row in stay}
    return EarlierRows(tuple(stay), tuple(row for row in rows if row.qa_id not in ids), in_vain)


def _without_pair(pairs: Sequence[QAPair], asked: set[str]) -> set[str]:
    """Ids of the chunks that gave no pair though there was room: a lookup beside another pair comes after all that."""
    on_chunk = Counter(pair.chunk_id for pair in pairs if pair.type != "negative")
    had_room = any(pair.type == "lookup" and on_chunk[pair.chunk_id] > 1 for pair in pairs)
    return asked - on_chunk.keys() if had_room else set()


def _fitting(rows: Sequence[QAPair], there: set[str], quota: Quota) -> list[QAPair]:
    """Rows whose chunk is there, no more of a type than the quota says."""
    fitting = [row for row in rows if row.chunk_id in there]
    for qa_type in QA_TYPES:
        over = sum(row.type == qa_type for row in fitting) - quota.of(qa_type)
        fitting = _without(fitting, qa_type, over, spare_only=False)
    return fitting


def _with_room_for(new: Sequence[Chunk], rows: list[QAPair], quota: Quota) -> list[QAPair]:
    """Rows without as many lookups as the new chunks need to be asked once each."""
    left = {qa_type: quota.of(qa_type) - sum(row.type == qa_type for row in rows) for qa_type in QA_TYPES}
    by_procedure = min(left["procedure"], sum(bool(slots_of(chunk, "procedure")) for chunk in new))
    return _without(rows, "lookup", len(new) - by_procedure - left["lookup"], spare_only=True)


def _without(rows: list[QAPair], qa_type: QAType, count: int, *, spare_only: bool) -> list[QAPair]:
    """Take rows of a type out, from the chunks with most rows first.

    Args:
        rows: of one set.
        qa_type: of the rows that go.
        count: of the rows that go, at most; 0 or less: none.
        spare_only: leave each chunk one.
    """
    if count <= 0:
        return rows
    number_on_chunk: dict[str, int] = {}
    seen: Counter[tuple[str, bool]] = Counter()
    for row in sorted(rows, key=lambda row: (row.type != "procedure", row.qa_id)):  # a procedure is harder to replace
        key = (row.chunk_id, row.type == "negative")
        number_on_chunk[row.qa_id] = seen[key]
        seen[key] += 1
    may_go = [row for row in rows if row.type == qa_type and (number_on_chunk[row.qa_id] or not spare_only)]
    may_go.sort(key=lambda row: (-number_on_chunk[row.qa_id], row.qa_id))
    going = {row.qa_id for row in may_go[:count]}
    return [row for row in rows if row.qa_id not in going]

"""generate: chunks to question-answer pairs, as many of each type as the quota says.

In: chunks.jsonl. Out: qa_pairs.jsonl, evaluation_pool.jsonl (the same way under its own seed, sharing no question),
qa_rejected.jsonl (every reply that was not taken, raw, with its reason). Work goes in rounds: all open slots are asked
at once, then taken or refused in the order of the plan, so the result does not depend on how many are asked at a time.
A refused reply is asked again with its reason; a slot that cannot be filled gives way to the next one of the plan.
"""

import asyncio
import logging
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from regtune.artifacts import read_jsonl, sha256_of_bytes, write_jsonl
from regtune.config import Quota
from regtune.contracts import QA_TYPES, Chunk, QAPair, QAType, RejectedPair, RunSpec, StageResult
from regtune.errors import PrerequisiteMissingError, QuotaShortError, UnusableInputError
from regtune.llm import Endpoint, Ledger, Reply, Request
from regtune.progress import Progress
from regtune.prompts import neutralise, prompt_sha256, render
from regtune.qa.acceptance import ADVICE, PairReply, Proposal, Refusal, examine, repeated
from regtune.qa.plan import Slot, askable, make_plan

_log = logging.getLogger(__name__)
_FINAL = frozenset({"declined", "bad_request"})
"""Reasons after which the same slot is not asked again."""
_REASONS_TOLD = 3


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Fill the quota and the evaluation pool.

    Raises:
        QuotaShortError: the plan ended before a quota was full; qa_rejected.jsonl is written all the same.
        PrerequisiteMissingError: the endpoint does not answer.
        UnusableInputError: there is no chunk to ask about.
    """
    chunks = read_jsonl(run_dir / "chunks.jsonl", Chunk)
    if not askable(chunks):
        raise UnusableInputError(f"{run_dir / 'chunks.jsonl'}: no chunk holds anything to ask about.")
    making = asyncio.run(generate(chunks, spec, run_dir / spec.config.endpoints.cache_dir))
    write_jsonl(run_dir / "qa_rejected.jsonl", making.rejected)
    if making.short:
        raise QuotaShortError(_shortage(making))
    write_jsonl(run_dir / "qa_pairs.jsonl", _sorted(making.pairs, chunks))
    write_jsonl(run_dir / "evaluation_pool.jsonl", _sorted(making.pool, chunks))
    return StageResult(counts=_counts(making, chunks), tokens=making.ledger.as_counts())


@dataclass
class Making:
    """What one run of generate has made so far."""

    ledger: Ledger = field(default_factory=Ledger)
    pairs: list[QAPair] = field(default_factory=list)
    pool: list[QAPair] = field(default_factory=list)
    rejected: list[RejectedPair] = field(default_factory=list)
    used: set[Slot] = field(default_factory=set)
    short: dict[str, int] = field(default_factory=dict)
    """`lookup`, or `evaluation_pool.lookup` -> pairs that are missing."""
    rounds: int = 0


@dataclass
class OpenSlot:
    """A slot that is being asked, with what was refused so far."""

    slot: Slot
    attempt: int = 1
    refused: list[Refusal] = field(default_factory=list)


class Waiting:
    """The slots of one type that were not asked yet, in the order of the plan."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        """Take the plan's slots."""
        self._slots = deque(slots)
        self._of_chunk: dict[str, deque[Slot]] = defaultdict(deque)
        for slot in slots:
            self._of_chunk[slot.chunk_id].append(slot)
        self._left = set(slots)

    def __len__(self) -> int:
        """Slots that are left."""
        return len(self._left)

    def next(self) -> Slot:
        """Take the first slot."""
        while self._slots[0] not in self._left:
            self._slots.popleft()
        return self._take(self._slots[0])

    def next_of(self, chunk_id: str) -> Slot | None:
        """Take the first slot of one chunk, None when it has none left."""
        slots = self._of_chunk[chunk_id]
        while slots and slots[0] not in self._left:
            slots.popleft()
        return self._take(slots[0]) if slots else None

    def _take(self, slot: Slot) -> Slot:
        self._left.remove(slot)
        return slot


async def generate(chunks: Sequence[Chunk], spec: RunSpec, cache_dir: Path) -> Making:
    """Make the pairs, then the pool; stops after the pairs when they fall short."""
    config = spec.config
    making = Making()
    endpoint = Endpoint(config.endpoints.generator, cache_dir, making.ledger)
    by_id = {chunk.chunk_id: chunk for chunk in chunks}
    try:
        plan = make_plan(chunks, config.generate.quota, config.seed)
        await _fill(plan, config.generate.quota, making.pairs, "", _Asking(endpoint, by_id, spec, config.seed, making))
        if not making.short:
            seed = config.seed + 1  # a seed of its own: the pool is no continuation of the pairs
            plan = make_plan(chunks, config.generate.evaluation_pool, seed, making.used)
            asking = _Asking(endpoint, by_id, spec, seed, making)
            await _fill(plan, config.generate.evaluation_pool, making.pool, "evaluation_pool.", asking)
    finally:
        await endpoint.close()
    return making


@dataclass(frozen=True)
class _Asking:
    """Everything that a round needs and that does not change between rounds."""

    endpoint: Endpoint
    chunks: dict[str, Chunk]
    spec: RunSpec
    seed: int
    making: Making


async def _fill(
    plan: dict[QAType, tuple[Slot, ...]], quota: Quota, pairs: list[QAPair], label: str, asking: _Asking
) -> None:
    """Ask in rounds until the quota is full or the plan has ended.

    A slot given up gives way to another passage of its chunk while the chunk is not covered, else to the next slot.
    """
    making = asking.making
    waiting = {qa_type: Waiting(plan[qa_type]) for qa_type in QA_TYPES}
    covered: set[str] = set()
    filled: Counter[str] = Counter()
    again: list[OpenSlot] = []
    while True:
        pending = Counter(open_slot.slot.type for open_slot in again)
        fresh = [
            OpenSlot(waiting[qa_type].next())
            for qa_type in QA_TYPES
            for _ in range(min(quota.of(qa_type) - filled[qa_type] - pending[qa_type], len(waiting[qa_type])))
        ]
        asked = again + fresh
        if not asked:
            break
        making.rounds += 1
        requests = [_request(open_slot, asking) for open_slot in asked]
        replies = await _ask(asking.endpoint, requests, f"generate: {label}round {making.rounds}")
        if all(reply.finish_reason == "error" and "BadRequest" not in reply.text for reply in replies):
            raise PrerequisiteMissingError(_unreachable(asking.endpoint, replies[0]))
        again = []
        for open_slot, pair in zip(asked, _taken(asked, replies, asking), strict=True):
            slot = open_slot.slot
            if pair is not None:
                pairs.append(pair)
                filled[slot.type] += 1
                covered |= {slot.chunk_id} if slot.type != "negative" else set()
            elif _worth_another(open_slot, asking.spec.config.generate.attempts_per_question):
                again.append(OpenSlot(slot, open_slot.attempt + 1, open_slot.refused))
            elif slot.chunk_id not in covered:
                other = waiting[slot.type].next_of(slot.chunk_id)
                again += [OpenSlot(other)] if other is not None else []
        taken = ", ".join(f"{label}{qa_type} {filled[qa_type]}/{quota.of(qa_type)}" for qa_type in QA_TYPES)
        _log.info("generate: %s; %d to ask again", taken, len(again))
    making.short.update({f"{label}{t}": quota.of(t) - filled[t] for t in QA_TYPES if filled[t] < quota.of(t)})


async def _ask(endpoint: Endpoint, requests: Sequence[Request], label: str) -> list[Reply]:
    progress = Progress(label, len(requests))
    return await endpoint.ask_all(requests, lambda _index, _reply: progress.advance())


def _worth_another(open_slot: OpenSlot, attempts: int) -> bool:
    return open_slot.attempt < attempts and open_slot.refused[-1].reason not in _FINAL


def _request(open_slot: OpenSlot, asking: _Asking) -> Request:
    slot, chunk, config = open_slot.slot, asking.chunks[open_slot.slot.chunk_id], asking.spec.config.generate
    prompt = render(
        asking.spec.prompts,
        slot.type,
        regulation=neutralise(" / ".join([chunk.regulation_title, *chunk.path])),
        article=neutralise(chunk.text),
        focus=neutralise(slot.passage),
        angle=slot.angle,
    )
    told = [refusal for refusal in open_slot.refused if refusal.reason in ADVICE]
    if told:
        rejected = "\n".join(f"질문: {neutralise(r.question) or '(없음)'}\n이유: {ADVICE[r.reason]}" for r in told)
        prompt = f"{prompt}\n\n{render(asking.spec.prompts, 'again', rejected=rejected)}"
    # The attempt is part of the seed: a reply that was no JSON must not be drawn again word for word.
    drawn = sha256_of_bytes(f"{asking.seed}:{slot.type}:{slot.angle}:{slot.passage}:{open_slot.attempt}".encode())
    return Request(
        messages=(("user", prompt),),
        max_tokens=config.max_tokens,
        temperature=config.temperature,
        top_p=config.top_p,
        seed=int(drawn[:8], 16) // 2,
        schema=PairReply.model_json_schema(),
    )


def _taken(asked: Sequence[OpenSlot], replies: Sequence[Reply], asking: _Asking) -> list[QAPair | None]:
    """Return the pair of each slot, or None where the reply is refused; the order of the slots decides who is first."""
    spec, making = asking.spec, asking.making
    examined = [
        examine(reply, open_slot.slot, asking.chunks[open_slot.slot.chunk_id], spec.config.gate)
        for open_slot, reply in zip(asked, replies, strict=True)
    ]
    proposed = [index for index, found in enumerate(examined) if isinstance(found, Proposal)]
    earlier = [pair.question for pair in (*making.pairs, *making.pool)]
    new = [examined[index].question for index in proposed]
    for index, reason in repeated(earlier, new, spec.config.generate.question_similarity_limit).items():
        examined[proposed[index]] = Refusal(reason, new[index])
    taken: list[QAPair | None] = []
    for open_slot, found, reply in zip(asked, examined, replies, strict=True):
        if isinstance(found, Proposal):
            making.used.add(open_slot.slot)
            taken.append(_pair(open_slot.slot, found, reply, spec))
        else:
            open_slot.refused.append(found)
            making.rejected.append(_rejected(open_slot, found, reply))
            taken.append(None)
    return taken


def _pair(slot: Slot, proposal: Proposal, reply: Reply, spec: RunSpec) -> QAPair:
    return QAPair(
        qa_id=f"{slot.type}-{sha256_of_bytes(f'{reply.request_sha256}:{proposal.question}'.encode())[:16]}",
        type=slot.type,
        question=proposal.question,
        answer=proposal.answer,
        chunk_id=slot.chunk_id,
        evidence=proposal.evidence,
        model=spec.config.endpoints.generator.model,
        prompt_sha256=prompt_sha256(spec.prompts, slot.type),
        request_sha256=reply.request_sha256,
    )


def _rejected(open_slot: OpenSlot, refusal: Refusal, reply: Reply) -> RejectedPair:
    return RejectedPair(
        chunk_id=open_slot.slot.chunk_id,
        type=open_slot.slot.type,
        attempt=open_slot.attempt,
        reason=refusal.reason,
        raw=reply.text,
        request_sha256=reply.request_sha256,
    )


def _sorted(pairs: Sequence[QAPair], chunks: Sequence[Chunk]) -> list[QAPair]:
    """In the order of the corpus, so that two datasets can be compared by eye."""
    place = {chunk.chunk_id: index for index, chunk in enumerate(chunks)}
    return sorted(pairs, key=lambda pair: (place[pair.chunk_id], QA_TYPES.index(pair.type), pair.qa_id))


def _counts(making: Making, chunks: Sequence[Chunk]) -> dict[str, float | int | str]:
    pairs, pool = Counter(p.type for p in making.pairs), Counter(p.type for p in making.pool)
    reasons = Counter(rejected.reason for rejected in making.rejected)
    to_cover = askable(chunks)
    covered = {pair.chunk_id for pair in making.pairs if pair.type != "negative"} & to_cover
    return {
        **{qa_type: pairs[qa_type] for qa_type in QA_TYPES},
        **{f"pool_{qa_type}": pool[qa_type] for qa_type in QA_TYPES},
        "rejected": len(making.rejected),
        **{f"rejected_{reason}": count for reason, count in sorted(reasons.items())},
        "chunks_covered": len(covered),
        "chunks_to_cover": len(to_cover),
        "rounds": making.rounds,
    }


def _shortage(making: Making) -> str:
    reasons = Counter(rejected.reason for rejected in making.rejected).most_common(_REASONS_TOLD)
    missing = ", ".join(f"{name} is short by {count}" for name, count in making.short.items())
    why = ", ".join(f"{reason} {count}" for reason, count in reasons) or "the plan has too few passages"
    return (
        f"generate: {missing}; commonest reasons: {why}; see qa_rejected.jsonl, lower generate.quota or "
        "generate.evaluation_pool, or add regulations."
    )


def _unreachable(endpoint: Endpoint, reply: Reply) -> str:
    urls = ", ".join(endpoint.config.base_urls)
    return f"{urls}: no reply to any request ({reply.text}); check the server, then run generate again."

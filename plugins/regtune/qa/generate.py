"""generate: chunks to question-answer pairs, as many of each type as the quota says.

In: chunks.jsonl; previous/ of the run before, where there is one. Out: qa_pairs.jsonl, evaluation_pool.jsonl (the same
way under its own seed, sharing no question), qa_rejected.jsonl (every reply that was not taken, raw, with its reason).
Rows of the run before stay as far as earlier_rows.py says. The plan says what else is asked; filling.py decides what is
taken. Every reply is in the journal before it counts, so a run that was killed goes on where it was.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from regtune.artifacts import read_jsonl, sha256_of_json, write_jsonl
from regtune.config import Quota
from regtune.contracts import QA_TYPES, Chunk, QAPair, RejectedPair, RunSpec, StageResult
from regtune.errors import PrerequisiteMissingError, QuotaShortError, UnusableInputError
from regtune.ledger import Ledger
from regtune.llm import Endpoint, cancelled
from regtune.progress import Progress
from regtune.prompts import prompt_sha256
from regtune.qa.acceptance import Proposal, Refusal, examine
from regtune.qa.asking import check_prompts, request_for
from regtune.qa.dataset_counts import counts_of
from regtune.qa.earlier_rows import EarlierRows, earlier_rows, novelty_of, slot_name, slot_of
from regtune.qa.filled import Filled, Refused, Taken
from regtune.qa.filling import Filling
from regtune.qa.plan import Slot, askable, make_plan
from regtune.qa.shortage import Shortage, told, told_of_unasked
from regtune.qa.stream import Ask, Outcome

_log = logging.getLogger(__name__)
_SLOTS_AHEAD = 4
"""Slots that are asked ahead, for each request that may be under way at a time."""


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Fill the quota and the evaluation pool.

    Raises:
        QuotaShortError: the plan ended before a quota was full; qa_rejected.jsonl is written all the same.
        PrerequisiteMissingError: the endpoint does not answer, refuses the key or lacks the model; or the plan ended
            and some requests had no reply, which another try may bring.
        UnusableInputError: there is no chunk to ask about.
        ConfigurationError: a prompt is missing, or lacks a variable.
    """
    check_prompts(spec.prompts)
    chunks = read_jsonl(run_dir / "chunks.jsonl", Chunk)
    to_cover = len(askable(chunks))
    if not to_cover:
        raise UnusableInputError(f"{run_dir / 'chunks.jsonl'}: no chunk holds anything to ask about.")
    if unasked := told_of_unasked(to_cover, spec.config.generate.quota):
        _log.warning(unasked)
    earlier = earlier_rows(run_dir, chunks, spec)
    making = Making(chunks, spec, run_dir / spec.config.endpoints.cache_dir, *earlier)
    asyncio.run(making.make())
    write_jsonl(run_dir / "qa_rejected.jsonl", making.rejected())
    if making.short:
        unanswered = any("endpoint_error" in short.reasons for short in making.short)
        raise (PrerequisiteMissingError if unanswered else QuotaShortError)(told(making.short))
    write_jsonl(run_dir / "qa_pairs.jsonl", making.pairs(0, making.pool_from))
    write_jsonl(run_dir / "evaluation_pool.jsonl", making.pairs(making.pool_from, len(making.filled.taken)))
    counts = counts_of(making.filled, making.pool_from, askable(chunks), making.ledger, spec.config.generate)
    return StageResult(counts=counts, tokens=making.ledger.as_counts())


@dataclass
class Making:
    """One run of generate: what it works on and what it has made so far."""

    chunks: Sequence[Chunk]
    spec: RunSpec
    cache_dir: Path
    earlier_pairs: EarlierRows = field(default_factory=EarlierRows)
    earlier_pool: EarlierRows = field(default_factory=EarlierRows)
    ledger: Ledger = field(init=False)
    filled: Filled = field(init=False)
    pool_from: int = 0
    """Index in filled.taken of the pool's first pair."""
    short: list[Shortage] = field(default_factory=list)
    """The types that could not be filled."""

    def __post_init__(self) -> None:
        """Index the chunks; the endpoint sends nothing yet."""
        endpoints = self.spec.config.endpoints
        # The recipe of a run on plain files does not name its chunks.
        asked_about = [(chunk.chunk_id, chunk.text_sha256) for chunk in self.chunks]
        self.ledger = Ledger(run=sha256_of_json({"recipe": self.spec.spec_sha256, "chunks": asked_about}))
        self._texts = {chunk.chunk_id: chunk.text for chunk in self.chunks}
        stay = [*self.earlier_pairs.stay, *self.earlier_pool.stay]
        self.filled = Filled(novelty_of(stay, self._texts))
        self._by_id = {chunk.chunk_id: chunk for chunk in self.chunks}
        self._places = {chunk.chunk_id: place for place, chunk in enumerate(self.chunks)}
        self._endpoint = Endpoint(endpoints.generator, self.cache_dir, self.ledger, endpoints.pacing)
        self._kept_pairs, self._kept_pool = map(self._kept, (self.earlier_pairs.stay, self.earlier_pool.stay))

    def _kept(self, rows: Sequence[QAPair]) -> list[Taken]:
        slots = (slot_of(row, self._by_id[row.chunk_id]) for row in rows)
        return [Taken(slot, 1, row.request_sha256, row.qa_id, row) for slot, row in zip(slots, rows, strict=True)]

    async def make(self) -> None:
        """Make the pairs, then the pool; stops after the pairs when they fall short."""
        config = self.spec.config
        try:
            self.filled.barred = novelty_of(self.earlier_pool.gone, self._texts)
            await self._fill(config.generate.quota, config.seed, "quota", self._kept_pairs)
            self.pool_from = len(self.filled.taken)
            if not self.short:  # a seed of its own: the pool is no continuation of the pairs
                self.filled.barred = novelty_of(self.earlier_pairs.gone, self._texts)
                pool = config.generate.evaluation_pool
                await self._fill(pool, config.seed + 1, "evaluation_pool", self._kept_pool)
        finally:
            await self._endpoint.close()

    def pairs(self, start: int, end: int) -> Iterator[QAPair]:
        """Pairs in the order of the corpus, so that two datasets can be compared by eye; read back from the journal."""
        taken = sorted(
            self.filled.taken[start:end],
            key=lambda t: (self._places[t.slot.chunk_id], QA_TYPES.index(t.slot.type), t.qa_id),
        )
        return map(self._pair, taken)

    def rejected(self) -> Iterator[RejectedPair]:
        """Every attempt that was not taken, in the order of the decisions."""
        return (self._rejected(refused) for refused in self.filled.refused)

    async def _fill(self, quota: Quota, seed: int, setting: str, kept: Sequence[Taken]) -> None:
        config, refused_before = self.spec.config, len(self.filled.refused)
        used = {taken.slot for taken in (*self.filled.taken, *self._kept_pairs, *self._kept_pool)}
        filled, in_vain = [taken.slot for taken in kept], self.earlier_pairs.in_vain
        left: dict[str, int] = {name: quota.of(name) - sum(slot.type == name for slot in filled) for name in QA_TYPES}
        plan = make_plan(self.chunks, Quota(**left), seed, used, filled, in_vain)
        most = config.endpoints.generator.concurrency * len(config.endpoints.generator.base_urls)
        attempts = config.generate.attempts_per_question
        filling = Filling(plan, quota, self.filled, self._asking(seed), attempts, _SLOTS_AHEAD * most, kept)
        name = "generate" if setting == "quota" else f"generate {setting}"
        progress = Progress(name, left)
        telling = asyncio.create_task(self._tell(progress))
        try:
            await filling.run(lambda qa_type: progress.advance(part=qa_type))
        finally:
            await cancelled([telling])
        refused = self.filled.refused[refused_before:]
        self.short += [
            Shortage(
                setting=setting,
                type=qa_type,
                missing=missing,
                quota=quota.of(qa_type),
                planned=len(plan[qa_type]),
                reasons=Counter(each.reason for each in refused if each.slot.type == qa_type),
                without_twin=filling.without_twin if qa_type == "negative" else 0,
            )
            for qa_type, missing in filling.missing.items()
            if missing
        ]

    async def _tell(self, progress: Progress) -> None:
        """Keep progress going while replies are under way, with the speed of the last seconds."""
        before, then = self._tokens_now(), time.monotonic()
        while True:
            await asyncio.sleep(1)
            now = time.monotonic()
            speed = (self._tokens_now() - before) / (now - then)
            pace = f"{speed:.0f} tokens/s, {self._endpoint.limit} at a time"
            progress.tick(", ".join(filter(None, (pace, self._endpoint.trouble))))
            if now - then > 10:  # noqa: PLR2004 - seconds that the speed is taken over
                before, then = self._tokens_now(), now

    def _tokens_now(self) -> int:
        """Completion tokens that this process had from the servers."""
        return self.ledger.completion_tokens - self.ledger.earlier_tokens

    def _asking(self, seed: int) -> Ask:
        limits = self.spec.config.gate

        async def ask(slot: Slot, twin: str, told: Sequence[Refusal]) -> Outcome:
            chunk = self._by_id[slot.chunk_id]
            reply = await self._endpoint.ask(request_for(slot, chunk, twin, told, self.spec, seed))
            if reply.finish_reason == "error" and self._endpoint.gave_up:
                raise PrerequisiteMissingError(_unreachable(self._endpoint, reply.text))
            raw = reply.text if reply.finish_reason == "error" else None
            return Outcome(examine(reply, slot, chunk, limits), reply.request_sha256, raw)

        return ask

    def _pair(self, taken: Taken) -> QAPair:
        if taken.row is not None:
            return taken.row
        slot = taken.slot
        reply = self._endpoint.recalled(taken.request_sha256)
        found = examine(reply, slot, self._by_id[slot.chunk_id], self.spec.config.gate)
        assert isinstance(found, Proposal)
        return QAPair(
            qa_id=taken.qa_id,
            type=slot.type,
            question=found.question,
            answer=found.answer,
            chunk_id=slot.chunk_id,
            evidence=found.evidence,
            model=self.spec.config.endpoints.generator.model,
            prompt_sha256=prompt_sha256(self.spec.prompts, slot.type),
            request_sha256=taken.request_sha256,
            slot=slot_name(slot),
        )

    def _rejected(self, refused: Refused) -> RejectedPair:
        raw = refused.raw if refused.raw is not None else self._endpoint.recalled(refused.request_sha256).text
        return RejectedPair(
            chunk_id=refused.slot.chunk_id,
            type=refused.slot.type,
            attempt=refused.attempt,
            reason=refused.reason,
            raw=raw,
            request_sha256=refused.request_sha256,
        )


def _unreachable(endpoint: Endpoint, error: str) -> str:
    urls = ", ".join(endpoint.config.base_urls)
    return f"{urls}: no reply ({error}); check the server, then run generate again: what was answered is kept."

"""Answers of the systems compared: models held by transformers here, and the reference model behind an endpoint.

In: questions with their articles, a loaded model or an endpoint. Out: one Answer a question, in the order of the
questions; a question without an answer is a row with the reason. Greedy, thinking off, ended by the end token or
benchmark.max_new_tokens. Answers of local models are journalled as they come, so that a run started again asks for
none twice; those of an endpoint are in its cache.
"""

import logging
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regtune.artifacts import sha256_of_json
from regtune.benchmark.journal import Journal
from regtune.benchmark.metrics import SYSTEM_TITLES, SystemName
from regtune.benchmark.rows import Answer
from regtune.benchmark_config import BenchmarkConfig
from regtune.chat import Messages, question_messages, rendered_prompt
from regtune.contracts import Chunk, QAPair
from regtune.errors import PrerequisiteMissingError
from regtune.failures import one_line
from regtune.llm import Endpoint
from regtune.progress import Progress
from regtune.replies import Reply, Request

_log = logging.getLogger(__name__)
_LONGEST_TOKEN = 20
"""Characters: an endpoint's answer beyond so many for each token it was allowed is cut; some keep no limit."""
REQUIRED: tuple[SystemName, ...] = ("base", "tuned")
"""Without an answer of theirs there is nothing to report; another system that is broken is reported as such."""
_THINKING = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)


@dataclass(frozen=True)
class Asked:
    """One row of the evaluation."""

    question: QAPair
    chunk: Chunk
    """The article that the question was made from."""
    in_test: bool
    """False: of the evaluation pool."""
    article_seen: bool
    """Some training row is about the same article."""
    article_revised: bool | None = None
    """The article is new or was changed since the last accepted run; null where no run is known before this one."""

    @property
    def article(self) -> str:
        """The cluster of the row: chunks of one article belong together."""
        return f"{self.chunk.regulation_id}:{self.chunk.article}"


@dataclass(frozen=True)
class Generated:
    """What a local model wrote for one prompt."""

    text: str
    tokens: int
    truncated: bool


@dataclass(frozen=True)
class LocalModel:
    """A model and its tokenizer, as regtune.tuning.models loads them."""

    model: Any
    tokenizer: Any

    def prompt(self, messages: Messages) -> str:
        """Text of the conversation up to the assistant's turn."""
        return rendered_prompt(self.tokenizer, messages)

    def generate(self, prompts: Sequence[str], max_new_tokens: int, streamer: object = None) -> list[Generated]:
        """Answer prompts in one batch, padded on the left, greedily.

        Args:
            prompts: as `prompt` renders them.
            max_new_tokens: of each answer.
            streamer: of transformers; for one prompt only.
        """
        import torch

        encoded = self.tokenizer(
            list(prompts), return_tensors="pt", padding=True, padding_side="left", add_special_tokens=False
        ).to(self.model.device)
        stops = self._stops()
        with torch.inference_mode():
            output = self.model.generate(
                **encoded,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                max_new_tokens=max_new_tokens,
                eos_token_id=stops,
                pad_token_id=self.tokenizer.pad_token_id,
                streamer=streamer,
            )
        return [self._read(row, stops) for row in output[:, encoded["input_ids"].shape[1] :].tolist()]

    def _stops(self) -> list[int]:
        configured = self.model.generation_config.eos_token_id
        listed = configured if isinstance(configured, list) else [configured]
        return sorted({token for token in (*listed, self.tokenizer.eos_token_id) if token is not None})

    def _read(self, tokens: list[int], stops: Sequence[int]) -> Generated:
        end = next((i for i, token in enumerate(tokens) if token in stops), None)
        text = self.tokenizer.decode(tokens[:end], skip_special_tokens=True).strip()
        return Generated(text, len(tokens) if end is None else end + 1, truncated=end is None)


def messages_for(system: SystemName, asked: Asked, prompts: Mapping[str, str], context: str) -> Messages:
    """Return what a system is told: all the same, but for the open book; with context `article` all have it."""
    article = asked.chunk.text if system == "base_open_book" or context == "article" else None
    return question_messages(dict(prompts), asked.question.question, article)


def answer_locally(
    system: SystemName,
    local: LocalModel,
    identity: Sequence[str],
    asked: Mapping[str, str],
    config: BenchmarkConfig,
    journal: Journal,
) -> list[Answer]:
    """Let a local model answer.

    Args:
        system: under which name.
        local: the model.
        identity: what tells this model from others, for the journal: base model, hash of the adapter.
        asked: qa_id -> prompt. Batches are cut from them by length, longest first, so that a batch too large for
            the memory fails at once, and so that a run started again makes the same batches.
        config: of the benchmark.
        journal: of this run.

    Returns:
        One answer a prompt, in their order.
    """
    order = sorted(asked, key=lambda qa_id: (-len(asked[qa_id]), qa_id))
    keys = {
        qa_id: sha256_of_json([system, *identity, qa_id, prompt, config.max_new_tokens])
        for qa_id, prompt in asked.items()
    }
    answers: dict[str, Answer] = {}
    progress = Progress(f"answers of {system}", len(order))
    for start in range(0, len(order), config.batch_size):
        batch = order[start : start + config.batch_size]
        kept = {qa_id: journal.get(keys[qa_id]) for qa_id in batch}
        fresh = [qa_id for qa_id in batch if kept[qa_id] is None]
        if fresh:
            made = _answer_batch(system, local, {qa_id: asked[qa_id] for qa_id in batch}, config.max_new_tokens)
            journal.add({keys[qa_id]: answer for qa_id, answer in made.items() if answer.failure is None})
            answers.update(made)
        else:
            answers.update({qa_id: answer for qa_id, answer in kept.items() if answer is not None})
        progress.advance(len(batch))
    return _answered(system, [answers[qa_id] for qa_id in asked], "see the log; lower benchmark.batch_size")


def _answer_batch(
    system: SystemName, local: LocalModel, prompts: Mapping[str, str], max_new_tokens: int
) -> dict[str, Answer]:
    """One batch; when it fails (out of memory, above all), its rows one by one."""
    started = time.monotonic()
    try:
        made = local.generate(list(prompts.values()), max_new_tokens)
    except RuntimeError as error:
        if len(prompts) == 1:
            (qa_id,) = prompts
            return {qa_id: _failed(system, qa_id, one_line(error))}
        _log.warning("%s: a batch of %d failed (%s); its rows one by one", system, len(prompts), type(error).__name__)
        answers: dict[str, Answer] = {}
        for qa_id, prompt in prompts.items():
            answers |= _answer_batch(system, local, {qa_id: prompt}, max_new_tokens)
        return answers
    seconds = round((time.monotonic() - started) / len(prompts), 4)
    return {
        qa_id: Answer(
            qa_id=qa_id,
            system=system,
            answer=one.text,
            failure=None,
            truncated=one.truncated,
            tokens=one.tokens,
            seconds=seconds,
        )
        for qa_id, one in zip(prompts, made, strict=True)
    }


async def answer_by_endpoint(system: SystemName, endpoint: Endpoint, asked: Mapping[str, Request]) -> list[Answer]:
    """Let the model behind an endpoint answer.

    Raises:
        PrerequisiteMissingError: not one question was answered, by a system of REQUIRED.
    """
    progress = Progress(f"answers of {system}", len(asked))
    try:
        replies = await endpoint.ask_all(list(asked.values()), lambda _index, _reply: progress.advance())
    except PrerequisiteMissingError as error:
        if system in REQUIRED:
            raise
        return _answered(system, [_failed(system, qa_id, str(error)) for qa_id in asked], "")
    answers = [
        _of_reply(system, qa_id, reply, request.max_tokens * _LONGEST_TOKEN)
        for (qa_id, request), reply in zip(asked.items(), replies, strict=True)
    ]
    return _answered(system, answers, f"check endpoints.{system}")


def request_of(messages: Messages, max_tokens: int, seed: int) -> Request:
    """Greedy request for an endpoint."""
    pairs = tuple((message["role"], message["content"]) for message in messages)
    return Request(messages=pairs, max_tokens=max_tokens, temperature=0.0, top_p=1.0, seed=seed)


def _of_reply(system: SystemName, qa_id: str, reply: Reply, longest: int) -> Answer:
    if reply.finish_reason == "error":
        return _failed(system, qa_id, reply.text)
    text = _THINKING.sub("", reply.text).strip()
    if not text:
        return _failed(system, qa_id, f"empty reply ({reply.finish_reason}, {reply.completion_tokens} tokens)")
    return Answer(
        qa_id=qa_id,
        system=system,
        answer=text[:longest],
        failure=None,
        truncated=reply.finish_reason == "length" or len(text) > longest,
        tokens=reply.completion_tokens,
        seconds=round(reply.seconds, 4),
    )


def _failed(system: SystemName, qa_id: str, reason: str) -> Answer:
    return Answer(qa_id=qa_id, system=system, answer="", failure=reason, truncated=False, tokens=0, seconds=0.0)


def _answered(system: SystemName, answers: list[Answer], remedy: str) -> list[Answer]:
    failures = [answer.failure for answer in answers if answer.failure is not None]
    if answers and len(failures) == len(answers):
        message = f"{SYSTEM_TITLES[system]} ({system}): none of {len(answers)} questions was answered ({failures[0]})"
        if system in REQUIRED:
            raise PrerequisiteMissingError(f"{message}; {remedy}.")
        _log.warning("%s; the report goes on without it", message)
    _log.info("answers of %s: %d, of them %d failed", system, len(answers), len(failures))
    return answers

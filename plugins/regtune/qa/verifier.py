"""A second opinion on pairs by the configured endpoint, the article always shown; strict: `partly` is no.

In: cases with the chunk to be shown. Out: each one's verdict (yes | partly | no | unreadable). Off unless
validate.verifier says otherwise; a reply that cannot be read is no verdict and is counted.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regtune.config import PipelineConfig
from regtune.contracts import Chunk, QAPair
from regtune.llm import Endpoint
from regtune.progress import Progress
from regtune.prompts import neutralise, render
from regtune.replies import Reply, Request

_log = logging.getLogger(__name__)
MAX_TOKENS = 256
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"verdict": {"type": "string", "enum": ["yes", "partly", "no"]}, "reason": {"type": "string"}},
    "required": ["verdict", "reason"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Question:
    """One pair with the article that the verifier is shown."""

    pair: QAPair
    chunk: Chunk


def verify(
    questions: Sequence[Question], config: PipelineConfig, prompts: dict[str, str], run_dir: Path
) -> tuple[list[str], dict[str, int]]:
    """Return the verdicts in order, and what the requests cost."""
    endpoint = Endpoint(config.endpoints.generator, (run_dir / config.endpoints.cache_dir).resolve())
    requests = [_request(question, config.seed, prompts) for question in questions]
    replies = asyncio.run(_asked(endpoint, requests))
    return [_verdict(reply) for reply in replies], endpoint.ledger.as_counts()


async def _asked(endpoint: Endpoint, requests: Sequence[Request]) -> list[Reply]:
    progress = Progress("verify", len(requests))
    try:
        return await endpoint.ask_all(requests, lambda _index, _reply: progress.advance())
    finally:
        await endpoint.close()


def _request(question: Question, seed: int, prompts: dict[str, str]) -> Request:
    chunk, pair = question.chunk, question.pair
    content = render(
        prompts,
        "verify",
        path=neutralise(" > ".join((chunk.regulation_title, *chunk.path))),
        article=neutralise(chunk.text),
        question=neutralise(pair.question),
        answer=neutralise(pair.answer),
    )
    return Request((("user", content),), MAX_TOKENS, temperature=0.0, top_p=1.0, seed=seed, schema=_SCHEMA)


def _verdict(reply: Reply) -> str:
    try:
        verdict = json.loads(reply.text)["verdict"]
    except (ValueError, TypeError, KeyError):
        return "unreadable"
    return verdict if verdict in ("yes", "partly", "no") else "unreadable"

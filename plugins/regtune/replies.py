"""What is asked of an endpoint and what came back, as it is compared, journalled and read.

In: messages with their sampling; a completion as untyped as the server; an entry of the journal. Out: Request, Reply.
What a reply means is for the caller to judge.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regtune.artifacts import sha256_of_json
from regtune.failures import Failure, well_formed


@dataclass(frozen=True)
class Request:
    """One chat completion."""

    messages: tuple[tuple[str, str], ...]
    """(role, content) pairs."""
    max_tokens: int
    temperature: float
    top_p: float
    seed: int
    schema: dict[str, Any] | None = None
    """JSON schema that the reply has to fit (no maxLength: it starves vLLM), or None for free text."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    text: str
    finish_reason: str
    """`stop`, `length`, or `error` when no reply could be had (then `text` says why)."""
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    """From sending to the last byte; of the first time when cached."""
    cached: bool
    """It was in the journal."""
    request_sha256: str
    cached_prompt_tokens: int = 0
    """Of prompt_tokens, those that the server had in its prefix cache, where it says so."""


def request_sha256(model: str, request: Request) -> str:
    """Key of the journal: all that shapes the reply. Not the address: a moved server keeps its replies."""
    return sha256_of_json({"model": model, **vars(request)})


def journalled(key: str, entry: Mapping[str, Any]) -> Reply | None:
    """Read an entry of the journal; None: another version wrote it, and it is asked again."""
    try:
        return Reply(**{**entry["reply"], "cached": True, "request_sha256": key})
    except (KeyError, TypeError):
        return None


def read_completion(completion: Any, key: str, seconds: float) -> Reply | Failure:  # noqa: ANN401 - as untyped as the server
    """Read a completion; a body of another shape, which a proxy may send with status 200, is a failure."""
    try:
        choice, usage = completion["choices"][0], completion.get("usage") or {}
        text, finish_reason = choice["message"].get("content") or "", choice.get("finish_reason") or "stop"
        return Reply(
            text=well_formed(text),
            finish_reason=well_formed(finish_reason),
            prompt_tokens=_count(usage.get("prompt_tokens")),
            completion_tokens=_count(usage.get("completion_tokens")),
            seconds=seconds,
            cached=False,
            request_sha256=key,
            cached_prompt_tokens=_count((usage.get("prompt_tokens_details") or {}).get("cached_tokens")),
        )
    except (AttributeError, KeyError, TypeError, IndexError):
        return Failure("bad_body", ValueError("the server's reply is no chat completion"), cause="request")


def _count(tokens: object) -> int:
    """A number of tokens as a server tells it; 0 for what is none."""
    return tokens if isinstance(tokens, int) and tokens > 0 else 0

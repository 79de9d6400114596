"""Requests to an OpenAI-compatible endpoint: journalled, paced, counted, retried.

In: Request (messages, sampling, optional JSON schema). Out: Reply with the text as it came; what it means is for the
caller to judge. A reply is in the journal, on disk, before it is returned, under the sha256 of everything that shaped
it, and is never asked for again. Several addresses are used side by side by load. What a server refuses or breaks off
is sent again: after a pause that it asks for (429, Retry-After), or a growing one.
"""

import asyncio
import itertools
import os
import random
import time
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.artifacts import sha256_of_json
from regtune.config import EndpointConfig, PacingConfig
from regtune.connections import clients
from regtune.errors import PrerequisiteMissingError
from regtune.failures import Failure, failure_of, refuses_for_good
from regtune.journal import Journal
from regtune.pacing import Pace, Servers, Turn

if TYPE_CHECKING:
    import openai

JOURNAL_FILE = "replies.jsonl"
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


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


@dataclass
class Ledger:
    """What the requests of one stage cost; `as_counts` goes into its manifest."""

    run: str = ""
    """On whose account they are. Where it is given, all that the journal has on it counts, so that a run that was
    killed and started again says what it cost as a whole."""
    calls: int = 0
    cached_calls: int = 0
    """Answered on another account before."""
    failed_calls: int = 0
    prompt_tokens: int = 0
    cached_prompt_tokens: int = 0
    completion_tokens: int = 0
    retries: Counter[str] = field(default_factory=Counter)
    """Reason -> how often a request was sent again for it."""
    earlier_tokens: int = 0
    """Of completion_tokens, those of earlier processes."""
    _began: float = field(default_factory=time.time)
    _known: set[bytes] = field(default_factory=set)
    _times: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, reply: Reply, noted: Mapping[str, Any]) -> None:
        """Count one reply.

        Args:
            reply: as it is returned.
            noted: what the journal says beside it: `run`, `at` (seconds since 1970) and `retries`.
        """
        if not reply.cached:
            self._count(reply, noted)
        elif not self.run or noted.get("run") != self.run:
            self.cached_calls += 1

    def recall(self, entry: Mapping[str, Any]) -> None:
        """Count what the journal has on the account of this run, whoever wrote it."""
        of_run = self.run and entry.get("run") == self.run and {"at", "retries"} <= entry.keys()
        if of_run and (reply := _journalled(entry["key"], entry)) is not None:
            self._count(reply, entry)

    def _count(self, reply: Reply, noted: Mapping[str, Any]) -> None:
        if self.run:
            key = bytes.fromhex(reply.request_sha256)
            if key in self._known:  # it was returned, and read in the journal
                return
            self._known.add(key)
        self.calls += 1
        self.failed_calls += reply.finish_reason == "error"
        self.prompt_tokens += reply.prompt_tokens
        self.cached_prompt_tokens += reply.cached_prompt_tokens
        self.completion_tokens += reply.completion_tokens
        self.retries.update(noted["retries"])
        self._times.extend((noted["at"] - reply.seconds, noted["at"]))
        if noted["at"] < self._began:
            self.earlier_tokens += reply.completion_tokens

    def seconds(self) -> float:
        """Seconds in which at least one answered request was under way, over all processes of the run."""
        total = until = 0.0
        for start, end in sorted(zip(self._times[::2], self._times[1::2], strict=True)):
            total += max(0.0, end - max(start, until))
            until = max(until, end)
        return total

    def as_counts(self) -> dict[str, int]:
        """Return the manifest's `tokens`; retries as `retries_<reason>`."""
        counts = {name: value for name, value in vars(self).items() if name.endswith(("calls", "prompt_tokens"))}
        counts["completion_tokens"] = self.completion_tokens
        return counts | {f"retries_{reason}": count for reason, count in sorted(self.retries.items())}


def request_sha256(model: str, request: Request) -> str:
    """Key of the journal: all that shapes the reply. Not the address: a moved server keeps its replies."""
    return sha256_of_json({"model": model, **vars(request)})


class Endpoint:
    """A configured endpoint with its clients, its journal and its ledger, for one event loop; `close` it at the end."""

    def __init__(
        self, config: EndpointConfig, cache_dir: Path, ledger: Ledger | None = None, pacing: PacingConfig | None = None
    ) -> None:
        """Nothing is sent or opened yet.

        Args:
            config: where, which model, how many at a time at most.
            cache_dir: folder of the journal.
            ledger: to count in; a new one by default.
            pacing: how the number of requests at a time is found and how long a server that is gone is waited for;
                None: always config.concurrency, and no longer than config.max_retries take.
        """
        self.config = config
        self.ledger = ledger or Ledger()
        self.gave_up = False
        """A request found the server gone for longer than pacing.outage_seconds."""
        self._journal = Journal(cache_dir / JOURNAL_FILE, self.ledger.recall)
        start = pacing.start if pacing else config.concurrency
        self._servers = Servers([Pace(start, config.concurrency) for _ in config.base_urls])
        self._outage_seconds = pacing.outage_seconds if pacing else 0.0
        self._last_reply = 0.0
        self._refused: PrerequisiteMissingError | None = None
        self._clients: list[itertools.cycle[openai.AsyncOpenAI]] = []
        self._opened: list[openai.AsyncOpenAI] = []

    @property
    def limit(self) -> int:
        """Requests that are sent at a time at present, over all addresses."""
        return self._servers.limit

    async def ask(self, request: Request) -> Reply:
        """Return the reply, from the journal when it was answered before.

        A request that fails for good comes back with finish_reason `error` (and is not journalled).

        Raises:
            PrerequisiteMissingError: the endpoint refuses the key or does not know the model; asking on is no use.
        """
        key = request_sha256(self.config.model, request)
        entry = self._journal.find(key)
        reply = _journalled(key, entry) if entry is not None else None
        if reply is None or entry is None:
            reply, entry = await self._answered(key, request)
        self.ledger.add(reply, entry)
        return reply

    async def ask_all(
        self, requests: Sequence[Request], on_reply: Callable[[int, Reply], None] | None = None
    ) -> list[Reply]:
        """Ask all of them, as many at a time as the pacing allows; replies in the order of the requests.

        Args:
            requests: any number that fits into memory.
            on_reply: called with (index, reply) as each one arrives, for progress.
        """

        async def one(index: int, request: Request) -> Reply:
            reply = await self.ask(request)
            if on_reply is not None:
                on_reply(index, reply)
            return reply

        tasks = [asyncio.create_task(one(index, request)) for index, request in enumerate(requests)]
        try:
            return list(await asyncio.gather(*tasks))
        except BaseException:
            await cancelled(tasks)
            raise

    def recalled(self, key: str) -> Reply:
        """Return a reply that was had before, by the hash of its request.

        Raises:
            KeyError: the journal was deleted while it was in use.
        """
        entry = self._journal.find(key)
        reply = _journalled(key, entry) if entry is not None else None
        if reply is None:
            raise KeyError(key)
        return reply

    async def close(self) -> None:
        """Close the connections, and count what was journalled last."""
        self._journal.catch_up()
        for client in self._opened:
            await client.close()
        self._clients.clear()
        self._opened.clear()

    async def _answered(self, key: str, request: Request) -> tuple[Reply, dict[str, Any]]:
        """Send until there is an answer, and keep it; returns it with what the journal notes."""
        began = time.monotonic()
        tries = 0
        retries: Counter[str] = Counter()
        while True:
            turn = await self._servers.turn()
            tries += 1
            sent = time.monotonic()
            try:
                outcome = await self._sent(turn, key, request)
            except BaseException:
                self._servers.withdrawn(turn)
                raise
            if isinstance(outcome, Reply):
                self._last_reply = time.monotonic()
                noted = {"run": self.ledger.run, "at": time.time(), "retries": dict(retries)}
                kept = {name: value for name, value in vars(outcome).items() if name != "cached"}
                await self._journal.add(key, {"reply": kept, **noted})
                self._servers.replied(turn, outcome.completion_tokens)
                return outcome, noted
            self._put_off(turn, outcome)
            out_for = time.monotonic() - max(began, self._last_reply)
            of_server = outcome.cause == "gone" or outcome.reason == "rate_limit"
            patient = of_server and out_for < self._outage_seconds
            if outcome.hopeless or (tries > self.config.max_retries and not patient):
                self.gave_up = self.gave_up or of_server
                text = one_line(outcome.error)
                seconds = time.monotonic() - sent
                reply = Reply(text, "error", 0, 0, seconds, cached=False, request_sha256=key)
                return reply, {"at": time.time(), "retries": retries}
            retries[outcome.reason] += 1

    def _put_off(self, turn: Turn, failure: Failure) -> None:
        """Give the turn back; the server gets nothing for as long as it asked for, else for a growing pause."""
        failures = self._servers.paces[turn.server].failures
        growing = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(failures, 10))
        pause = growing * random.uniform(0.5, 1.0) if failure.retry_after is None else failure.retry_after  # noqa: S311
        self._servers.failed(turn, failure.cause, 0.0 if failure.cause == "request" else pause)

    async def _sent(self, turn: Turn, key: str, request: Request) -> Reply | Failure:
        import openai

        if self._refused is not None:
            raise self._refused
        body: dict[str, Any] = {
            "model": self.config.model,
            "messages": [{"role": role, "content": content} for role, content in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "seed": request.seed,
        }
        if request.schema is not None:
            schema = {"name": "reply", "schema": request.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        client = self._client(turn.server)
        started = time.monotonic()
        try:  # what chat.completions.create posts, without its walk through all parameters, which takes 1 ms
            posted = client.post("/chat/completions", body=body, cast_to=object)
            # The client's own timeout is of each read: a body that trickles in would never end.
            completion = await asyncio.wait_for(posted, self.config.timeout_seconds)
        except asyncio.TimeoutError:
            return Failure("timeout", TimeoutError(f"no reply within {self.config.timeout_seconds:g} s"), cause="slow")
        except (openai.OpenAIError, ValueError, RecursionError) as error:  # the last two: of a body that is no JSON
            if refuses_for_good(error):
                message = f"endpoint {client.base_url} with model {self.config.model}: {one_line(error)}"
                self._refused = PrerequisiteMissingError(f"{message}; check endpoints.*.model and api_key_env.")
                raise self._refused from error
            return failure_of(error)
        return _read(completion, key, time.monotonic() - started)

    def _client(self, server: int) -> "openai.AsyncOpenAI":
        if not self._clients:
            key = api_key(self.config)
            for url in self.config.base_urls:
                several = clients(url, key, self.config.timeout_seconds, self.config.concurrency)
                self._opened += several
                self._clients.append(itertools.cycle(several))
        return next(self._clients[server])


async def cancelled(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    """End tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _journalled(key: str, entry: Mapping[str, Any]) -> Reply | None:
    try:
        return Reply(**{**entry["reply"], "cached": True, "request_sha256": key})
    except (KeyError, TypeError):
        return None  # written by another version: asked again


def _read(completion: Any, key: str, seconds: float) -> Reply | Failure:  # noqa: ANN401 - as untyped as the server
    """Read a completion; a body of another shape, which a proxy may send with status 200, is a failure."""
    try:
        choice, usage = completion["choices"][0], completion.get("usage") or {}
        text, finish_reason = choice["message"].get("content") or "", choice.get("finish_reason") or "stop"
        return Reply(
            text=_well_formed(text),
            finish_reason=_well_formed(finish_reason),
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


def _well_formed(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can carry and no file can."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def api_key(config: EndpointConfig) -> str:
    """Read the key from the environment.

    Raises:
        PrerequisiteMissingError: the variable is named but not set.
    """
    if config.api_key_env is None:
        return "none"
    try:
        return os.environ[config.api_key_env]
    except KeyError as error:
        message = f"{config.api_key_env} is not set; put it into the host's env file (hosts.*.env_file)."
        raise PrerequisiteMissingError(message) from error


def one_line(error: BaseException) -> str:
    """Return the first 300 characters of an error on one line."""
    return _well_formed(f"{type(error).__name__}: {' '.join(str(error).split())}"[:300])

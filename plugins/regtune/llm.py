"""Requests to an OpenAI-compatible endpoint: journalled, paced, counted, retried.

In: Request (messages, sampling, optional JSON schema). Out: Reply with the text as it came; what it means is for the
caller to judge. A reply is written into the journal as soon as it is read, and is on disk before it is returned, under
the sha256 of everything that shaped it; from then on it is not asked for again. What the server had sent and a killed
process had not read yet is: no client can close that gap. Several addresses are used side by side by load. What is
refused or broken off is sent again: after a pause that the server asks for (429, Retry-After), or a growing one;
meanwhile the others go on.
"""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.config import EndpointConfig, PacingConfig
from regtune.connections import api_key, clients
from regtune.errors import PrerequisiteMissingError
from regtune.failures import Failure, failure_of, one_line, refuses_for_good
from regtune.journal import Journal
from regtune.ledger import Ledger
from regtune.pace import Pace
from regtune.pace_facts import Turn
from regtune.pacing import Servers
from regtune.replies import Reply, Request, journalled, read_completion, request_sha256

if TYPE_CHECKING:
    import openai

JOURNAL_FILE = "replies.jsonl"
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0
_SEVERAL_REQUESTS = 4
"""A server that fails at so many different ones fails at all; at fewer, they may be what it cannot answer."""


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
                None: config.concurrency, less what it refuses, and no longer than config.max_retries take.
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
        self._erring: set[str] = set()
        """Requests at which a server failed since the last reply."""
        self._trouble: tuple[float, str] | None = None
        self._refused = ""
        """Why the server refuses every request."""
        self._clients: list[itertools.cycle[openai.AsyncOpenAI]] = []
        self._opened: list[openai.AsyncOpenAI] = []

    @property
    def limit(self) -> int:
        """Requests that are sent at a time at present, over all addresses."""
        return self._servers.limit

    @property
    def trouble(self) -> str:
        """Since when no server has answered, and what the last one said; empty while one answers."""
        if self._trouble is None:
            return ""
        since, reason = self._trouble
        return f"no reply for {time.monotonic() - since:.0f} s ({reason})"

    async def ask(self, request: Request) -> Reply:
        """Return the reply, from the journal when it was answered before.

        A request that fails for good comes back with finish_reason `error` (and is not journalled).

        Raises:
            PrerequisiteMissingError: the endpoint refuses the key or does not know the model; asking on is no use.
        """
        key = request_sha256(self.config.model, request)
        entry = self._journal.find(key)
        reply = journalled(key, entry) if entry is not None else None
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
        reply = journalled(key, entry) if entry is not None else None
        if reply is None:
            raise KeyError(key)
        return reply

    async def close(self) -> None:
        """Close the connections, and count what was journalled last."""
        self._journal.catch_up()
        self._journal.close()
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
            turn = await self._servers.turn(again=tries > 0)
            tries += 1
            sent = time.monotonic()
            try:
                outcome = await self._sent(turn, key, request)
            except BaseException:
                self._servers.withdrawn(turn)
                raise
            if isinstance(outcome, Reply):
                self._last_reply, self._trouble = time.monotonic(), None
                self._erring.clear()
                noted = {"run": self.ledger.run, "at": time.time(), "retries": dict(retries)}
                kept = {name: value for name, value in vars(outcome).items() if name != "cached"}
                await self._journal.add(key, {"reply": kept, **noted})
                self._servers.replied(turn, outcome.completion_tokens)
                return outcome, noted
            pause = self._put_off(turn, outcome, tries)
            out_for = time.monotonic() - max(began, self._last_reply)
            of_server = self._is_of_server(key, outcome)
            if outcome.cause != "request":
                self._trouble = (self._trouble or (sent, ""))[0], outcome.reason
            patient = of_server and out_for < self._outage_seconds
            if outcome.hopeless or (tries > self.config.max_retries and not patient):
                self.gave_up = self.gave_up or of_server
                text = one_line(outcome.error)
                seconds = time.monotonic() - sent
                reply = Reply(text, "error", 0, 0, seconds, cached=False, request_sha256=key)
                return reply, {"at": time.time(), "retries": retries}
            retries[outcome.reason] += 1
            if outcome.cause in ("overload", "error"):  # this one waits, the others go on
                await asyncio.sleep(pause)

    def _is_of_server(self, key: str, failure: Failure) -> bool:
        """Whether it may pass with time: the server is gone or refuses, or fails at whatever it is asked."""
        if failure.cause == "error":
            self._erring.add(key)
        several = len(self._erring) >= _SEVERAL_REQUESTS
        return failure.cause in ("gone", "overload") or (failure.cause == "error" and several)

    def _put_off(self, turn: Turn, failure: Failure, tries: int) -> float:
        """Give the turn back; returns the pause in seconds: what the server asked for, else a growing one."""
        in_a_row = max(self._servers.paces[turn.server].failures, tries - 1)
        growing = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(in_a_row, 10))
        pause = growing * random.uniform(0.5, 1.0) if failure.retry_after is None else failure.retry_after  # noqa: S311
        self._servers.failed(turn, failure.cause, 0.0 if failure.cause == "request" else pause)
        return pause

    async def _sent(self, turn: Turn, key: str, request: Request) -> Reply | Failure:
        import openai

        if self._refused:
            raise PrerequisiteMissingError(self._refused)
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
                self._refused = f"{message}; check endpoints.*.model and api_key_env."
                raise PrerequisiteMissingError(self._refused) from error
            return failure_of(error)
        return read_completion(completion, key, time.monotonic() - started)

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

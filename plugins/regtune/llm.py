"""Requests to an OpenAI-compatible endpoint: cached by content, counted, a bounded number at a time.

In: Request (messages, sampling, optional JSON schema). Out: Reply with the text as it came; what it means is for the
caller to judge. The openai client does the retries (429 with Retry-After, 5xx, lost connections). A reply is cached
under the sha256 of everything that shaped it, flushed to disk before it is returned, and never asked for again.
"""

import asyncio
import json
import os
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.artifacts import sha256_of_json, write_text
from regtune.config import EndpointConfig
from regtune.errors import PrerequisiteMissingError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_MODELS_TIMEOUT_SECONDS = 10


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
    request_sha256: str


@dataclass
class Ledger:
    """What the requests of one stage cost; `as_counts` goes into its manifest."""

    calls: int = 0
    cached_calls: int = 0
    failed_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def add(self, reply: Reply) -> None:
        """Count one reply."""
        if reply.cached:
            self.cached_calls += 1
            return
        self.calls += 1
        self.failed_calls += reply.finish_reason == "error"
        self.prompt_tokens += reply.prompt_tokens
        self.completion_tokens += reply.completion_tokens

    def as_counts(self) -> dict[str, int]:
        """Return the manifest's `tokens`."""
        return dict(vars(self))


def request_sha256(model: str, request: Request) -> str:
    """Key of the cache: model, messages, sampling, seed, schema. Not the address: a moved server keeps its replies."""
    return sha256_of_json({"model": model, **vars(request)})


@dataclass
class Endpoint:
    """A configured endpoint with its clients, its cache and its ledger, for one event loop; `close` it at the end."""

    config: EndpointConfig
    cache_dir: Path
    ledger: Ledger = field(default_factory=Ledger)
    _clients: "list[AsyncOpenAI]" = field(default_factory=list)
    _sent: int = 0

    async def ask(self, request: Request) -> Reply:
        """Return the reply, from the cache when it was answered before.

        A request that fails for good comes back with finish_reason `error` (and is not cached).

        Raises:
            PrerequisiteMissingError: the endpoint refuses the key or does not know the model; asking on is no use.
        """
        key = request_sha256(self.config.model, request)
        cached = self._read_cache(key)
        reply = cached if cached is not None else await self._send(key, request)
        self.ledger.add(reply)
        return reply

    async def ask_all(
        self, requests: Sequence[Request], on_reply: Callable[[int, Reply], None] | None = None
    ) -> list[Reply]:
        """Ask `config.concurrency` at a time; replies in the order of the requests.

        Args:
            requests: any number.
            on_reply: called with (index, reply) as each one arrives, for progress.
        """
        gate = asyncio.Semaphore(self.config.concurrency)

        async def one(index: int, request: Request) -> Reply:
            async with gate:
                reply = await self.ask(request)
            if on_reply is not None:
                on_reply(index, reply)
            return reply

        tasks = [asyncio.create_task(one(index, request)) for index, request in enumerate(requests)]
        try:
            return list(await asyncio.gather(*tasks))
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            await client.close()
        self._clients.clear()

    def _client(self) -> "AsyncOpenAI":
        from openai import AsyncOpenAI

        if not self._clients:
            key = api_key(self.config)
            self._clients = [
                AsyncOpenAI(
                    base_url=url,
                    api_key=key,
                    timeout=self.config.timeout_seconds,
                    max_retries=self.config.max_retries,
                )
                for url in self.config.base_urls
            ]
        self._sent += 1
        return self._clients[self._sent % len(self._clients)]

    async def _send(self, key: str, request: Request) -> Reply:
        import openai

        options: dict[str, Any] = {}
        if request.schema is not None:
            options["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "reply", "schema": request.schema, "strict": True},
            }
        client = self._client()
        started = time.monotonic()
        try:
            completion = await client.chat.completions.create(
                model=self.config.model,
                messages=[{"role": role, "content": content} for role, content in request.messages],
                max_tokens=request.max_tokens,
                temperature=request.temperature,
                top_p=request.top_p,
                seed=request.seed,
                **options,
            )
        except (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError) as error:
            message = f"endpoint {client.base_url} with model {self.config.model}: {one_line(error)}"
            raise PrerequisiteMissingError(f"{message}; check endpoints.*.model and api_key_env.") from error
        except (openai.OpenAIError, json.JSONDecodeError) as error:
            return Reply(one_line(error), "error", 0, 0, time.monotonic() - started, cached=False, request_sha256=key)
        usage = completion.usage
        choice = completion.choices[0] if completion.choices else None
        reply = Reply(
            text=(choice.message.content or "") if choice else "",
            finish_reason=(choice.finish_reason or "stop") if choice else "stop",
            prompt_tokens=usage.prompt_tokens if usage else 0,
            completion_tokens=usage.completion_tokens if usage else 0,
            seconds=time.monotonic() - started,
            cached=False,
            request_sha256=key,
        )
        self._write_cache(key, reply)
        return reply

    def _cache_file(self, key: str) -> Path:
        return self.cache_dir / key[:2] / f"{key}.json"

    def _read_cache(self, key: str) -> Reply | None:
        try:
            content = json.loads(self._cache_file(key).read_text(encoding="utf-8"))
            return Reply(**{**content, "cached": True})
        except (FileNotFoundError, ValueError, TypeError):
            return None  # absent, or damaged on disk: asked again

    def _write_cache(self, key: str, reply: Reply) -> None:
        write_text(self._cache_file(key), json.dumps(vars(reply), ensure_ascii=False))


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
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


def served_models(base_url: str, key: str) -> list[str]:
    """Ask an OpenAI-compatible server which models it has.

    Raises:
        OSError: it does not answer, or refuses.
        ValueError: what answers is no such server.
    """
    if not base_url.startswith(("http://", "https://")):
        raise ValueError(f"{base_url}: not an http address")
    request = urllib.request.Request(f"{base_url.rstrip('/')}/models", headers={"Authorization": f"Bearer {key}"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=_MODELS_TIMEOUT_SECONDS) as response:  # noqa: S310
        content = json.load(response)
    try:
        return sorted(str(model["id"]) for model in content["data"])
    except (KeyError, TypeError) as error:
        raise ValueError("its list of models has another shape") from error

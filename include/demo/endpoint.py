"""A stand-in for an OpenAI-compatible model server: it answers regtune's requests by extracting, without any model.

    python include/demo/endpoint.py --port 0 --port-file FILE [--model NAME] [--seed N] [--misbehave RULE[=SHARE] ...]

GET /v1/models, POST /v1/chat/completions (also streamed), GET /stats. On loopback only. What it is asked for it tells
from the names in the reply's JSON schema and from the delimiters in the prompt; the same request gets the same reply.
It is no measure of a real model and says so in its model list (`owned_by`). Rules of --misbehave are in faults.py.
"""

import argparse
import hashlib
import json
import math
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from extraction import between, falsified, question_with_answer
from faults import Fault, Faults, spoiled
from judging import free_answer, preference, rating, verdict

OWNER = "regtune stand-in"
_TOKENS_PER_CHARACTER = 0.75
_CACHE_BLOCK = 16
_LARGEST_BODY = 8 << 20


class StandIn(ThreadingHTTPServer):
    """The server with what it counts; `daemon_threads` so that an open connection does not hold its end."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, model: str, faults: Faults) -> None:
        """Bind to loopback; port 0 takes a free one."""
        super().__init__(("127.0.0.1", port), Handler)
        self.model = model
        self.faults = faults
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()
        self._last_prompt = ""

    def shared_with_the_last(self, prompt: str) -> int:
        """Tokens that a prefix cache would have: those that the prompt has in common with the one before, in blocks."""
        with self.lock:
            last, self._last_prompt = self._last_prompt, prompt
        common = next(
            (i for i, (a, b) in enumerate(zip(last, prompt, strict=False)) if a != b), min(len(last), len(prompt))
        )
        return int(common * _TOKENS_PER_CHARACTER) // _CACHE_BLOCK * _CACHE_BLOCK

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base class's
        """Pass over a client that is gone."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def count(self, *names: str) -> None:
        """Add one to each."""
        with self.lock:
            self.counts.update(names)


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open between requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: StandIn

    def do_GET(self) -> None:
        """Answer /v1/models and /stats."""
        if self.path == "/v1/models":
            entry = {"id": self.server.model, "object": "model", "created": 0, "owned_by": OWNER}
            self._reply(200, {"object": "list", "data": [entry]})
        elif self.path in ("/stats", "/health"):
            with self.server.lock:
                self._reply(200, dict(self.server.counts))
        else:
            self._fail(404, "NotFoundError", f"no such path: {self.path}")

    def do_POST(self) -> None:
        """Answer /v1/chat/completions."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, _LARGEST_BODY))
        if self.path != "/v1/chat/completions":
            self._fail(404, "NotFoundError", f"no such path: {self.path}")
            return
        try:
            request: dict[str, Any] = json.loads(body)
            messages = [(str(m["role"]), str(m["content"])) for m in request["messages"]]
        except (ValueError, KeyError, TypeError):
            self._fail(400, "BadRequestError", "the body is no chat completion request")
            return
        if request.get("model") != self.server.model:
            self._fail(404, "NotFoundError", f"The model `{request.get('model')}` does not exist.")
            return
        self._complete(request, messages)

    def _complete(self, request: dict[str, Any], messages: Sequence[tuple[str, str]]) -> None:
        fault = self.server.faults.of(body_key(request))
        if fault is not None:
            self.server.count(f"fault_{fault.name}")
            if self._refused(fault):
                return
        kind, text = completion(request, messages, self.server.faults.seed, fault)
        self.server.count("requests", kind)
        if fault is not None:
            text = spoiled(fault, text)
        limit = int(request.get("max_tokens") or 4096)
        if fault is not None and fault.name == "truncated":
            limit = max(1, tokens(text) // 2)
        finish = "stop"
        if tokens(text) > limit:
            text, finish = text[: int(limit / _TOKENS_PER_CHARACTER)], "length"
        prompt = "".join(content for _, content in messages)
        prompt_tokens = tokens(prompt)
        head = {"id": f"chatcmpl-{body_key(request)[:12]}", "created": 0, "model": self.server.model}
        usage = {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": tokens(text),
            "total_tokens": prompt_tokens + tokens(text),
            "prompt_tokens_details": {"cached_tokens": self.server.shared_with_the_last(prompt)},
        }
        if request.get("stream"):
            counted = bool((request.get("stream_options") or {}).get("include_usage"))
            self._stream(events(head, text, finish, usage if counted else None))
            return
        choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
        self._reply(200, {**head, "object": "chat.completion", "choices": [choice], "usage": usage})

    def _refused(self, fault: Fault) -> bool:
        """Do what a fault of the transport does; False for one of the content."""
        if fault.name == "slow":
            time.sleep(2)
            return False
        if fault.name == "reset":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"id": "chatcmpl')
            self.wfile.flush()
            self.close_connection = True
            return True
        if fault.status is None:
            return False
        headers = {"Retry-After": "1"} if fault.name == "rate_limit" else {}
        self._fail(fault.status, fault.name, f"the stand-in was told to answer {fault.status}", headers)
        return True

    def _fail(self, status: int, kind: str, message: str, headers: dict[str, str] | None = None) -> None:
        self._reply(status, {"error": {"message": message, "type": kind, "code": status}}, headers)

    def _reply(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, content: Iterable[object]) -> None:
        """Server-sent events, each in a chunk of its own."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in (*map(_json, content), "[DONE]"):
            line = f"data: {event}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep quiet: requests are counted, not logged."""


def events(head: dict[str, Any], text: str, finish: str, usage: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """Yield a reply word by word, as a server streams it; its usage last, where that was asked for."""
    head = {**head, "object": "chat.completion.chunk"}
    for word in re.findall(r"\s*\S+|\s+$", text):
        yield {**head, "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    if usage is not None:
        yield {**head, "choices": [], "usage": usage}


def completion(
    request: dict[str, Any], messages: Sequence[tuple[str, str]], seed: int, fault: Fault | None
) -> tuple[str, str]:
    """Return the kind of request and the reply's text."""
    prompt = "\n".join(content for role, content in messages if role != "system")
    schema = ((request.get("response_format") or {}).get("json_schema") or {}).get("schema") or {}
    names = set(schema.get("properties") or {})
    draw = int(body_key({**request, "stand_in_seed": seed})[:12], 16)
    if {"question", "answer", "evidence"} <= names:
        reply = question_with_answer(prompt, draw)
        return "question", _json(falsified(reply) if fault is not None and fault.name == "bad_dataset" else reply)
    if "verdict" in names:
        allowed = schema["properties"]["verdict"].get("enum") or []
        return "verifier", _json(verdict(prompt, [str(choice) for choice in allowed]))
    if {"correctness", "groundedness"} <= names:
        return "rating", _json(rating(prompt))
    if "winner" in names:
        return "pairwise", _json(preference(prompt))
    asked = between(prompt, "질문") or prompt.rpartition("질문:")[2].strip()
    return "free", free_answer(asked, between(prompt, "조문"), between(prompt, "규정"))


def body_key(request: dict[str, Any]) -> str:
    """Hash of a request."""
    return hashlib.sha256(json.dumps(request, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def tokens(text: str) -> int:
    """About as many as a real tokenizer counts for Korean."""
    return math.ceil(len(text) * _TOKENS_PER_CHARACTER)


def _json(reply: object) -> str:
    return json.dumps(reply, ensure_ascii=False)


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="stand-in for an OpenAI-compatible model server, on loopback")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--port-file", type=Path, help="the port is written here once it is bound")
    parser.add_argument("--model", default="regtune-stand-in")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--misbehave", nargs="*", default=[], metavar="RULE[=SHARE]", help="see faults.py")
    arguments = parser.parse_args(argv)
    try:
        faults = Faults.parse(arguments.misbehave, arguments.seed)
    except ValueError as error:
        parser.error(str(error))
    server = StandIn(arguments.port, arguments.model, faults)
    if arguments.port_file is not None:
        part = arguments.port_file.with_suffix(".part")
        part.write_text(f"{server.server_port}\n", encoding="utf-8")
        part.replace(arguments.port_file)
    print(f"stand-in endpoint: http://127.0.0.1:{server.server_port}/v1, model {arguments.model}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()

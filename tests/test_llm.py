"""What llm.py claims, against the stand-in endpoint over real HTTP."""

import asyncio
import contextlib
import http.server
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from email.utils import formatdate
from pathlib import Path

import pytest
from stand_in import pointed_at, stand_in, stats

from regtune.config import PacingConfig, PipelineConfig
from regtune.errors import PrerequisiteMissingError
from regtune.failures import _seconds
from regtune.llm import JOURNAL_FILE, Endpoint
from regtune.replies import Reply, Request

_CHOICE = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "3일"}}
GOOD = json.dumps({"choices": [_CHOICE]}).encode()
PACING = PacingConfig(start=8, outage_seconds=60.0)
TOO_MANY = 429
Scripted = bytes | int | Callable[[], bytes | int]


def request(text: str = "병가는 며칠인가요?", seed: int = 1) -> Request:
    """A free question."""
    return Request(messages=(("user", text),), max_tokens=100, temperature=0.0, top_p=1.0, seed=seed)


def asked(
    folder: Path, config: PipelineConfig, url: str, requests: Sequence[Request], **changes: object
) -> tuple[list[Reply], Endpoint]:
    """Replies, and the endpoint with its ledger."""
    endpoint = Endpoint(pointed_at(config, url, **changes).endpoints.generator, folder / "cache")

    async def ask() -> list[Reply]:
        try:
            return await endpoint.ask_all(requests)
        finally:
            await endpoint.close()

    return asyncio.run(ask()), endpoint


def test_replies_come_in_the_order_of_the_requests(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """However they overlap, reply i answers request i."""
    with stand_in(tmp_path) as url:
        requests = [request(f"<조문>제{n}조(휴가) 휴가는 {n}일로 한다.</조문> 질문: 휴가는?") for n in range(1, 20)]
        replies, _ = asked(tmp_path, demo_config, url, requests)
    assert [f"제{n}조에 따라 휴가는 {n}일로 합니다." for n in range(1, 20)] == [reply.text for reply in replies]


def test_a_server_that_does_not_answer_is_told_until_it_does(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """Since when, and by the reason's name; the log of generate shows it beside its progress."""
    _, endpoint = asked(tmp_path, demo_config, "http://127.0.0.1:9/v1", [request()], max_retries=0)
    assert re.fullmatch(r"no reply for \d+ s \(connection\)", endpoint.trouble)
    with stand_in(tmp_path, "--misbehave", "loading=0.5") as url:
        _, endpoint = asked(tmp_path, demo_config, url, [request(seed=n) for n in range(8)], max_retries=20)
    assert endpoint.ledger.retries["unavailable"]
    assert not endpoint.trouble


def test_what_was_answered_is_not_asked_again(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """The second time the reply comes from the cache, also by another endpoint object and from another address."""
    with stand_in(tmp_path) as url:
        first, _ = asked(tmp_path, demo_config, url, [request()])
        assert stats(url)["requests"] == 1
    again, endpoint = asked(tmp_path, demo_config, "http://127.0.0.1:9/v1", [request()], max_retries=0)
    assert again[0].text == first[0].text
    assert again[0].cached
    assert endpoint.ledger.as_counts()["cached_calls"] == 1
    assert endpoint.ledger.calls == 0


def test_another_seed_is_another_request(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """Everything that shapes a reply is part of its key."""
    with stand_in(tmp_path) as url:
        replies, _ = asked(tmp_path, demo_config, url, [request(seed=1), request(seed=2)])
        assert stats(url)["requests"] == 2
    assert replies[0].request_sha256 != replies[1].request_sha256


def test_a_torn_line_of_the_journal_is_asked_again(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """Half a line on disk is no reply."""
    with stand_in(tmp_path) as url:
        asked(tmp_path, demo_config, url, [request()])
        journal = tmp_path / "cache" / JOURNAL_FILE
        journal.write_bytes(journal.read_bytes()[:-20])
        replies, _ = asked(tmp_path, demo_config, url, [request()])
        assert stats(url)["requests"] == 2
    assert not replies[0].cached


@pytest.mark.parametrize("fault", ["rate_limit", "server_error", "loading", "reset"])
def test_faults_that_pass_are_ridden_out(tmp_path: Path, demo_config: PipelineConfig, fault: str) -> None:
    """429 with Retry-After, 500, 503 and a connection that breaks off are tried again by the client."""
    with stand_in(tmp_path, "--misbehave", f"{fault}=0.3", "--seed", "3") as url:
        replies, _ = asked(tmp_path, demo_config, url, [request(seed=n) for n in range(6)])
        assert stats(url)[f"fault_{fault}"] > 0
    assert {reply.finish_reason for reply in replies} == {"stop"}


def test_a_fault_that_stays_is_a_reply_and_is_not_cached(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """After the retries the reply says `error` and why; nothing is kept."""
    with stand_in(tmp_path, "--misbehave", "server_error") as url:
        replies, endpoint = asked(tmp_path, demo_config, url, [request()], max_retries=0)
    assert replies[0].finish_reason == "error"
    assert "InternalServerError" in replies[0].text
    assert not (tmp_path / "cache" / JOURNAL_FILE).exists()
    assert endpoint.ledger.failed_calls == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"ready"', id="a string"),
        pytest.param(b'{"choices": []}', id="no choice"),
        pytest.param(b'{"choices": [{"message": null}]}', id="no message"),
        pytest.param(b'{"choices": [', id="half of it"),
        pytest.param(b"<html>login</html>", id="a page"),
        pytest.param(b"[" * 100_000, id="brackets without end"),
        pytest.param(b'{"choices": [{"message": {"content": [{"type": "text"}]}}]}', id="parts in place of text"),
    ],
)
def test_a_body_that_is_no_completion_is_asked_again(tmp_path: Path, demo_config: PipelineConfig, body: bytes) -> None:
    """What a proxy sends with status 200 is no reply: the request is sent again, and counted as such."""
    with answering(body, GOOD) as url:
        replies, endpoint = asked(tmp_path, demo_config, url, [request()])
    assert replies[0].text == "3일"
    assert endpoint.ledger.as_counts()["retries_bad_body"] == 1


def test_half_a_surrogate_pair_and_odd_counts_do_not_end_the_run(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """JSON can carry text that no file can hold, and a proxy may count in words: the reply is kept all the same."""
    message = '{"role": "assistant", "content": "3\\ud800일"}'
    usage = '{"prompt_tokens": "many", "completion_tokens": -5}'
    body = f'{{"choices": [{{"index": 0, "finish_reason": "stop", "message": {message}}}], "usage": {usage}}}'
    with answering(body.encode()) as url:
        replies, _ = asked(tmp_path, demo_config, url, [request()])
    assert (replies[0].text, replies[0].prompt_tokens, replies[0].completion_tokens) == ("3?일", 0, 0)


def test_a_body_that_trickles_in_ends_at_the_timeout(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """A blank every now and then is no reply, though every read gets something."""
    with trickling(0.05) as url:
        replies, endpoint = asked(tmp_path, demo_config, url, [request()], timeout_seconds=0.5, max_retries=1)
    assert replies[0].finish_reason == "error"
    assert "no reply within 0.5 s" in replies[0].text
    assert endpoint.ledger.retries["timeout"] == 1


@pytest.mark.parametrize(
    "header", [pytest.param("", id="plain"), pytest.param("Content-Encoding: gzip\r\n", id="compressed")]
)
def test_a_flood_of_garbage_is_cut_off(tmp_path: Path, demo_config: PipelineConfig, header: str) -> None:
    """A body without end ends at its largest size, long before the timeout, and the server is not taken for gone."""
    began = time.monotonic()
    with trickling(0.0, b"x" * (1 << 16), header) as url:
        replies, endpoint = asked(tmp_path, demo_config, url, [request()], timeout_seconds=60.0, max_retries=1)
    assert replies[0].finish_reason == "error"
    assert "OversizedBodyError" in replies[0].text
    assert endpoint.ledger.retries == {"bad_body": 1}
    assert not endpoint.gave_up
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("7", 7.0, id="seconds"),
        pytest.param("3600", 60.0, id="an hour is a minute"),
        pytest.param(formatdate(time.time() + 3600, usegmt=True), 60.0, id="a date"),
        pytest.param("Fri, 31 Dec 1999 23:59:59 GMT", 0.0, id="a date that is past"),
        pytest.param("nan", None, id="no number"),
        pytest.param("soon", None, id="neither"),
        pytest.param(None, None, id="no header"),
    ],
)
def test_retry_after_is_read_in_both_its_forms(header: str | None, seconds: float | None) -> None:
    """HTTP allows a number of seconds or a date."""
    assert _seconds(header) == seconds


def test_a_refused_request_is_not_sent_again_before_retry_after(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """The server says one second: the resend comes no sooner, and meanwhile the others are answered."""
    with answering(429, *[GOOD] * 12) as url:
        arrived: list[float] = []
        endpoint = Endpoint(
            pointed_at(demo_config, url, concurrency=2).endpoints.generator, tmp_path / "cache", pacing=PACING
        )

        async def ask() -> None:
            began = time.monotonic()
            done = await endpoint.ask_all(
                [request(seed=n) for n in range(6)], lambda *_: arrived.append(time.monotonic() - began)
            )
            assert {reply.finish_reason for reply in done} == {"stop"}
            await endpoint.close()

        asyncio.run(ask())
    assert endpoint.ledger.retries == {"rate_limit": 1}
    assert arrived[-1] >= 1.0
    assert arrived[-2] < 0.9


def test_a_spell_of_500s_is_waited_out_with_growing_pauses(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """Three seconds of 500s to 40 requests: every one is answered in the end, and the server is not stormed."""
    sent = []

    def reply() -> int | bytes:
        sent.append(time.monotonic())
        return 500 if sent[-1] - sent[0] < 3 else GOOD

    with answering(*[reply] * 2000) as url:
        endpoint = Endpoint(
            pointed_at(demo_config, url, concurrency=8, max_retries=5).endpoints.generator, tmp_path, pacing=PACING
        )

        async def ask() -> list[Reply]:
            try:
                return await endpoint.ask_all([request(seed=n) for n in range(40)])
            finally:
                await endpoint.close()

        replies = asyncio.run(ask())
    assert {reply.finish_reason for reply in replies} == {"stop"}
    assert sum(at - sent[0] < 3 for at in sent) < 100


@contextlib.contextmanager
def trickling(seconds: float, part: bytes = b" ", header: str = "") -> Iterator[str]:
    """Serve a body of one part every so many seconds, for as long as the client listens."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n{header}\r\n"

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.encode())
        with contextlib.suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"%x\r\n%b\r\n" % (len(part), part))
                await writer.drain()
                await asyncio.sleep(seconds)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(handle, "127.0.0.1", 0), loop).result(10)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


@contextlib.contextmanager
def answering(*bodies: Scripted) -> Iterator[str]:
    """Serve these bodies as JSON, one a request; a number is a status, 429 with `Retry-After: 1`."""
    waiting = list(bodies)

    class Server(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            scripted = waiting.pop(0)
            body = scripted() if callable(scripted) else scripted
            self.send_response(body if isinstance(body, int) else 200)
            if body == TOO_MANY:
                self.send_header("Retry-After", "1")
            body = b"{}" if isinstance(body, int) else body
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def test_a_reply_cut_at_max_tokens_says_length(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """finish_reason comes through."""
    with stand_in(tmp_path, "--misbehave", "truncated") as url:
        replies, _ = asked(tmp_path, demo_config, url, [request()])
    assert replies[0].finish_reason == "length"


@pytest.mark.parametrize(
    ("arguments", "changes", "message"),
    [
        pytest.param((), {"model": "another"}, "does not exist.*endpoints", id="wrong model"),
        pytest.param(("--misbehave", "unauthorised"), {}, "AuthenticationError.*api_key_env", id="bad key"),
    ],
)
def test_a_wrong_model_or_key_ends_at_once(
    tmp_path: Path,
    demo_config: PipelineConfig,
    arguments: tuple[str, ...],
    changes: dict[str, object],
    message: str,
) -> None:
    """Asking on is no use: one line names the address, the model and what to mend."""
    with stand_in(tmp_path, *arguments) as url, pytest.raises(PrerequisiteMissingError, match=message):
        asked(tmp_path, demo_config, url, [request(seed=n) for n in range(20)], **changes)


def test_a_key_that_is_named_has_to_be_set(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """The message names the variable and where it goes."""
    with pytest.raises(PrerequisiteMissingError, match="REGTUNE_NO_SUCH_KEY is not set"):
        asked(tmp_path, demo_config, "http://127.0.0.1:9/v1", [request()], api_key_env="REGTUNE_NO_SUCH_KEY")


def test_several_addresses_share_the_work(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """Two base URLs get half of the requests each."""
    (tmp_path / "other").mkdir()
    with stand_in(tmp_path) as one, stand_in(tmp_path / "other") as other:
        requests = [request(seed=n) for n in range(10)]
        asked(tmp_path, demo_config, one, requests, base_urls=(one, other))
        assert stats(one)["requests"] == stats(other)["requests"] == 5

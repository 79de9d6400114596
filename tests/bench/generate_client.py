"""What the client itself costs: CPU and wall time of a reply against a server that answers all at once.

    python tests/bench/generate_client.py

The server is a process of its own. It answers each request after one second, so every request of a wave comes back at
the same moment and the client's work is done in bursts, as with a real server whose replies are equally long. CPU is
the client's alone: openai's client, pacing, the journal with its flush. A reply says when it was sent: milliseconds
from there until the journal writes it (a client that is killed before has lost it) and until it counts, flushed.
"""

import asyncio
import json
import multiprocessing
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]
if TYPE_CHECKING:
    from regtune.replies import Request

AT_A_TIME = (1, 32, 128, 256)
WAVES = 4
DELAY_SECONDS = 1.0
SENT_AT = "1234567890.123456"
"""Stands in the reply for the time of its sending."""


def main() -> None:
    """Print a row for each number of requests at a time."""
    from regtune.config import load_config

    config = load_config(REPOSITORY / "include" / "config" / "pipeline.yaml").endpoints.generator
    receiver, sender = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(sender,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{receiver.recv()}/v1"
    try:
        timed(config.model_copy(update={"base_urls": (url,), "concurrency": 1}), requests(0, 1))  # imports the client
        print(
            "at a time | requests | CPU ms a reply | seconds, at best 4.0 | ms to written, most | ms to flushed, most"
        )
        for number, at_a_time in enumerate(AT_A_TIME, 1):
            asked = requests(number, WAVES * at_a_time)
            endpoint = config.model_copy(update={"base_urls": (url,), "concurrency": at_a_time})
            seconds, cpu_seconds, *waits = timed(endpoint, asked)
            told = " | ".join(f"{1000 * statistics.median(some):.0f}, {1000 * max(some):.0f}" for some in waits)
            print(f"{at_a_time:9} | {len(asked):8} | {1000 * cpu_seconds / len(asked):14.2f} | {seconds:.1f} | {told}")
    finally:
        server.kill()


def requests(run: int, count: int) -> list["Request"]:
    """Prompts as long as generate's, each with a seed of its own."""
    from regtune.qa.acceptance import PairReply
    from regtune.replies import Request

    schema = PairReply.model_json_schema()
    return [Request((("user", "조문의 글 " * 250),), 1024, 0.7, 0.9, 100_000 * run + n, schema) for n in range(count)]


def timed(config: object, asked: Sequence["Request"]) -> tuple[float, float, list[float], list[float]]:
    """(seconds, CPU seconds) of this process for all of them; of each the seconds until written, until flushed."""
    from regtune.llm import JOURNAL_FILE, Endpoint
    from regtune.replies import Reply

    flushed: list[float] = []

    def note(_: int, reply: Reply) -> None:
        flushed.append(time.time() - sent_at(reply.text))

    with tempfile.TemporaryDirectory() as folder:
        endpoint = Endpoint(config, Path(folder))  # type: ignore[arg-type]

        async def ask() -> None:
            try:
                await endpoint.ask_all(asked, note)
            finally:
                await endpoint.close()

        began, cpu_began = time.perf_counter(), time.process_time()
        asyncio.run(ask())
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
        lines = (Path(folder) / JOURNAL_FILE).read_text(encoding="utf-8").splitlines()
        written = [entry["at"] - sent_at(entry["reply"]["text"]) for entry in map(json.loads, lines)]
        return seconds, cpu_seconds, written, flushed


def sent_at(text: str) -> float:
    """When the server sent a reply, in seconds since 1970."""
    return float(json.loads(text)["article"])


def serve(sender: Connection) -> None:
    """Answer every POST with the same pair, a second after it came."""
    pair = {"question": "휴가는 며칠까지 쓸 수 있나요?", "answer": "나" * 90, "evidence": "다" * 90, "article": SENT_AT}
    message = {"role": "assistant", "content": json.dumps(pair, ensure_ascii=False)}
    usage = {"prompt_tokens": 900, "completion_tokens": 150, "total_tokens": 1050}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    completion = {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    content = json.dumps({**completion, "usage": usage}).encode()
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content) + content

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return  # the client is done
            length = re.search(rb"content-length: (\d+)", head.lower())
            await reader.readexactly(int(length[1]) if length else 0)
            await asyncio.sleep(DELAY_SECONDS)
            writer.write(reply.replace(SENT_AT.encode(), f"{time.time():.6f}".encode()))

    async def listen() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=1 << 20, backlog=1024)
        sender.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(listen())


if __name__ == "__main__":
    main()

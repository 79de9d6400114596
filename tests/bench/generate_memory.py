"""Memory of the client: generate makes a plan of 100,000 pairs against a server that answers at once.

    python tests/bench/generate_memory.py [PAIRS]

The server is a process of its own, so that what is measured is the client's alone. Questions, answers and evidence are
as long as real ones, and every question asks about something of its own.
"""

import asyncio
import json
import multiprocessing
import re
import resource
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]
PAIRS = 100_000
_SYLLABLES = (
    "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모보소오조초코토포호구누두루무부수우주추쿠투푸후"
)
_PASSAGES = 4


def main() -> None:
    """Print the largest resident size, pairs a second and calls a pair."""
    from generate_run import NONE, prepared

    from regtune.artifacts import load_spec
    from regtune.config import Quota, load_config
    from regtune.qa import generate

    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    quota = Quota(lookup=pairs // 2, procedure=pairs * 3 // 10, negative=pairs - pairs // 2 - pairs * 3 // 10)
    config = load_config(REPOSITORY / "include" / "config" / "demo.yaml")
    receiver, sender = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(sender,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{receiver.recv()}/v1"
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "run"
            chunks = [chunk(number) for number in range(pairs // 6)]
            prepared(folder, config, url, quota=quota, pool=NONE, chunks=chunks, concurrency=64, outage_seconds=60.0)
            del chunks
            started = time.perf_counter()
            result = generate.run(folder, load_spec(folder))
            seconds = time.perf_counter() - started
    finally:
        server.kill()
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"generate: {pairs} pairs in {seconds:.0f} s ({pairs / seconds:.0f} a second), "
        f"{result.counts['replies_per_pair']} replies a pair, {largest:.0f} MB at most"
    )


def chunk(number: int) -> object:
    """An article of four 항, each with a figure, a procedure and a matter of its own."""
    from stand_in import chunk_of

    article, regulation = f"제{number % 100 + 1}조", f"규정{number // 100}"
    passages = (
        f"{'①②③④'[i]} {noun(_PASSAGES * number + i)}휴가를 사용하려는 직원은 {number % 27 + 2}일 전까지 신청서를 "
        f"인사총무팀에 제출하여야 하고, 회사는 {i + 3}일 이내의 {noun(_PASSAGES * number + i)}휴가를 준다."
        for i in range(_PASSAGES)
    )
    heading = f"{article}({noun(_PASSAGES * number)}휴가)"
    return chunk_of(f"{heading} " + "\n".join(passages), article, heading, regulation)


def noun(number: int) -> str:
    """Four syllables that no other number has."""
    syllables = ""
    for _ in range(4):
        number, index = divmod(number, len(_SYLLABLES))
        syllables += _SYLLABLES[index]
    return syllables


def reply_to(prompt: str) -> dict[str, str]:
    """A pair that every check takes."""
    article = re.findall(r"<조문>\n(.*?)\n</조문>", prompt, re.DOTALL)[-1]
    kind, angle = (re.findall(rf"<{name}>(.*?)</{name}>", prompt)[-1] for name in ("유형", "관점"))
    number = re.match(r"제\d+조", article)
    cited = number[0] if number else ""
    if kind == "부정형":
        subject = re.findall(r"[가-힣]{4}휴가", article)[0]
        question = f"{subject}에 {angle} 지원도 포함되나요?"
        answer = f"없음. {subject}의 {angle} 지원에 관한 내용은 규정에 정해져 있지 않습니다."
        return {"question": question, "answer": answer, "evidence": "", "article": cited}
    passage = re.findall(r"<초점>\n(.*?)\n</초점>", prompt, re.DOTALL)[-1]
    subject = re.findall(r"[가-힣]{4}휴가", passage)[0]
    asked = {
        "수치": f"{subject}는 며칠까지 쓸 수 있나요?",
        "대상과 조건": f"{subject}를 쓸 수 있는 사람은 누구인가요?",
        "순서와 방법": f"{subject}를 쓰려면 어떤 서류를 내야 하나요?",
        "기한과 제출처": f"{subject} 신청서는 어디에 내야 하나요?",
    }[angle]
    return {"question": asked, "answer": f"{cited}에 따라 {passage}", "evidence": passage, "article": cited}


def serve(sender: Connection) -> None:
    """Answer POSTs with as little work as possible."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return  # the client is done
            length = re.search(rb"content-length: (\d+)", head.lower())
            body = json.loads(await reader.readexactly(int(length[1]) if length else 0))
            text = json.dumps(reply_to(body["messages"][0]["content"]), ensure_ascii=False)
            message = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            usage = {"prompt_tokens": 900, "completion_tokens": 150, "total_tokens": 1050}
            completion = {"id": "x", "object": "chat.completion", "created": 0, "model": body["model"]}
            content = json.dumps({**completion, "choices": [message], "usage": usage}).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(content), content)
            )

    async def listen() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=1 << 20)
        sender.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(listen())


if __name__ == "__main__":
    main()

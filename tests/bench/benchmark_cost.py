"""What the benchmark asks for: calls, tokens and wall time of 330 questions and four systems with every verdict.

All four systems answer by the stand-in endpoint, through the code that asks vLLM and the reference; the judge rates
every answer and compares both pairs in both orders. Then it is killed half-way in another folder and started again:
printed is how many replies were in the journal, and how many requests were sent twice. The seconds are the stand-in's,
which answers sooner than it can be asked; one that takes two seconds a reply shows how full an endpoint is kept.
"""

import asyncio
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]

from stand_in import sample_chunks, stand_in, stats  # noqa: E402 - after the path is set

from regtune.benchmark.comparing import COMPARISONS  # noqa: E402
from regtune.benchmark.judge import cases_of, judge  # noqa: E402
from regtune.benchmark.metrics import SystemName  # noqa: E402
from regtune.benchmark.rows import Answer  # noqa: E402
from regtune.benchmark.systems import Asked, answer_by_endpoint, messages_for, request_of  # noqa: E402
from regtune.config import load_config  # noqa: E402
from regtune.contracts import QAPair  # noqa: E402
from regtune.ledger import Ledger  # noqa: E402
from regtune.llm import JOURNAL_FILE, Endpoint  # noqa: E402
from regtune.prompts import load_prompts  # noqa: E402

QUESTIONS = 330
SLOW_QUESTIONS = 40
KILLED_AFTER = 1500
AT_ONCE = load_config(REPOSITORY / "include/config/demo.yaml").endpoints.judge.concurrency
SYSTEMS: tuple[SystemName, ...] = ("base", "tuned", "base_open_book", "reference")


def rows(questions: int) -> dict[str, Asked]:
    """Questions on the sample regulations, a third of them negatives."""
    chunks = [*sample_chunks(), *sample_chunks("work-rules-2024-01-01", "취업규칙")]
    found = {}
    for i in range(questions):
        chunk, negative = chunks[i % len(chunks)], i % 3 == 0
        pair = QAPair(
            qa_id=f"q{i:03}",
            type="negative" if negative else "lookup",
            question=f"{chunk.path[0]}에 관한 {i}번째 질문: 무엇을 정하고 있나요?",
            answer="없음. 규정에 없습니다." if negative else chunk.text[:120],
            chunk_id=chunk.chunk_id,
            evidence=None,
            model="",
            prompt_sha256="",
            request_sha256="",
        )
        found[pair.qa_id] = Asked(pair, chunk, in_test=i < 30, article_seen=True)
    return found


async def ask_everything(url: str, cache: Path, questions: int = QUESTIONS) -> tuple[Ledger, Ledger]:
    """Answers of four systems, told apart by their seed, then every verdict; what both cost."""
    config, prompts, asked = load_config(REPOSITORY / "include/config/demo.yaml"), _prompts(), rows(questions)
    answered, judged = Ledger(), Ledger()
    answers: dict[tuple[SystemName, str], Answer] = {}
    endpoint = config.endpoints.reference.model_copy(update={"base_urls": (url,)})
    for number, system in enumerate(SYSTEMS):
        client = Endpoint(endpoint, cache, answered)
        requests = {
            qa_id: request_of(
                messages_for(system, row, prompts, config.tuning.context),
                config.benchmark.max_new_tokens,
                config.seed + number,
            )
            for qa_id, row in asked.items()
        }
        for answer in await answer_by_endpoint(system, client, requests):
            # The stand-in answers all alike, and equal answers are judged once: a mark keeps them apart.
            marked = f"{answer.answer} [{number}]"
            answers[system, answer.qa_id] = answer.model_copy(update={"answer": marked})
        await client.close()
    client = Endpoint(config.endpoints.judge.model_copy(update={"base_urls": (url,)}), cache, judged)
    await judge(client, cases_of(asked, answers, COMPARISONS), prompts, config.benchmark, config.seed)
    await client.close()
    return answered, judged


def _prompts() -> dict[str, str]:
    return load_prompts(REPOSITORY / "include" / "prompts")


def start(url: str, cache: str) -> None:
    """Run in a process that is going to be killed."""
    asyncio.run(ask_everything(url, Path(cache)))


def killed_and_started_again(url: str, cache: Path) -> tuple[int, int, Ledger]:
    """Kill a run after so many replies, start it again; replies then kept, requests journalled twice, its new calls."""
    process = multiprocessing.get_context("spawn").Process(target=start, args=(url, str(cache)))
    process.start()
    while _lines(cache) < KILLED_AFTER:
        time.sleep(0.02)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    kept = _lines(cache)
    answered, judged = asyncio.run(ask_everything(url, cache))
    twice = sum(count - 1 for count in Counter(_keys(cache)).values())
    total = Ledger(calls=answered.calls + judged.calls, cached_calls=answered.cached_calls + judged.cached_calls)
    return kept, twice, total


def _lines(cache: Path) -> int:
    journal = cache / JOURNAL_FILE
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def _keys(cache: Path) -> list[str]:
    return [json.loads(line)["key"] for line in (cache / JOURNAL_FILE).read_text(encoding="utf-8").splitlines() if line]


def main() -> int:
    """Print what a whole run costs, what one more costs, and what a killed one costs."""
    with tempfile.TemporaryDirectory() as folder, stand_in(Path(folder)) as url:
        began = time.monotonic()
        answered, judged = asyncio.run(ask_everything(url, Path(folder) / "whole"))
        seconds = time.monotonic() - began
        for name, ledger in (("answers", answered), ("verdicts", judged)):
            print(
                f"{QUESTIONS} questions, {len(SYSTEMS)} systems, {name}: {ledger.calls} calls, "
                f"{ledger.prompt_tokens} prompt and {ledger.completion_tokens} completion tokens"
            )
        print(f"wall time against the stand-in: {seconds:.0f} s")
        before = stats(url)["requests"]
        asyncio.run(ask_everything(url, Path(folder) / "whole"))
        print(f"the same again: {stats(url)['requests'] - before} requests sent")
        kept, twice, again = killed_and_started_again(url, Path(folder) / "killed")
        print(f"killed with {kept} replies kept; started again: {again.calls} calls, {twice} of them answered before")
    with tempfile.TemporaryDirectory() as folder, stand_in(Path(folder), "--misbehave", "slow") as url:
        both = asyncio.run(ask_everything(url, Path(folder) / "slow", SLOW_QUESTIONS))
        for name, ledger in zip(("answers", "verdicts"), both, strict=True):
            print(f"replies of 2 s, {SLOW_QUESTIONS} questions, {name}: {ledger.at_once():.1f} of {AT_ONCE} under way")
    return 0


if __name__ == "__main__":
    sys.exit(main())

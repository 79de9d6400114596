"""Claims about how a local model answers."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from chat_server import chat_server

from regtune.benchmark.efficiency import Loaded, measure_endpoint, measure_local
from regtune.benchmark.journal import Journal
from regtune.benchmark.systems import (
    Answer,
    Asked,
    Generated,
    LocalModel,
    answer_by_endpoint,
    answer_locally,
    messages_for,
    request_of,
)
from regtune.config import EndpointConfig, PipelineConfig
from regtune.errors import PrerequisiteMissingError
from regtune.llm import Endpoint
from regtune.tuning.models import load_base, share_the_cores


@pytest.fixture(scope="module")
def local(base_model: Path, config: PipelineConfig) -> LocalModel:
    """The tiny model, loaded as the stage loads it."""
    share_the_cores()
    return LocalModel(*load_base(config.train.model_copy(update={"base_model": str(base_model)})))


@pytest.fixture
def asked(local: LocalModel, rows: dict[str, Asked], prompts: dict[str, str]) -> dict[str, str]:
    """Prompts of different lengths."""
    return {
        qa_id: local.prompt(messages_for("base_open_book" if qa_id in "bd" else "base", row, prompts, "none"))
        for qa_id, row in rows.items()
    }


@pytest.fixture
def short(config: PipelineConfig) -> PipelineConfig:
    """Eight tokens an answer, three questions a batch."""
    update = {"max_new_tokens": 8, "batch_size": 3}
    return config.model_copy(update={"benchmark": config.benchmark.model_copy(update=update)})


def test_a_batch_answers_as_its_rows_alone(local: LocalModel, asked: dict[str, str]) -> None:
    """Padding on the left does not change an answer."""
    batch = local.generate(list(asked.values()), 8)
    assert [one.text for one in batch] == [local.generate([prompt], 8)[0].text for prompt in asked.values()]


def test_an_answer_ends_at_the_end_token(local: LocalModel) -> None:
    """What comes after the end token is not read, and an answer without one is truncated."""
    text = local.tokenizer("5일", add_special_tokens=False)["input_ids"]
    end = local.tokenizer.eos_token_id
    stops = local._stops()
    ended, cut = local._read([*text, end, *text], stops), local._read(text, stops)
    assert (ended.text, ended.tokens, ended.truncated) == ("5일", len(text) + 1, False)
    assert (cut.text, cut.truncated) == ("5일", True)


def test_only_the_open_book_sees_the_article(rows: dict[str, Asked], prompts: dict[str, str]) -> None:
    """Base, tuned and reference get the same messages; the open book's hold the article's text."""
    closed = [messages_for(name, rows["a"], prompts, "none") for name in ("base", "tuned", "reference")]
    assert closed[0] == closed[1] == closed[2]
    assert "5일의 휴가" not in closed[0][-1]["content"]
    assert "5일의 휴가" in messages_for("base_open_book", rows["a"], prompts, "none")[-1]["content"]


def test_where_training_shows_the_article_everyone_is_shown_it(rows: dict[str, Asked], prompts: dict[str, str]) -> None:
    """tuning.context article: base, tuned and reference are asked alike, as the open book is."""
    told = [messages_for(name, rows["a"], prompts, "article") for name in ("base", "tuned", "reference")]
    assert told == [messages_for("base_open_book", rows["a"], prompts, "none")] * 3


def test_a_second_try_asks_for_no_answer_twice(
    local: LocalModel, asked: dict[str, str], short: PipelineConfig, tmp_path: Path
) -> None:
    """After a crash in the middle of a line the whole batches that were answered come from the journal."""
    path = tmp_path / "journal"
    whole = answer_locally("base", local, ["tiny"], asked, short.benchmark, Journal(path))
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:5]) + lines[5][:20], encoding="utf-8")
    calls: list[int] = []

    class Counting(LocalModel):
        def generate(self, prompts: Sequence[str], max_new_tokens: int, streamer: object = None) -> list[Generated]:
            calls.append(len(prompts))
            return super().generate(prompts, max_new_tokens, streamer)

    again = answer_locally(
        "base", Counting(local.model, local.tokenizer), ["tiny"], asked, short.benchmark, Journal(path)
    )
    assert calls == [3]
    assert [answer.answer for answer in again] == [answer.answer for answer in whole]


def test_another_adapter_takes_nothing_from_the_journal(
    local: LocalModel, asked: dict[str, str], short: PipelineConfig, tmp_path: Path
) -> None:
    """A journal of one adapter holds no answer of another."""
    answer_locally("tuned", local, ["tiny", "sha-1"], asked, short.benchmark, Journal(tmp_path / "journal"))
    journal = Journal(tmp_path / "journal")
    answer_locally("tuned", local, ["tiny", "sha-2"], asked, short.benchmark, journal)
    assert len(journal) == 2 * len(asked)


class Failing(LocalModel):
    """Runs out of memory on batches, and on the row that says so."""

    def generate(self, prompts: Sequence[str], max_new_tokens: int, streamer: object = None) -> list[Generated]:
        """Fail as torch does."""
        if len(prompts) > 1 or "진단서는 어디에" in prompts[0]:
            raise RuntimeError("CUDA out of memory")
        return super().generate(prompts, max_new_tokens, streamer)


def test_a_row_that_fails_is_a_row_with_its_reason(
    local: LocalModel, asked: dict[str, str], short: PipelineConfig, tmp_path: Path
) -> None:
    """A batch that fails is answered row by row; the row that fails alone keeps its reason and is asked again later."""
    failing = Failing(local.model, local.tokenizer)
    answers = answer_locally("base", failing, ["tiny"], asked, short.benchmark, Journal(tmp_path / "journal"))
    assert {answer.qa_id: answer.failure for answer in answers if answer.failure} == {
        "e": "RuntimeError: CUDA out of memory"
    }
    assert len(Journal(tmp_path / "journal")) == len(asked) - 1


def test_a_system_that_answers_nothing_fails_the_stage(
    local: LocalModel, asked: dict[str, str], short: PipelineConfig, tmp_path: Path
) -> None:
    """No answer at all is a missing prerequisite, not a rate over nothing."""
    failing = Failing(local.model, local.tokenizer)
    with pytest.raises(PrerequisiteMissingError, match="none of 1 questions was answered"):
        answer_locally("base", failing, ["tiny"], {"e": asked["e"]}, short.benchmark, Journal(tmp_path / "journal"))


def test_efficiency_of_a_local_model_is_measured(
    local: LocalModel, asked: dict[str, str], short: PipelineConfig, base_model: Path
) -> None:
    """Every concurrency has its latency and tokens a second; memory and weights say where they come from."""
    found = measure_local(Loaded("base", 1.5, (base_model,)), local, list(asked.values()), short.benchmark)
    assert [speed.concurrency for speed in found.speeds] == [1, 32]
    assert all(speed.tokens_per_second and speed.latency_p95_seconds for speed in found.speeds)
    assert found.first_token_p50_seconds is not None
    assert found.speeds[0].latency_p50_seconds is not None
    assert 0 < found.first_token_p50_seconds < found.speeds[0].latency_p50_seconds
    assert found.weights_bytes == (base_model / "model.safetensors").stat().st_size
    assert found.memory_kind in {"process_peak_rss", "gpu_peak_allocated"}


async def measured_twice(stand_in: EndpointConfig, rows: dict[str, Asked], config: PipelineConfig) -> list[int]:
    """Requests of each concurrency that were really sent, over two measurements."""
    requests = [request_of([{"role": "user", "content": row.question.question}], 32, 1) for row in rows.values()]
    counts = []
    for _ in range(2):
        found = await measure_endpoint("reference", stand_in, requests, config.benchmark)
        counts += [speed.requests - speed.failed for speed in found.speeds]
    return counts


def test_efficiency_of_an_endpoint_goes_past_the_cache(
    stand_in: EndpointConfig, rows: dict[str, Asked], config: PipelineConfig
) -> None:
    """A second measurement sends as many requests as the first: the server counts them."""
    import json
    import urllib.request

    def served() -> int:
        with urllib.request.urlopen(stand_in.base_urls[0].removesuffix("/v1") + "/stats") as reply:
            return int(json.loads(reply.read()).get("requests", 0))

    before = served()
    counts = asyncio.run(measured_twice(stand_in, rows, config))
    assert counts == [4, 32, 4, 32]
    assert served() - before == sum(counts) + 2  # one warms up each measurement


def test_the_stand_in_streams_so_that_its_first_token_is_timed(
    stand_in: EndpointConfig, rows: dict[str, Asked], config: PipelineConfig
) -> None:
    """The demo measures a time to first token, and it is no longer than the answer's."""
    requests = [request_of([{"role": "user", "content": row.question.question}], 32, 1) for row in rows.values()]
    found = asyncio.run(measure_endpoint("reference", stand_in, requests, config.benchmark))
    latency = found.speeds[0].latency_p95_seconds
    assert found.first_token_p50_seconds is not None
    assert latency is not None
    assert 0 < found.first_token_p50_seconds <= latency
    assert found.memory_kind == "not_measured"


def test_no_question_is_measured_that_a_prompt_cache_has(config: PipelineConfig) -> None:
    """Every measured request differs from all others behind the system prompt, which alone a cache may keep."""
    seen: list[str] = []

    def answering(_last: str, request: dict[str, Any]) -> str:
        seen.append(request["messages"][0]["content"])
        return "5일입니다."

    requests = [request_of([{"role": "system", "content": "전문가"}, {"role": "user", "content": "며칠?"}], 8, 1)]
    with chat_server(answering) as endpoint:
        asyncio.run(measure_endpoint("reference", endpoint, requests, config.benchmark))
    assert len(seen) == len(set(seen))
    assert all(prompt.startswith("전문가\n") for prompt in seen)


def test_an_endpoint_that_keeps_no_limit_fills_no_file(tmp_path: Path) -> None:
    """Half a million characters for 8 tokens are cut to what these can be at most, and counted as truncated."""

    async def asked_of(endpoint: EndpointConfig) -> list[Answer]:
        client = Endpoint(endpoint, tmp_path)
        try:
            request = request_of([{"role": "user", "content": "며칠?"}], 8, 1)
            return await answer_by_endpoint("reference", client, {"q": request})
        finally:
            await client.close()

    with chat_server(lambda _last, _request: "1" * 500_000) as endpoint:
        (answer,) = asyncio.run(asked_of(endpoint))
    assert answer.truncated
    assert len(answer.answer) == 160


def test_a_blank_reply_is_a_failed_row(tmp_path: Path) -> None:
    """It is counted beside the answers and not as a wrong one."""
    with chat_server(lambda _last, _request: "<think>\n</think>\n  ") as endpoint:
        client = Endpoint(endpoint, tmp_path)

        async def asked() -> list[Answer]:
            try:
                return await answer_by_endpoint(
                    "reference", client, {"q": request_of([{"role": "user", "content": "며칠?"}], 8, 1)}
                )
            finally:
                await client.close()

        (answer,) = asyncio.run(asked())
    assert answer.failure is not None
    assert answer.failure.startswith("empty reply")

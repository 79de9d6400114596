"""What include/demo/endpoint.py claims: it answers like a model server, says that it is none, and can misbehave."""

import asyncio
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from stand_in import SCRIPT, pointed_at, stand_in, stats

from regtune.config import PipelineConfig
from regtune.llm import Endpoint
from regtune.qa.acceptance import PairReply
from regtune.replies import Request

sys.path.insert(0, str(SCRIPT.parent))  # scripts, not a package: they import one another by name

ARTICLE = (
    "제26조(연차유급휴가의 이월) ① 직원은 사용하지 아니한 연차유급휴가 중 5일 이내의 일수를 다음 해로 이월할 수 있다.\n"
    "② 이월을 희망하는 직원은 해당 연도 12월 10일까지 가람온에서 이월 일수를 신청하여야 한다. "
    "다만, 휴직 중인 직원은 다음 해 1월 31일까지 신청할 수 있다."
)
FIRST = ARTICLE.split("\n", maxsplit=1)[0].partition(") ")[2]
RATING = {"correctness": {}, "completeness": {}, "groundedness": {}, "reason": {}}


def ask(url: str, prompt: str, schema: dict[str, Any] | None = None, seed: int = 1) -> Any:
    """One request as a client sends it; the reply's content, parsed where a schema was given."""
    body: dict[str, Any] = {
        "model": "regtune-stand-in",
        "messages": [{"role": "user", "content": prompt}],
        "seed": seed,
    }
    if schema is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema}}
    content = post(url, body)["choices"][0]["message"]["content"]
    return content if schema is None else json.loads(content)


def post(url: str, body: dict[str, Any]) -> Any:
    """POST a chat completion."""
    request = urllib.request.Request(f"{url}/chat/completions", json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def pair_prompt(qa_type: str, angle: str, focus: str = "", rejected: str = "", twin: str = "") -> str:
    """The delimiters of a prompt for a pair."""
    return (
        f"<초점>을 보고 만드십시오.\n<유형>{qa_type}</유형>\n<규정>취업규칙 / 제5장 휴가 / 제26조</규정>\n"
        f"<조문>\n{ARTICLE}\n</조문>\n<초점>\n{focus}\n</초점>\n<관점>{angle}</관점>\n<짝>{twin}</짝>\n<반려>\n{rejected}\n</반려>"
    )


def judged(answer: str, reference: str, article: str = ARTICLE) -> str:
    """A prompt for a rating."""
    return (
        f"<규정>취업규칙</규정><조문>{article}</조문><질문>며칠인가요?</질문>"
        f"<모범답안>{reference}</모범답안><답변>{answer}</답변>"
    )


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A stand-in that behaves."""
    with stand_in(tmp_path_factory.mktemp("endpoint")) as base_url:
        yield base_url


def test_it_says_that_it_is_a_stand_in(url: str) -> None:
    """The model list names its owner."""
    with urllib.request.urlopen(f"{url}/models", timeout=10) as response:
        assert json.load(response)["data"][0]["owned_by"] == "regtune stand-in"


def test_a_lookup_asks_for_a_figure_and_answers_from_the_article(url: str) -> None:
    """Question, cited answer and verbatim evidence of the paragraph in focus."""
    reply = ask(url, pair_prompt("단순 조회형", "수치", FIRST), PairReply.model_json_schema())
    assert reply == {
        "question": "사용하지 않은 연차유급휴가 중 며칠까지 다음 해로 이월할 수 있나요?",
        "answer": "취업규칙 제26조제1항에 따라 직원은 사용하지 않은 연차유급휴가 중 5일 이내의 일수를 다음 해로 "
        "이월할 수 있습니다.",
        "evidence": FIRST.removeprefix("① "),
        "article": "제26조",
    }


def test_a_procedure_keeps_its_proviso(url: str) -> None:
    """The answer to a procedure holds the exception too."""
    reply = ask(url, pair_prompt("절차형", "순서와 방법", ARTICLE.split("\n")[1]), PairReply.model_json_schema())
    assert "12월 10일까지" in reply["answer"]
    assert "다만, 휴직 중인 직원은 다음 해 1월 31일까지 신청할 수 있습니다." in reply["answer"]


def test_a_negative_says_absent(url: str) -> None:
    """Each of the six ways gives a question and 없음."""
    for way in ("대상자", "혜택", "예외", "수치 조건", "잘못된 전제", "인접 사항"):
        reply = ask(url, pair_prompt("부정형", way), PairReply.model_json_schema())
        assert reply["question"].endswith("나요?") or reply["question"].endswith("가요?"), reply
        assert "없" in reply["answer"] or "않" in reply["answer"]
        assert reply["evidence"] == ""


def test_a_negative_asks_as_its_twin_does(url: str) -> None:
    """Each of the six ways keeps the question word and the ending; what was asked about is another thing."""
    ending = "언제까지 어떤 서류를 제출해야 하나요?"
    for way in ("대상자", "혜택", "예외", "수치 조건", "잘못된 전제", "인접 사항"):
        prompt = pair_prompt("부정형", way, twin=f"이월을 신청하려면 {ending}")
        question = ask(url, prompt, PairReply.model_json_schema())["question"]
        assert question.endswith(ending), question
        assert question != f"이월을 신청하려면 {ending}"


def test_the_same_request_gets_the_same_reply(url: str) -> None:
    """Deterministic; a rejected question is not given again, and another seed may give another."""
    prompt = pair_prompt("부정형", "혜택")
    first = ask(url, prompt, PairReply.model_json_schema())
    assert ask(url, prompt, PairReply.model_json_schema()) == first
    other = ask(
        url,
        pair_prompt("부정형", "혜택", "", f"질문: {first['question']}\n이유: 같습니다."),
        PairReply.model_json_schema(),
    )
    assert other["question"] != first["question"]
    asked = {ask(url, prompt, PairReply.model_json_schema(), seed)["question"] for seed in range(12)}
    assert len(asked) > 2


def test_nothing_to_ask_is_declined(url: str) -> None:
    """A paragraph without a procedure gives an empty question and no made-up one."""
    reply = ask(
        url, pair_prompt("절차형", "순서와 방법", "③ 토요일은 무급 휴무일로 한다."), PairReply.model_json_schema()
    )
    assert reply["question"] == ""


@pytest.mark.parametrize(
    ("answer", "reference", "lowest", "highest"),
    [
        pytest.param(
            "5일까지 이월할 수 있습니다.", "취업규칙 제26조에 따라 5일까지 이월할 수 있습니다.", 4, 5, id="right"
        ),
        pytest.param(
            "9일까지 이월할 수 있습니다.", "취업규칙 제26조에 따라 5일까지 이월할 수 있습니다.", 1, 2, id="wrong figure"
        ),
        pytest.param(
            "없음. 규정되어 있지 않습니다.", "5일까지 이월할 수 있습니다.", 1, 1, id="없음 to a question with an answer"
        ),
        pytest.param("규정에 없습니다.", "없음. 취업규칙에 규정되어 있지 않습니다.", 5, 5, id="right 없음"),
        pytest.param("3일까지 됩니다.", "없음. 취업규칙에 규정되어 있지 않습니다.", 1, 1, id="made up"),
    ],
)
def test_the_judge_grades_by_figures_and_words(
    url: str, answer: str, reference: str, lowest: int, highest: int
) -> None:
    """Right figures and an honest 없음 are graded high, wrong figures and inventions low."""
    graded = ask(url, judged(answer, reference), {"properties": RATING})
    assert lowest <= graded["correctness"] <= highest
    assert all(isinstance(graded[name], int) and 1 <= graded[name] <= 5 for name in RATING if name != "reason")


def test_the_judge_prefers_the_better_answer_in_either_place(url: str) -> None:
    """The winner follows the answer, not its place; equal answers tie."""
    base = f"<조문>{ARTICLE}</조문><모범답안>5일까지 이월할 수 있습니다.</모범답안>"
    schema = {"properties": {"winner": {}, "reason": {}}}
    good, bad = "5일까지 이월할 수 있습니다.", "9일까지 이월할 수 있습니다."
    for one, other, winner in ((good, bad, "A"), (bad, good, "B"), (good, good, "tie")):
        prompt = f"{base}<답변A>{one}</답변A><답변B>{other}</답변B>"
        assert ask(url, prompt, schema)["winner"] == winner


def test_the_verifier_takes_its_word_from_the_schema(url: str) -> None:
    """A supported and an unsupported answer get different verdicts out of the given choices."""
    schema = {"properties": {"verdict": {"enum": ["supported", "unsupported"]}, "reason": {}}}
    right = f"<조문>{ARTICLE}</조문><답변>연차유급휴가 중 5일 이내의 일수를 다음 해로 이월할 수 있습니다.</답변>"
    assert ask(url, right, schema)["verdict"] == "supported"
    assert (
        ask(url, right.replace("5일 이내의 일수를 다음 해로 이월할 수 있습니다", "9일을"), schema)["verdict"]
        == "unsupported"
    )


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param(
            "사용하지 않은 연차유급휴가는 며칠까지 다음 해로 이월할 수 있나요?",
            "취업규칙 제26조",
            id="as first enacted",
        ),
        pytest.param("통근버스 노선도는 어느 층에 붙어 있습니까?", "없음", id="nothing is near"),
    ],
)
def test_a_question_without_an_article_is_answered_from_what_it_has_read(url: str, question: str, answer: str) -> None:
    """It recalls the article of the sample regulations that the question is about, or finds none."""
    assert ask(url, question).startswith(answer)


def test_a_streamed_reply_is_the_same_reply_word_by_word(url: str) -> None:
    """Joined, the pieces are the whole reply; its end and its usage come last."""
    body = {
        "model": "regtune-stand-in",
        "messages": [{"role": "user", "content": f"<조문>\n{ARTICLE}\n</조문>\n\n질문: 언제까지 신청해야 하나요?"}],
    }
    whole = post(url, body)
    streamed = {**body, "stream": True, "stream_options": {"include_usage": True}}
    request = urllib.request.Request(f"{url}/chat/completions", json.dumps(streamed).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=20) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        *lines, done = [line.removeprefix("data: ") for line in response.read().decode().split("\n\n") if line]
    pieces, end, usage = [json.loads(line) for line in lines[:-2]], json.loads(lines[-2]), json.loads(lines[-1])
    message = whole["choices"][0]["message"]["content"]
    assert done == "[DONE]"
    assert len(pieces) > 3
    assert "".join(piece["choices"][0]["delta"]["content"] for piece in pieces) == message
    assert end["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]
    assert usage["usage"]["completion_tokens"] == whole["usage"]["completion_tokens"]


def test_a_question_with_an_article_is_answered_from_it(url: str) -> None:
    """Open book: the paragraph that fits, or 없음."""
    reply = ask(url, f"<조문>\n{ARTICLE}\n</조문>\n\n질문: 이월을 희망하면 언제까지 신청해야 하나요?")
    assert "12월 10일까지" in reply
    assert ask(url, f"<조문>{ARTICLE}</조문>\n\n질문: 통근버스 노선도는 어느 층에 붙어 있습니까?").startswith("없음")


def test_tokens_are_counted_and_the_limit_is_kept(url: str) -> None:
    """Usage and finish_reason are those of a server."""
    body = {"model": "regtune-stand-in", "messages": [{"role": "user", "content": "연차는?"}], "max_tokens": 10}
    reply = post(url, body)
    assert reply["choices"][0]["finish_reason"] == "length"
    assert reply["usage"]["completion_tokens"] <= 10
    assert reply["usage"]["total_tokens"] == reply["usage"]["prompt_tokens"] + reply["usage"]["completion_tokens"]


def test_an_unknown_model_is_404(url: str) -> None:
    """As vLLM answers it."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(url, {"model": "other", "messages": []})
    assert caught.value.code == 404


def test_a_hundred_connections_at_a_time_are_served(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """Threads: nothing waits for the connection before it to close."""
    with stand_in(tmp_path) as base_url:
        endpoint = Endpoint(pointed_at(demo_config, base_url, concurrency=100).endpoints.generator, tmp_path / "cache")
        requests = [
            Request(messages=(("user", f"질문: {n}?"),), max_tokens=2000, temperature=0.0, top_p=1.0, seed=n)
            for n in range(200)
        ]

        async def asked() -> set[str]:
            try:
                return {reply.finish_reason for reply in await endpoint.ask_all(requests)}
            finally:
                await endpoint.close()

        assert asyncio.run(asked()) == {"stop"}
        assert stats(base_url)["free"] == 200


@pytest.mark.parametrize(
    ("word", "pair", "expected"),
    [
        pytest.param("병가", "은/는", "병가는", id="vowel"),
        pytest.param("휴직", "을/를", "휴직을", id="consonant"),
        pytest.param("서울", "으로/로", "서울로", id="rieul"),
        pytest.param("일비(1일당)", "은/는", "일비(1일당)는", id="before brackets"),
        pytest.param("‘여비’", "이란/란", "‘여비’란", id="inside quotes"),
        pytest.param("별표 1", "과/와", "별표 1과", id="a digit as it is read"),
    ],
)
def test_particles_follow_the_final_consonant(word: str, pair: str, expected: str) -> None:
    """은/는, 을/를, 으로/로 as Korean spells them."""
    from wording import with_particle

    assert with_particle(word, pair) == expected


@pytest.mark.parametrize(
    ("sentence", "answer", "question"),
    [
        pytest.param("제출하여야 한다.", "제출해야 합니다.", "제출해야 하나요?", id="duty"),
        pytest.param("지급하지 아니한다.", "지급하지 않습니다.", "지급하지 않나요?", id="negation"),
        pytest.param("신청할 수 없다.", "신청할 수 없습니다.", "신청할 수 없나요?", id="없다"),
        pytest.param("휴가를 준다.", "휴가를 줍니다.", "휴가를 주나요?", id="stem with a vowel"),
        pytest.param("별표 1에 따른다.", "별표 1에 따릅니다.", "별표 1에 따르나요?", id="stem in 르"),
        pytest.param("빌려주어서는 아니 된다.", "빌려주어서는 안 됩니다.", "빌려주어서는 안 되나요?", id="prohibition"),
    ],
)
def test_endings_become_those_of_people(sentence: str, answer: str, question: str) -> None:
    """What regulations write becomes what employees ask and are told."""
    from wording import asking, polite

    assert polite(sentence) == answer
    assert asking(sentence) == question


@pytest.mark.parametrize(
    ("sentence", "questions"),
    [
        pytest.param(
            "외출은 1회 2시간, 월 6시간을 초과할 수 없다.",
            ["외출은 1회 몇 시간, 월 몇 시간까지 가능한가요?"],
            id="a rate stays",
        ),
        pytest.param(
            "시업 시각은 오전 9시, 종업 시각은 오후 6시로 한다.",
            ["시업 시각은 몇 시, 종업 시각은 몇 시로 하나요?"],
            id="clock",
        ),
        pytest.param("승진은 매년 4월 1일에 실시한다.", ["승진은 매년 언제 실시하나요?"], id="date"),
        pytest.param("위로금 3천만원을 지급한다.", ["위로금 얼마를 지급하나요?"], id="money takes its own particle"),
        pytest.param("제2항의 기한을 3일 연장할 수 있다.", [], id="what points elsewhere is not asked"),
        pytest.param("별표 1에 따라 지급한다.", [], id="a number that counts nothing"),
    ],
)
def test_a_figure_is_asked_for_where_it_stands(sentence: str, questions: list[str]) -> None:
    """The number becomes the question word in place."""
    from quantity_questions import quantity_questions

    assert quantity_questions(sentence) == questions


def test_a_row_of_a_table_is_asked_with_its_head() -> None:
    """An annex gives a question for each figure of a row, with the unit that stands above the table."""
    from article import read_article
    from table_questions import row_drafts

    table = "| 구분 | 일비 | 숙박비 |\n| --- | --- | --- |\n| 임원 | 40,000 | 실비 |"
    text = f"[별표 1]\n국내 여비 지급 기준\n(단위: 원)\n{table}"
    (draft,) = row_drafts(read_article(text, "여비규정 / [별표 1] 국내 여비 지급 기준"), "| 임원 | 40,000 | 실비 |")
    assert draft.question == "국내 여비 지급 기준에서 ‘임원’에 해당하는 일비는 얼마인가요?"
    assert draft.answer == "여비규정 별표 1에 따라 ‘임원’에 해당하는 일비는 40,000원입니다."


@pytest.mark.parametrize("rule", ["nonsense", "invalid_json=2"])
def test_a_rule_that_is_none_is_refused(rule: str) -> None:
    """A typing error must not make a server that behaves."""
    from faults import Faults

    with pytest.raises(ValueError, match=r"no such rule|between 0 and 1"):
        Faults.parse([rule], seed=0)

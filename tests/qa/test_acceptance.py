"""What acceptance.py claims."""

import json

import pytest
from stand_in import chunk_of

from regtune.config import PipelineConfig
from regtune.qa.acceptance import ADVICE, PairReply, Proposal, Refusal, examine
from regtune.qa.plan import Slot
from regtune.replies import Reply

CHUNK = chunk_of(
    "제26조(연차유급휴가의 이월) ① 직원은 사용하지 아니한 연차유급휴가 중 5일 이내의 일수를 다음 해로 이월할 수 있다.",
    "제26조",
    "제26조(연차유급휴가의 이월)",
    "취업규칙",
)
GOOD = {
    "question": "연차유급휴가는 며칠까지 다음 해로 이월할 수 있나요?",
    "answer": "취업규칙 제26조에 따라 5일 이내의 일수를 다음 해로 이월할 수 있습니다.",
    "evidence": "연차유급휴가 중 5일 이내의 일수를 다음 해로 이월할 수 있다.",
    "article": "제26조",
}
ABSENT = {
    "question": "연차유급휴가를 동료에게 양도할 수 있나요?",
    "answer": "없음. 연차유급휴가의 양도에 관한 내용은 취업규칙에 규정되어 있지 않습니다.",
    "evidence": "",
}


def examined(config: PipelineConfig, text: str, finish: str = "stop", qa_type: str = "lookup") -> Proposal | Refusal:
    """The verdict on one reply's text."""
    reply = Reply(text, finish, 1, 1, 0.1, cached=False, request_sha256="0" * 64)
    slot = Slot(CHUNK.chunk_id, qa_type, "", "수치")  # type: ignore[arg-type]
    return examine(reply, slot, CHUNK, config.gate)


def test_a_good_reply_is_taken(demo_config: PipelineConfig) -> None:
    """Question, answer and evidence come through, also out of a code fence."""
    expected = Proposal(GOOD["question"], GOOD["answer"], GOOD["evidence"])
    assert examined(demo_config, json.dumps(GOOD, ensure_ascii=False)) == expected
    assert examined(demo_config, f"```json\n{json.dumps(GOOD)}\n```") == expected


def test_a_negative_has_no_evidence(demo_config: PipelineConfig) -> None:
    """A negative that says 없음 is taken with null evidence."""
    found = examined(demo_config, json.dumps({**GOOD, **ABSENT}), qa_type="negative")
    assert found == Proposal(ABSENT["question"], ABSENT["answer"], None)


@pytest.mark.parametrize(
    ("changes", "qa_type", "reason"),
    [
        pytest.param({"question": "", "answer": ""}, "lookup", "declined", id="the model declines"),
        pytest.param({"answer": "  "}, "lookup", "empty", id="empty answer"),
        pytest.param({"question": "How many days may be carried over?"}, "lookup", "not_korean", id="English"),
        pytest.param({"answer": "最多可以结转五天。"}, "lookup", "not_korean", id="Chinese"),
        pytest.param({"question": "연차 이월은?"}, "lookup", "wrong_length", id="too short"),
        pytest.param(
            {"question": "연차유급휴가의 이월 일수를 정리한다."}, "lookup", "not_a_question", id="no question"
        ),
        pytest.param(
            {"question": "이 조문에서 며칠까지 이월할 수 있나요?"}, "lookup", "not_self_contained", id="이 조문"
        ),
        pytest.param(
            {"question": "제공된 문서에서 이월 한도는 며칠인가요?"}, "lookup", "not_self_contained", id="제공된"
        ),
        pytest.param(
            {"question": "위 규정에 따른 이월 한도는 며칠인가요?"}, "lookup", "not_self_contained", id="위 규정"
        ),
        pytest.param({"question": "제1항에 따른 이월 한도는 며칠인가요?"}, "lookup", "not_self_contained", id="제1항"),
        pytest.param(
            {"question": "제26조의 이월 한도는 며칠인가요?"}, "lookup", "not_self_contained", id="제26조 of what"
        ),
        pytest.param({"evidence": "7일 이내의 일수를 이월할 수 있다."}, "lookup", "ungrounded", id="evidence made up"),
        pytest.param({"evidence": ""}, "lookup", "ungrounded", id="no evidence"),
        pytest.param({"article": "제27조"}, "lookup", "wrong_article", id="another article"),
        pytest.param(
            {"answer": "그러한 내용은 규정에 없습니다. 확인 바랍니다."}, "lookup", "wrong_type", id="없음 to a lookup"
        ),
        pytest.param(
            {"answer": "죄송하지만 답변해 드릴 수 없습니다."}, "lookup", "refusal", id="refusal inside the JSON"
        ),
        pytest.param({}, "negative", "negative_with_answer", id="a negative that answers"),
    ],
)
def test_what_is_wrong_is_named(
    demo_config: PipelineConfig, changes: dict[str, str], qa_type: str, reason: str
) -> None:
    """Each fault has its reason."""
    found = examined(demo_config, json.dumps({**GOOD, **changes}), qa_type=qa_type)
    assert isinstance(found, Refusal)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("text", "finish", "reason"),
    [
        pytest.param('{"question": "연차', "stop", "invalid_json", id="half a JSON"),
        pytest.param("죄송하지만 도와드릴 수 없습니다.", "stop", "refusal", id="refusal"),
        pytest.param("I'm sorry, but I can't help with that.", "stop", "refusal", id="refusal in English"),
        pytest.param('{"question": "' + " \n" * 400, "length", "endless_whitespace", id="endless white space"),
        pytest.param('{"result": 1}', "stop", "wrong_schema", id="other fields"),
        pytest.param('{"question": "', "length", "truncated", id="cut at max_tokens"),
        pytest.param("", "stop", "empty", id="nothing"),
        pytest.param("APITimeoutError: Request timed out.", "error", "endpoint_error", id="timed out"),
        pytest.param("BadRequestError: too long", "error", "bad_request", id="refused by the server"),
    ],
)
def test_what_cannot_be_read_is_named(demo_config: PipelineConfig, text: str, finish: str, reason: str) -> None:
    """Broken replies are told apart."""
    found = examined(demo_config, text, finish)
    assert isinstance(found, Refusal)
    assert found.reason == reason


def test_a_question_may_cite_an_article_beside_its_regulation(demo_config: PipelineConfig) -> None:
    """`취업규칙 제26조` is understood without the document."""
    question = "취업규칙 제26조에 따르면 며칠까지 이월할 수 있나요?"
    assert isinstance(examined(demo_config, json.dumps({**GOOD, "question": question})), Proposal)


def test_words_that_only_look_like_pointers_are_taken(demo_config: PipelineConfig) -> None:
    """`이 조건` and `별지 제1호서식` point at nothing in the document."""
    question = "별지 제1호서식의 휴가신청서는 며칠 전까지 제출해야 하나요?"
    assert isinstance(examined(demo_config, json.dumps({**GOOD, "question": question})), Proposal)


@pytest.mark.parametrize(
    "pointing",
    [
        *("그 기간은", "이 경우 휴가는", "해당 휴가는", "여기서 말하는 휴가는", "앞서 말한 휴가는", "이 제도는"),
        *("그것은", "동 조항의 휴가는", "①항에서 휴가는"),
    ],
)
def test_a_question_that_points_at_what_nobody_sees_is_not_taken(demo_config: PipelineConfig, pointing: str) -> None:
    """Whoever reads the question alone cannot know what is meant; they were taken."""
    row = {**GOOD, "question": f"{pointing} 며칠까지 이월할 수 있나요?"}
    found = examined(demo_config, json.dumps(row))
    assert isinstance(found, Refusal)
    assert found.reason == "not_self_contained"


@pytest.mark.parametrize("evidence", ["제", "직원은", "5일"])
def test_evidence_of_one_word_is_none(demo_config: PipelineConfig, evidence: str) -> None:
    """It stands in every article; it was taken."""
    found = examined(demo_config, json.dumps({**GOOD, "evidence": evidence}))
    assert isinstance(found, Refusal)
    assert found.reason == "ungrounded"


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        ("네, 양도할 수 있는 휴가는 3개월분입니다. 그 밖의 규정은 없습니다.", False),
        ("없음. 다만 15일의 연차휴가는 양도할 수 있습니다.", False),
        ("네, 그런 규정은 없습니다.", True),
        ("죄송하지만 양도에 관한 규정은 없습니다.", True),
    ],
)
def test_a_negative_says_absent_and_nothing_else(demo_config: PipelineConfig, answer: str, taken: bool) -> None:  # noqa: FBT001
    """One that affirmed first, or went on to an exception with a figure, was taken; a polite one was a refusal."""
    found = examined(demo_config, json.dumps({**GOOD, **ABSENT, "answer": answer}), qa_type="negative")
    assert isinstance(found, Proposal) is taken


@pytest.mark.parametrize("end", ["이월할 수 있는지 알려 줘", "이월할 수 있는지요"])
def test_other_ways_to_ask_are_questions(demo_config: PipelineConfig, end: str) -> None:
    """They were `not_a_question`."""
    row = {**GOOD, "question": f"연차유급휴가는 며칠까지 다음 해로 {end}"}
    assert isinstance(examined(demo_config, json.dumps(row)), Proposal)


def test_the_schema_has_no_lengths() -> None:
    """A maxLength in a grammar starves a server, so none is sent."""
    schema = json.dumps(PairReply.model_json_schema())
    assert "maxLength" not in schema
    assert "minLength" not in schema


def test_every_reason_that_is_told_is_korean() -> None:
    """What the model is told when it is asked again is in its prompt's language."""
    assert all(any("가" <= c <= "힣" for c in advice) for advice in ADVICE.values())

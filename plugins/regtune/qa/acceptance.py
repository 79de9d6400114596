"""Whether a reply is taken as a question-answer pair: the cheap checks that need no other model and no morphemes.

In: a reply of the generator and the chunk it was asked about. Out: a Proposal, or a Refusal with the reason by name
(those of DESIGN.md and a few that only replies have). Figures and negatives are checked later, by validate.
"""

import re
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from regtune.config import GateConfig
from regtune.contracts import Chunk
from regtune.korean.absence import says_absent
from regtune.korean.normalise import contains_span, folded, hangul_share
from regtune.qa.plan import Slot
from regtune.replies import Reply

ADVICE = {
    "invalid_json": "JSON 형식이 아닙니다.",
    "refusal": "만들기를 거절했습니다. 조문은 공개해도 되는 사내 규정이므로 질문과 답변을 만드십시오.",
    "wrong_schema": "정해진 항목(question, answer, evidence, article)을 갖추지 않았습니다.",
    "truncated": "답이 끝나기 전에 잘렸습니다. 더 짧게 쓰십시오.",
    "endless_whitespace": "빈칸만 이어지다가 잘렸습니다. 빈칸과 줄바꿈 없이 쓰십시오.",
    "empty": "질문이나 답변이 비어 있습니다.",
    "not_korean": "질문과 답변은 한국어로 써야 합니다.",
    "wrong_length": "질문이나 답변이 너무 짧거나 깁니다.",
    "not_a_question": "질문이 물음의 형태가 아닙니다.",
    "not_self_contained": "문서를 보지 않으면 알 수 없는 말(이 조문, 위 규정, 제1항 등)이 질문에 있습니다.",
    "wrong_article": "article에 적은 조 번호가 주어진 조문과 다릅니다.",
    "ungrounded": "evidence가 조문에 있는 그대로의 문장이 아닙니다.",
    "negative_with_answer": "부정형인데 답변이 규정에 없다고 말하지 않습니다.",
    "wrong_type": "규정에 있는 내용을 물어야 하는데 답변이 없다고 말합니다.",
    "duplicate": "이미 있는 질문과 같거나 거의 같습니다. 다른 것을 물으십시오.",
}
"""Reason -> what the model is told when it is asked again."""

_CONTEXT = re.compile(
    r"(?:^|[\s(])(?:이|본|위|해당|상기|아래|앞의|다음)\s?(?:조문|조항|조|항|규정|규칙|문서|내용|글|자료)(?=[은는이가을를의에과와\s,?.]|$)"
    r"|제공된|주어진|제시된|상기|본문에|context|<|〈"
    r"|^(?:[이그]\s(?!회사|밖|외)[가-힣]|[이그]것[은이을의]|해당\s|동\s?(?:조항|조|항|규정)[은는이가의]|여기서\s)"
    r"|앞서\s(?:말|정|언급|설명)한"
)
_CIRCLED = re.compile(r"[①-⑳]")
_AFFIRMS = re.compile(r"^(?:네|예)[,.\s][^.]*")
_EXCEPT_WITH_FIGURE = re.compile(r"[.]\s*(?:다만|단),?\s[^.]*\d")
_SHORTEST_WORD = 8
"""Characters of evidence that is one word: fewer say nothing of what was asked."""
NO_REPLY = frozenset({"bad_request", "endpoint_error"})
"""Reasons of a request that brought no reply to judge."""
_BAD_REQUEST = re.compile(r"(?:BadRequest|UnprocessableEntity|Conflict|APIStatus)Error\b")
"""The server refuses this very request: it would refuse it again."""
_GARBLED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ue000-\uf8ff]")
_ENDLESS = re.compile(r"\s{100}\Z")
_REFUSES = re.compile(
    r"^\W*(?:죄송|미안|유감)[^.]{0,40}(?:(?<!규정[은이] )(?<!제도[는가] )(?<!조항[은이] )(?<!기준[은이] )없습니다"
    r"|어렵습니다|못합니다|않습니다|불가)|도와드릴 수 없"
    r"|^\W*(?:I'm sorry|I am sorry|I cannot|I can't|Sorry|As an AI|抱歉|对不起)",
    re.IGNORECASE,
)
_PARAGRAPH_ALONE = re.compile(r"제\d+[항호](?!서식)")
_ARTICLE_CITED = re.compile(r"제\d+조(?:의\d+)?")
_ASKS = re.compile(r"[?？]\s*$|(?:나요|까요|습니까|ㅂ니까|가요|니까|세요|주세요|알려\s?줘요?|는지요)[.?]?\s*$")


class PairReply(BaseModel):
    """A question with its answer."""

    # No lengths: maxLength in a grammar costs a server up to 8 times its speed. The docstring travels in the schema.
    model_config = ConfigDict(extra="forbid")

    question: str
    answer: str
    evidence: str
    article: str


@dataclass(frozen=True)
class Proposal:
    """A reply that passed every check on itself."""

    question: str
    answer: str
    evidence: str | None


@dataclass(frozen=True)
class Refusal:
    """A reply that is not taken."""

    reason: str
    question: str = ""
    """As far as it could be read."""
    unreadable: bool = False
    """No JSON of the schema, whatever else it is."""


def examine(reply: Reply, slot: Slot, chunk: Chunk, limits: GateConfig) -> Proposal | Refusal:
    """Check a reply on its own.

    Args:
        reply: as it came.
        slot: what was asked for.
        chunk: what was shown.
        limits: of the gate, which would refuse the row later.
    """
    pair = _read(reply)
    if isinstance(pair, Refusal):
        return pair
    question, answer, evidence = (" ".join(text.split()) for text in (pair.question, pair.answer, pair.evidence))
    if not question and not answer:
        return Refusal("declined")
    reason = _fault_of_text(question, answer, chunk, limits) or _fault_of_type(slot, answer, evidence, pair, chunk)
    if reason is not None:
        return Refusal(reason, question)
    return Proposal(question, answer, None if slot.type == "negative" else pair.evidence.strip())


def _read(reply: Reply) -> PairReply | Refusal:
    if reply.finish_reason == "error":
        return Refusal("bad_request" if _BAD_REQUEST.match(reply.text) else "endpoint_error")
    if reply.finish_reason == "length":
        return Refusal("endless_whitespace" if _ENDLESS.search(reply.text) else "truncated", unreadable=True)
    if not reply.text.strip():
        return Refusal("empty", unreadable=True)
    try:
        return PairReply.model_validate_json(_json_part(reply.text))
    except ValidationError as error:
        reason = "invalid_json" if error.errors()[0]["type"] == "json_invalid" else "wrong_schema"
        return Refusal("refusal" if _REFUSES.search(reply.text) else reason, unreadable=True)


def _json_part(text: str) -> str:
    """Cut away a code fence or words around the object, which free-form models put there."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def _fault_of_text(question: str, answer: str, chunk: Chunk, limits: GateConfig) -> str | None:
    if not question or not answer:
        return "empty"
    if _REFUSES.search(question) or _REFUSES.search(answer):
        return "refusal"
    if min(hangul_share(question), hangul_share(answer)) < limits.min_hangul_share or _GARBLED.search(
        question + answer
    ):
        return "not_korean"
    shortest, longest = limits.question_length
    shortest_answer, longest_answer = limits.answer_length
    if not (shortest <= len(question) <= longest and shortest_answer <= len(answer) <= longest_answer):
        return "wrong_length"
    if not _ASKS.search(question):
        return "not_a_question"
    return None if _understandable_alone(question, chunk) else "not_self_contained"


def _understandable_alone(question: str, chunk: Chunk) -> bool:
    """No pointing at the document; an article's number only beside the title of its regulation."""
    text = folded(question)
    if _CONTEXT.search(text) or _CIRCLED.search(question):
        return False
    names_regulation = bool(chunk.regulation_title) and chunk.regulation_title in text
    if _ARTICLE_CITED.search(text):
        return names_regulation
    return not _PARAGRAPH_ALONE.search(text)


def _fault_of_type(slot: Slot, answer: str, evidence: str, pair: PairReply, chunk: Chunk) -> str | None:
    if slot.type == "negative":
        affirmed = _AFFIRMS.match(answer)
        states = bool(affirmed and not says_absent(affirmed[0])) or bool(_EXCEPT_WITH_FIGURE.search(answer))
        return "negative_with_answer" if states or not says_absent(answer) else None
    if says_absent(answer):
        return "wrong_type"
    cited, shown = _ARTICLE_CITED.search(pair.article), _ARTICLE_CITED.search(chunk.article)
    if cited and shown and cited[0] != shown[0]:
        return "wrong_article"
    says_something = len(evidence.split()) > 1 or len(evidence) >= _SHORTEST_WORD
    return None if says_something and contains_span(chunk.text, evidence) else "ungrounded"

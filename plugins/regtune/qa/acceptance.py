"""Whether a reply is taken as a question-answer pair: the cheap checks that need no other model and no morphemes.

In: a reply of the generator and the chunk it was asked about. Out: a Proposal, or a Refusal with the reason by name
(DESIGN.md) and what to tell the model. Figures and negatives are checked against the whole corpus later, by validate.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, ValidationError

from regtune.config import GateConfig
from regtune.contracts import Chunk
from regtune.korean.absence import says_absent
from regtune.korean.normalise import contains_span, folded, hangul_share, question_key
from regtune.llm import Reply
from regtune.qa.plan import Slot

ADVICE = {
    "invalid_json": "JSON 형식이 아닙니다.",
    "wrong_schema": "정해진 항목(question, answer, evidence, article)을 갖추지 않았습니다.",
    "truncated": "답이 끝나기 전에 잘렸습니다. 더 짧게 쓰십시오.",
    "empty": "질문이나 답변이 비어 있습니다.",
    "not_korean": "질문과 답변은 한국어로 써야 합니다.",
    "wrong_length": "질문이나 답변이 너무 짧거나 깁니다.",
    "not_a_question": "질문이 물음의 형태가 아닙니다.",
    "not_self_contained": "문서를 보지 않으면 알 수 없는 말(이 조문, 위 규정, 제1항 등)이 질문에 있습니다.",
    "wrong_article": "article에 적은 조 번호가 주어진 조문과 다릅니다.",
    "ungrounded": "evidence가 조문에 있는 그대로의 문장이 아닙니다.",
    "negative_with_answer": "부정형인데 답변이 규정에 없다고 말하지 않습니다.",
    "wrong_type": "규정에 있는 내용을 물어야 하는데 답변이 없다고 말합니다.",
    "duplicate": "이미 있는 질문과 같습니다.",
    "near_duplicate": "이미 있는 질문과 거의 같습니다.",
}
"""Reason -> what the model is told when it is asked again."""

_CONTEXT = re.compile(
    r"(?:^|[\s(])(?:이|본|위|해당|상기|아래|앞의|다음)\s?(?:조문|조항|조|항|규정|규칙|문서|내용|글|자료)(?=[은는이가을를의에과와\s,?.]|$)"
    r"|제공된|주어진|제시된|상기|본문에|context|<|〈"
)
_PARAGRAPH_ALONE = re.compile(r"제\d+[항호]")
_ARTICLE_CITED = re.compile(r"제\d+조(?:의\d+)?")
_ASKS = re.compile(r"[?？]\s*$|(?:나요|까요|습니까|ㅂ니까|가요|니까|세요|주세요)[.?]?\s*$")
_DIGITS = re.compile(r"\d+")
_GRAM = 3


class PairReply(BaseModel):
    """What the generator replies. No lengths here: maxLength in a grammar costs a server up to 8 times its speed."""

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
        return Refusal("bad_request" if reply.text.startswith("BadRequestError") else "endpoint_error")
    if reply.finish_reason == "length":
        return Refusal("truncated")
    if not reply.text.strip():
        return Refusal("empty")
    try:
        return PairReply.model_validate_json(_json_part(reply.text))
    except ValidationError as error:
        return Refusal("invalid_json" if error.errors()[0]["type"] == "json_invalid" else "wrong_schema")


def _json_part(text: str) -> str:
    """Cut away a code fence or words around the object, which free-form models put there."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def _fault_of_text(question: str, answer: str, chunk: Chunk, limits: GateConfig) -> str | None:
    if not question or not answer:
        return "empty"
    if min(hangul_share(question), hangul_share(answer)) < limits.min_hangul_share:
        return "not_korean"
    shortest, longest = limits.question_length
    shortest_answer, longest_answer = limits.answer_length
    if not (shortest <= len(question) <= longest and shortest_answer <= len(answer) <= longest_answer):
        return "wrong_length"
    if not _ASKS.search(question):
        return "not_a_question"
    if not _understandable_alone(question, chunk):
        return "not_self_contained"
    return None


def _understandable_alone(question: str, chunk: Chunk) -> bool:
    """No pointing at the document; an article's number only beside the title of its regulation."""
    text = folded(question)
    if _CONTEXT.search(text):
        return False
    names_regulation = bool(chunk.regulation_title) and chunk.regulation_title in text
    if _ARTICLE_CITED.search(text):
        return names_regulation
    return not _PARAGRAPH_ALONE.search(text)


def _fault_of_type(slot: Slot, answer: str, evidence: str, pair: PairReply, chunk: Chunk) -> str | None:
    if slot.type == "negative":
        return None if says_absent(answer) else "negative_with_answer"
    if says_absent(answer):
        return "wrong_type"
    cited = _ARTICLE_CITED.search(pair.article)
    if cited and _ARTICLE_CITED.search(chunk.article) and cited[0] != chunk.article:
        return "wrong_article"
    return None if contains_span(chunk.text, evidence) else "ungrounded"


@dataclass
class AcceptedQuestions:
    """Questions taken so far, indexed by their character n-grams."""

    similarity_limit: float
    _keys: set[str] = field(default_factory=set)
    _grams: list[frozenset[str]] = field(default_factory=list)
    _marks: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    _index: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def conflict(self, question: str, article: str) -> str | None:
        """Return `duplicate` or `near_duplicate`, or None.

        A near duplicate shares more than `similarity_limit` of its n-grams (cosine of the sets) with a question on
        the same article and with the same figures; what differs in a figure or in the article asks something else.
        """
        if question_key(question) in self._keys:
            return "duplicate"
        grams, marks = _grams(question), _marks(question, article)
        shared = Counter(other for gram in grams for other in self._index.get(gram, ()))
        for other, count in shared.items():
            cosine = count / (len(grams) * len(self._grams[other])) ** 0.5
            if cosine >= self.similarity_limit and marks == self._marks[other]:
                return "near_duplicate"
        return None

    def add(self, question: str, article: str) -> None:
        """Take a question."""
        number, grams = len(self._grams), _grams(question)
        self._keys.add(question_key(question))
        self._grams.append(grams)
        self._marks.append(_marks(question, article))
        for gram in sorted(grams):
            self._index[gram].append(number)


def _grams(question: str) -> frozenset[str]:
    key = question_key(question)
    return frozenset(key[i : i + _GRAM] for i in range(max(1, len(key) - _GRAM + 1)))


def _marks(question: str, article: str) -> tuple[str, tuple[str, ...]]:
    return article, tuple(sorted(_DIGITS.findall(question)))

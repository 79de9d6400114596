"""Rules for negatives: no article of the whole corpus answers the question, and the answer says so and no more.

Reasons: answerable_negative, negative_with_answer. A chunk is evidence against a negative as far as one place of it
(a sentence with its lead, or two neighbouring ones) holds what the question asks about; words count as wholes, since
`전기요금` is not held by an article on 택시 요금, and since a tagger takes a word apart that it does not know.
"""

import re
from collections.abc import Sequence

from regtune.korean.absence import says_absent
from regtune.korean.normalise import squeezed
from regtune.korean.quantities import Quantity, missing_from, read_quantities, same_value
from regtune.korean.vocabulary import SILENT
from regtune.korean.words import bare_words
from regtune.qa.case import Case
from regtune.qa.corpus import Corpus, Source, equals_of, sentences_in

_CANDIDATES = 8
_PARTIAL = 0.4
_EXTRA_SENTENCES = 2
_RULES = re.compile(r"(?:규정|규칙|세칙|지침)상?$")
_COUNTER = re.compile(
    r"^(?:회|번|명|일|시간?|분|월|년|세|살|개월?|달|주|원|건|점|차례|퍼센트)(?:까지|부터|이내|이상|이하|마다|간"
    r"|당|씩|동안|[에를을의은는이가])*$"
)
_PREFIX = re.compile(r"^(?:전|총|각|본|당)(?=[가-힣]{2})")
_ASKED_LIST = """
불이익 결과 조치 처분 영향 방법 절차 기한 기간 금액 횟수 서류 대상 조건 요건 순서 내용 한도 지원 혜택 특례 처리
"""
_ASKED = frozenset(_ASKED_LIST.split())
"""What is asked of a topic; never the topic itself."""
_ADVICE = re.compile(r"문의|확인|상담|인사|담당|부서|필요한 경우|별도|참고|참조|따로|개별")
_TELLS = re.compile(
    r"(?:일반적|통상|보통|관례|다만|그러나|하지만|법령|근로기준법|관련 ?법)[^.]*(?:합니다|됩니다|있습니다"
    r"|입니다|한다|된다)"
)


def negative(case: Case) -> list[str]:
    """Judge one negative."""
    reasons = []
    if not says_absent(case.answer) or _adds_rule(case):
        reasons.append("negative_with_answer")
    score, chunk_id = best_evidence(case.corpus, case.question)
    case.figures["negative_evidence"] = round(score, 4)
    case.figures["negative_chunk_id"] = chunk_id
    if score >= case.config.negative_evidence_limit:
        reasons.append("answerable_negative")
    return reasons


def _adds_rule(case: Case) -> bool:
    """Whether the answer, having said 없음, goes on to state a rule."""
    if missing_from(case.answer, case.question):
        return True
    rest = [sentence for sentence in sentences_in(case.answer) if not says_absent(sentence)]
    return any(_TELLS.search(sentence) and not _ADVICE.search(sentence) for sentence in rest) or (
        len(rest) >= _EXTRA_SENTENCES and not any(_ADVICE.search(sentence) for sentence in rest)
    )


def best_evidence(corpus: Corpus, question: str) -> tuple[float, str]:
    """Return the share of the question that the best place of the corpus holds, and the chunk it is in."""
    topics = _topics(corpus, question)
    if not topics:
        return 0.0, ""
    quantities = read_quantities(question)
    scored = [
        (_held(corpus, topics, quantities, source), source.chunk.chunk_id)
        for _, source in corpus.nearest(question, _CANDIDATES)
    ]
    return max(scored, default=(0.0, ""))


def _topics(corpus: Corpus, question: str) -> dict[str, list[str]]:
    """Words of the question that name something -> the nouns and stems inside each."""
    found: dict[str, list[str]] = {}
    for word in bare_words(question):
        inside = [part.lower() for part in corpus.tagger.content(word) if part not in SILENT]
        silent = (
            word in SILENT
            or (not inside and len(word) == 1)
            or word in _ASKED
            or bool(read_quantities(word) or _COUNTER.match(word))
        )
        if not silent and not _RULES.search(word):
            found[word.lower()] = inside
    return found


def _held(corpus: Corpus, topics: dict[str, list[str]], quantities: Sequence[Quantity], source: Source) -> float:
    """Weighted share of the topics that the best window of the chunk holds.

    What the heading names is what the question is about; the share is of what it asks beyond that. An amount in the
    question has to be in the chunk.
    """
    heading = squeezed(" ".join((source.chunk.regulation_title, *source.chunk.path))).lower()
    weights = {
        word: max((corpus.weight(part) for part in inside), default=corpus.weight(word))
        for word, inside in topics.items()
    }
    beyond = {
        word: weight for word, weight in weights.items() if _word_share(word, topics[word], heading) < 1
    } or weights
    foreign = [q for q in quantities if not any(same_value(q, other) for other in source.quantities)]
    total = sum(beyond.values()) + len(foreign) * corpus.weight("")
    texts = [squeezed(f"{sentence.lead} {sentence.main} {sentence.text}").lower() for sentence in source.sentences]
    windows = [heading + one + two for one, two in zip(texts, [*texts[1:], ""], strict=True)] or [heading]
    return max(
        sum(weight * _word_share(word, topics[word], window) for word, weight in beyond.items()) / total
        for window in windows
    )


def _word_share(word: str, inside: Sequence[str], window: str) -> float:
    """Whole where the word stands in the window or each of its parts does; a part of a compound counts little."""
    if word in window or _PREFIX.sub("", word) in window:
        return 1.0
    if not inside:
        return 0.0
    held = sum(any(equal in window for equal in equals_of(part)) for part in inside) / len(inside)
    return held if len(inside) == 1 else held * _PARTIAL


RULES = (negative,)

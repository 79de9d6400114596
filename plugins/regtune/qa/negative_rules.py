"""Rules for negatives: no article of the whole corpus answers the question, and the answer says so and no more.

Reasons: answerable_negative, negative_with_answer. A chunk is evidence against a negative as far as one place of it
(a sentence with its lead, or two neighbouring ones) holds what the question asks about; words count as wholes, since
`전기요금` is not held by an article on 택시 요금, and since a tagger takes a word apart that it does not know.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from regtune.korean.absence import says_absent
from regtune.korean.normalise import folded, squeezed
from regtune.korean.quantities import Quantity, missing_from, read_quantities, same_value, within
from regtune.korean.vocabulary import SILENT
from regtune.qa.case import Case
from regtune.qa.corpus import Corpus, Source, equals_of, sentences_in

_CANDIDATES = 8
_PARTIAL = 0.4
_ALL_KNOWN = 0.13
_VERB_WEIGHT = 0.4
_NOUNS = ("NNG", "NNP", "XR", "SL", "NA", "NF", "Noun", "Alpha", "N", "F")
_AFFIXES = ("XSN", "XPN", "Suffix")
_VERBS = ("VV", "VA", "Verb", "Adjective", "P")
_LIGHT_SUFFIXES = ("자", "용", "적", "별", "들", "님", "시", "중", "내", "상", "당", "간", "쯤", "분")
_WORDS = re.compile(r"[가-힣A-Za-z0-9·]+")
_RULES = re.compile(r"(?:규정|규칙|세칙|지침)상?$")
_COUNTER = re.compile(
    r"^(?:회|번|명|일|시간?|분|월|년|세|살|개월?|달|주|원|건|점|차례|퍼센트)(?:까지|부터|이내|이상|이하|마다|간"
    r"|당|씩|동안|[에를을의은는이가])*$"
)
_PREFIX = re.compile(r"^(?:전|총|각|본|당)(?=[가-힣]{2})")
_ASKED_LIST = """
불이익 결과 조치 처분 영향 방법 절차 기한 기간 금액 횟수 서류 대상 조건 요건 순서 내용
한도 지원 혜택 특례 처리 부서 팀 직급
"""
_ASKED = frozenset(_ASKED_LIST.split())
"""What is asked of a topic; never the topic itself."""
_ADVICE = re.compile(r"문의|확인|상담|인사|담당|부서|필요한 경우|별도|참고|참조|따로|개별")
_CONTRAST = re.compile(r"(?<=없)(?:으나|지만|는데|으며|고),?\s|(?<=않)(?:으나|지만|는데|으며|고),?\s|(?<=습니다)만,?\s")
_STATES = re.compile(r"(?:니다|한다|된다|있다|준다|이다|[해돼줘여네]요|함|됨|있음)[.!]?$")
_OF_THE_RULES = re.compile(r"(?:규정|규칙|지침|조항|내용|사항)[^.]{0,24}(?:정하|다루|규정하|언급|명시|포함|한정)")


def negative(case: Case) -> list[str]:
    """Judge one negative."""
    reasons = []
    if not says_absent(case.answer) or _adds_rule(case):
        reasons.append("negative_with_answer")
    score, chunk_id = best_evidence(case.corpus, case.question)
    limit = case.config.negative_evidence_limit - (_ALL_KNOWN if _is_familiar(case.corpus, case.question) else 0.0)
    case.figures["negative_evidence"] = round(score, 4)
    case.figures["negative_chunk_id"] = chunk_id
    if score >= limit:
        reasons.append("answerable_negative")
    return reasons


def _is_familiar(corpus: Corpus, question: str) -> bool:
    """Whether the corpus has every noun that is asked about; what it does not provide for it seldom names."""
    nouns = [topic for topic in _topics(corpus, question) if topic.is_noun]
    return len(nouns) > 1 and all(corpus.knows(part) for topic in nouns for part in topic.parts)


def _adds_rule(case: Case) -> bool:
    """Whether the answer, having said 없음, goes on to state a rule."""
    if missing_from(case.answer, case.question):
        return True
    asked = set(case.question_terms)
    for sentence in sentences_in(case.pair.answer):
        clauses = _CONTRAST.split(sentence)
        for clause in clauses[1:] if says_absent(clauses[0]) else clauses:
            if says_absent(clause) or _ADVICE.search(clause) or _OF_THE_RULES.search(clause):
                continue
            if _STATES.search(clause) and set(case.corpus.terms(clause)) - asked:
                return True
    return False


def best_evidence(corpus: Corpus, question: str) -> tuple[float, str]:
    """Return the share of the question that the best place of the corpus holds, and the chunk it is in."""
    topics = _topics(corpus, question)
    if not topics:
        return 0.0, ""
    quantities = [quantity for quantity in read_quantities(question) if not quantity.each]
    scored = [
        (_held(corpus, topics, quantities, source), source.chunk.chunk_id)
        for _, source in corpus.nearest(question, _CANDIDATES)
    ]
    return max(scored, default=(0.0, ""))


@dataclass(frozen=True)
class _Topic:
    """One word of the question that names something."""

    word: str
    """Without particles and endings, compounds whole: `헌혈하러` is 헌혈, `전기요금을` is 전기요금."""
    parts: tuple[str, ...]
    """Nouns inside; the stem of a verb."""
    is_noun: bool


def _topics(corpus: Corpus, question: str) -> list[_Topic]:
    found: dict[str, _Topic] = {}
    for word in _WORDS.findall(folded(question)):
        if read_quantities(word) or _COUNTER.match(word):
            continue
        tagged = corpus.tagger.tagged(word)
        nouns = list(itertools.takewhile(lambda pair: pair[1] in (*_NOUNS, *_AFFIXES), tagged))
        while nouns and nouns[-1][1] in _AFFIXES and nouns[-1][0] in _LIGHT_SUFFIXES:
            nouns.pop()
        parts = tuple(morph.lower() for morph, tag in nouns if tag in _NOUNS and morph not in SILENT)
        whole = "".join(morph for morph, _ in nouns).lower()
        if parts and whole not in SILENT and whole not in _ASKED and not _RULES.search(whole):
            found[whole] = _Topic(whole, parts, is_noun=True)
        elif not nouns:
            stems = [m for m, tag in tagged if tag in _VERBS and m not in SILENT and len(m) > 1]
            found |= {stem: _Topic(stem, (stem,), is_noun=False) for stem in stems}
    return list(found.values())


def _held(corpus: Corpus, topics: Sequence[_Topic], quantities: Sequence[Quantity], source: Source) -> float:
    """Weighted share of the topics that the best window of the chunk holds.

    What the heading names is what the question is about; the share is of what it asks beyond that. An amount in the
    question has to be in the chunk, or to lie within bounds of its kind there.
    """
    heading = squeezed(" ".join((source.chunk.regulation_title, *source.chunk.path))).lower()
    weights = {
        topic: max(corpus.weight(part) for part in topic.parts) * (1 if topic.is_noun else _VERB_WEIGHT)
        for topic in topics
    }
    nouns = [topic for topic in topics if topic.is_noun]
    beyond = [t for t in topics if _share(t, heading) < 1]
    if not any(topic.is_noun for topic in beyond):
        beyond = [*beyond, *nouns]
    foreign = [
        q
        for q in quantities
        if not any(same_value(q, other) for other in source.quantities) and not within(q, source.quantities)
    ]
    total = sum(weights[topic] for topic in beyond) + len(foreign) * corpus.weight("")
    texts = [squeezed(f"{sentence.lead} {sentence.main} {sentence.text}").lower() for sentence in source.sentences]
    windows = [heading + one + two for one, two in zip(texts, [*texts[1:], ""], strict=True)] or [heading]
    return max(sum(weights[topic] * _share(topic, window) for topic in beyond) / (total or 1.0) for window in windows)


def _share(topic: _Topic, window: str) -> float:
    """Whole where the word or an equal stands in the window; all parts of a compound, apart, count little."""
    if any(len(equal) > 1 and equal in window for equal in equals_of(topic.word)):
        return 1.0
    if _PREFIX.sub("", topic.word) in window:
        return 1.0
    for part in topic.parts if len(topic.parts) > 1 else ():
        if any(topic.word.replace(part, equal) in window for equal in equals_of(part)):
            return 1.0
    held = sum(any(equal in window for equal in equals_of(part)) for part in topic.parts) / len(topic.parts)
    whole = len(topic.parts) == 1 and topic.parts[0] == topic.word
    return held if whole else held * _PARTIAL


RULES = (negative,)

"""How much of what a question asks one place of the corpus holds: evidence that a negative has an answer after all.

In: a question and the corpus. Out: the share of the question that the best place holds, and its chunk. A place is a
sentence with its lead and heading, or two neighbouring ones. Words count as wholes, since `전기요금` is not held by an
article on 택시 요금, and since a tagger takes a word apart that it does not know; what is said in everyday words counts
as held where a word of regulations for it stands (korean/everyday.py).
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from regtune.korean.everyday import Concept, concepts_in
from regtune.korean.normalise import folded, squeezed
from regtune.korean.quantities import Quantity, read_quantities, same_value, within
from regtune.korean.quantity_grammar import UNITS
from regtune.korean.vocabulary import SILENT
from regtune.qa.corpus import Corpus, Source
from regtune.qa.sentences import equals_of

_CANDIDATES = 8
_PARTIAL = 0.4
_VERB_WEIGHT = 0.4
_NOUNS = ("NNG", "NNP", "XR", "SL", "NA", "NF", "Noun", "Alpha", "N", "F")
_AFFIXES = ("XSN", "XPN", "Suffix")
_VERBS = ("VV", "VA", "Verb", "Adjective", "P")
_LIGHT_SUFFIXES = ("자", "용", "적", "별", "들", "님", "시", "중", "내", "상", "당", "간", "쯤", "분")
_WORDS = re.compile(r"[가-힣A-Za-z0-9·]+")
_LAST_PARTICLE = re.compile(r"(?<=[가-힣]{2})[이가은는을를의에도]$")
_RULES = re.compile(r"(?:규정|규칙|세칙|지침)상?$")
_COUNTER = re.compile(
    r"^(?:회|번|명|일|시간?|분|월|년|세|살|개월?|달|주|원|건|점|차례|퍼센트)(?:까지|부터|이내|이상|이하|마다|간"
    r"|당|씩|동안|[에를을의은는이가])*$"
)
_PREFIX = re.compile(r"^(?:전|총|각|본|당)(?=[가-힣]{2})")
_ASKED_LIST = """
불이익 결과 조치 처분 영향 방법 절차 기한 기간 금액 횟수 서류 대상 조건 요건 순서 내용
한도 지원 혜택 특례 처리 부서 팀 직급 인정 제공 허용 이용 지급 기념 얼마간 사람
"""
_ASKED = frozenset(_ASKED_LIST.split())
"""What is asked of a topic; never the topic itself."""
_HALF = 0.5
_ALONE, _FOREIGN = 0.3, 0.1
"""What a sentence's own words, and an amount that its chunk does not have, count beside all that it holds."""
_FEWEST_NAMED = 2
_ANOTHER_UNIT = 0.6
_COUNTED_IN = re.compile(
    r"몇\s?(?P<unit>글자|자리|자|초|층|대|곳|명|개|벌|켤레|학기|호봉|점|박|끼|km|킬로미터|미터)(?![가-힣]{2})"
)


def best_evidence(corpus: Corpus, question: str) -> tuple[float, str]:
    """Return the share of the question that the best place of the corpus holds, and the chunk it is in."""
    topics = _topics(corpus, question)
    if not topics:
        return 0.0, ""
    quantities = [quantity for quantity in read_quantities(question) if not quantity.each]
    scored = [
        (_held(corpus, topics, quantities, source) * _of_the_unit(question, source), source.chunk.chunk_id)
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
        whole = _without_particle(corpus, "".join(morph for morph, _ in nouns).lower())
        if parts and whole not in SILENT and whole not in _ASKED and not _RULES.search(whole):
            found[whole] = _Topic(whole, parts, is_noun=True)
        elif not nouns:
            stems = [m for m, tag in tagged if tag in _VERBS and m not in SILENT and len(m) > 1]
            found |= {stem: _Topic(stem, (stem,), is_noun=False) for stem in stems}
    return list(found.values())


def _without_particle(corpus: Corpus, word: str) -> str:
    """경조휴가 of 경조휴가가, which a tagger takes for one noun; the corpus tells which of the two is a word."""
    stem = _LAST_PARTICLE.sub("", word)
    return stem if stem != word and corpus.mentions(stem) and not corpus.mentions(word) else word


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
    foreign = foreign_amounts(quantities, source)
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
    held = sum(any(equal in window for equal in equals_of(part) if len(equal) > 1) for part in topic.parts) / len(
        topic.parts
    )
    whole = len(topic.parts) == 1 and topic.parts[0] == topic.word
    return held if whole else held * _PARTIAL


@dataclass(frozen=True)
class Place:
    """One sentence of the corpus with its heading, held against all that a question names."""

    share: float = 0.0
    """Weighted share of what is named that stands in the sentence itself."""
    missing: int = 0
    """Things named that stand neither in it nor in its heading; an amount that its chunk does not have counts two."""
    own: int = 0
    """Things named that stand in the sentence itself."""
    has_focus: bool = False
    """Whether it has what stands nearest to the question's predicate."""
    chunk_id: str = ""


@dataclass(frozen=True)
class Named:
    """Something that the question names."""

    word: str
    weight: float
    is_noun: bool
    share_in: Callable[[str], float]
    """How far a text holds it."""


def named_in(corpus: Corpus, text: str) -> list[Named]:
    """What a question, or what a negative says is not regulated, names; in order."""
    concepts, rest = concepts_in(folded(text))
    placed = [
        *((text.find(c.said), _of_concept(corpus, c)) for c in concepts if c.said not in _ASKED),
        *((text.find(topic.word), _of_topic(corpus, topic)) for topic in _topics(corpus, rest)),
    ]
    return [one for _, one in sorted(placed, key=lambda one: one[0])]


def sources_near(corpus: Corpus, text: str) -> list[Source]:
    """Chunks nearest to a text as it stands, and with the words of regulations for its everyday ones."""
    wide = " ".join([text, *sorted(word for c in concepts_in(folded(text))[0] for word in c.written)])
    found = {source.chunk.chunk_id: source for one in (text, wide) for _, source in corpus.nearest(one, _CANDIDATES)}
    return [source for _, source in sorted(found.items())]


def nearest_place(corpus: Corpus, question: str) -> Place:
    """Return the place that holds the most of what a question names, in everyday words or those of regulations."""
    named = named_in(corpus, question)
    if len(named) < _FEWEST_NAMED:
        return Place()
    quantities = [quantity for quantity in read_quantities(question) if not quantity.each]
    scored = [
        scored
        for source in sources_near(corpus, question)
        if _of_the_unit(question, source) == 1
        for scored in _places(named, len(foreign_amounts(quantities, source)), source)
    ]
    return max(scored, key=lambda one: one[0], default=(0.0, Place()))[1]


def _of_concept(corpus: Corpus, concept: Concept) -> Named:
    known = [corpus.weight(word) for word in concept.written if corpus.mentions(word)]
    weight = max(known, default=corpus.weight(""))
    return Named(
        concept.said, weight, is_noun=True, share_in=lambda text: float(any(word in text for word in concept.written))
    )


def _of_topic(corpus: Corpus, topic: _Topic) -> Named:
    weight = max(corpus.weight(part) for part in topic.parts) * (1 if topic.is_noun else _VERB_WEIGHT)
    return Named(topic.word, weight, is_noun=topic.is_noun, share_in=lambda text: _share(topic, text))


def _places(named: Sequence[Named], foreign: int, source: Source) -> Iterator[tuple[float, Place]]:
    """Each sentence of a chunk with what it is chosen by: what it holds with its heading, and a little what alone."""
    heading = squeezed(" ".join((source.chunk.regulation_title, *source.chunk.path))).lower()
    total = sum(one.weight for one in named) or 1.0
    focus = next((one for one in reversed(named) if one.is_noun), None)
    for sentence in source.sentences:
        own = squeezed(f"{sentence.lead} {sentence.main} {sentence.text} {sentence.referred}").lower()
        with_heading = [one.share_in(heading + own) for one in named]
        alone = [one.share_in(own) for one in named]
        held, share = (
            sum(one.weight * part for one, part in zip(named, shares, strict=True)) / total
            for shares in (with_heading, alone)
        )
        missing = sum(one.is_noun and part < _HALF for one, part in zip(named, with_heading, strict=True))
        yield (
            held + _ALONE * share - _FOREIGN * foreign,
            Place(
                share=share,
                missing=missing + 2 * foreign,
                own=sum(part > _HALF for part in alone),
                has_focus=focus is not None and focus.share_in(own) > _HALF,
                chunk_id=source.chunk.chunk_id,
            ),
        )


def _of_the_unit(question: str, source: Source | None) -> float:
    """`몇 글자` is not answered by a chunk that counts no letters."""
    asked = _COUNTED_IN.search(question)
    if asked is None or source is None:
        return 1.0
    unit = UNITS.get(asked["unit"], asked["unit"])
    return 1.0 if any(quantity.unit == unit for quantity in source.quantities) else _ANOTHER_UNIT


def foreign_amounts(quantities: Sequence[Quantity], source: Source) -> list[Quantity]:
    """Amounts of the question that the chunk neither states nor bounds."""
    return [
        q
        for q in quantities
        if not any(same_value(q, other) for other in source.quantities) and not within(q, source.quantities)
    ]

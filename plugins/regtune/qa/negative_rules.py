"""Rules for negatives: no article of the whole corpus answers the question, and the answer says so and no more.

Reasons: answerable_negative, negative_with_answer. A chunk is evidence against a negative as far as one place of it
(a sentence with its lead, or two neighbouring ones) holds what the question asks about, word groups counted as wholes:
`전기 요금` is not held by an article on 택시 요금.
"""

import re
from collections.abc import Sequence

from regtune.korean.absence import says_absent
from regtune.korean.normalise import squeezed
from regtune.korean.quantities import missing_from
from regtune.korean.vocabulary import SILENT
from regtune.qa.case import Case
from regtune.qa.corpus import Corpus, Source, equals_of, sentences_in

_CANDIDATES = 8
_PARTIAL = 0.4
_EXTRA_SENTENCES = 2
_ADVICE = re.compile(r"문의|확인|상담|인사|담당|부서|필요한 경우|별도|참고|참조|따로|개별")
_TELLS = re.compile(
    r"(?:일반적|통상|보통|관례|다만|그러나|하지만|법령|근로기준법|관련 ?법)[^.]*(?:합니다|됩니다|있습니다|입니다|한다|된다)"
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
    scored = [
        (_held(corpus, topics, source), source.chunk.chunk_id) for _, source in corpus.nearest(question, _CANDIDATES)
    ]
    return max(scored, default=(0.0, ""), key=lambda pair: (pair[0], pair[1]))


def _topics(corpus: Corpus, question: str) -> list[tuple[str, ...]]:
    """Word groups of the question that name something, silent words left out."""
    runs = [tuple(part.lower() for part in run if part not in SILENT) for run in corpus.tagger.compounds(question)]
    predicates = [(term,) for term in corpus.terms(question) if not any(term in run for run in runs)]
    return list(dict.fromkeys([*(run for run in runs if run), *predicates]))


def _held(corpus: Corpus, topics: Sequence[tuple[str, ...]], source: Source) -> float:
    """Weighted share of the topics held by the best window of the chunk; the title counts for every window."""
    heading = squeezed(" ".join((source.chunk.regulation_title, *source.chunk.path))).lower()
    texts = [squeezed(f"{sentence.lead} {sentence.main} {sentence.text}").lower() for sentence in source.sentences]
    windows = [heading + one + two for one, two in zip(texts, [*texts[1:], ""], strict=True)] or [heading]
    weights = {topic: max(corpus.weight(part) for part in topic) * len(topic) ** 0.5 for topic in topics}
    total = sum(weights.values())
    return max(sum(weights[topic] * _topic_share(topic, window) for topic in topics) / total for window in windows)


def _topic_share(topic: tuple[str, ...], window: str) -> float:
    if "".join(topic) in window:
        return 1.0
    held = sum(any(word in window for word in equals_of(part)) for part in topic) / len(topic)
    return held if len(topic) == 1 else held * _PARTIAL


RULES = (negative,)

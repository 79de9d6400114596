"""What a dataset looks like, and how far it is from the one that was accepted before it.

In: pairs with their articles. Out: GateProfile, and shifts: total variation (0 the same, 1 nothing in common) of types
and articles, the population stability index of lengths (below 0.1 steady, above 0.25 another population).
"""

import bisect
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from regtune.contracts import QA_TYPES, GateProfile

LENGTH_EDGES = (20, 30, 40, 60, 80, 120, 160, 240)
"""Characters at which a new class of length begins."""
_UNSEEN = 0.5
"""Added to every class, so that an empty one does not make the index endless."""


def profile_of(rows: Iterable[Mapping[str, object]], articles: Sequence[str]) -> GateProfile:
    """Describe a dataset.

    Args:
        rows: type, question, answer and article of each pair.
        articles: those that have something to ask about; each is counted, asked about or not.
    """
    rows = list(rows)
    types = Counter(str(row["type"]) for row in rows)
    asked = Counter(row["article"] for row in rows if row["type"] != "negative")
    return GateProfile(
        types={qa_type: types[qa_type] for qa_type in QA_TYPES},
        articles={article: asked[article] for article in articles},
        question_lengths=_lengths(str(row["question"]) for row in rows),
        answer_lengths=_lengths(str(row["answer"]) for row in rows),
    )


def shift(aspect: str, one: GateProfile, other: GateProfile) -> float:
    """How far two profiles are apart in `types`, `articles`, `question_lengths` or `answer_lengths`.

    Articles are compared over those that both corpora have; with none in common they are 1.0 apart.
    """
    if aspect == "types":
        return _total_variation(one.types, other.types)
    if aspect == "articles":
        both = sorted(set(one.articles) & set(other.articles))
        return _total_variation(*({a: side.articles[a] for a in both} for side in (one, other)))
    lengths = (one.question_lengths, other.question_lengths)
    if aspect == "answer_lengths":
        lengths = (one.answer_lengths, other.answer_lengths)
    return _stability_index(*lengths)


def _lengths(texts: Iterable[str]) -> tuple[int, ...]:
    counts = Counter(bisect.bisect_right(LENGTH_EDGES, len(text)) for text in texts)
    return tuple(counts[index] for index in range(len(LENGTH_EDGES) + 1))


def _total_variation(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    whole, other_whole = sum(one.values()), sum(other.values())
    if not whole or not other_whole:
        return 1.0
    return sum(abs(one.get(k, 0) / whole - other.get(k, 0) / other_whole) for k in sorted({*one, *other})) / 2


def _stability_index(one: Sequence[int], other: Sequence[int]) -> float:
    shares = [[(count + _UNSEEN) / (sum(side) + _UNSEEN * len(side)) for count in side] for side in (one, other)]
    return math.fsum((p - q) * math.log(p / q) for p, q in zip(*shares, strict=True))

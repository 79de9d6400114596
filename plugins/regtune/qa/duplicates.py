"""Questions that ask the same: exact after normalisation, then near by TF-IDF over character n-grams, with a veto.

In: (id, question) in order. Out: DuplicatePair records and, for split, groups. Two questions that differ in a number,
an article, an actor, a negation, the question word or a noun ask different things however alike they look.
It needs no tagger, so that the scheduler can run it.
"""

import re
from collections.abc import Iterator, Sequence

from regtune.contracts import DuplicatePair
from regtune.korean.citations import read_citations
from regtune.korean.normalise import folded, question_key
from regtune.korean.quantities import read_quantities, values_of
from regtune.korean.words import bare_words, kinds_of

_BLOCK = 512
_NGRAMS = (2, 4)
_RULES = re.compile(r"(?:규정|규칙|세칙|지침)상?$")
_NEGATION = re.compile(r"없|않|아니|못|불가|금지|제외|미\s?(?=제출|이수|사용|신청)|무단")
_ACTOR = re.compile(
    r"[가-힣]{0,12}(?:부장|팀장|서장|실장|과장|대표이사|사장|위원회|위원장|총장|원장|임원|[가-힣]팀)(?=[이가은는의에을를과와도\s]|$)"
)


def duplicate_pairs(questions: Sequence[tuple[str, str]], similarity: float) -> list[DuplicatePair]:
    """Find the questions that ask the same.

    Args:
        questions: (id, text), ids distinct.
        similarity: cosine from which two questions count as near.

    Returns:
        One record for each two, `a` before `b` in string order, sorted.
    """
    found: dict[tuple[str, str], float] = {}
    for group in _equal_keys(questions):
        found.update({_ordered(one, other): 1.0 for i, one in enumerate(group) for other in group[i + 1 :]})
    for left, right, score in near_pairs([text for _, text in questions], similarity):
        pair = _ordered(questions[left][0], questions[right][0])
        if pair not in found and not asks_otherwise(questions[left][1], questions[right][1]):
            found[pair] = round(min(score, 0.9999), 4)
    return [DuplicatePair(a=a, b=b, score=score) for (a, b), score in sorted(found.items())]


def near_pairs(texts: Sequence[str], similarity: float) -> Iterator[tuple[int, int, float]]:
    """Yield (i, j, cosine) with i < j for texts at least that alike, by character n-grams within words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    cores = [" ".join(bare_words(text)) for text in texts]
    if len(cores) < 2 or not any(cores):  # noqa: PLR2004 - two make a pair
        return
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=_NGRAMS, sublinear_tf=True).fit_transform(cores)
    for start in range(0, len(cores), _BLOCK):
        scores = (vectors[start : start + _BLOCK] @ vectors.T).tocoo()
        for row, column, score in sorted(zip(scores.row, scores.col, scores.data, strict=True)):
            if start + row < column and score >= similarity:
                yield int(start + row), int(column), float(score)


def asks_otherwise(one: str, other: str) -> bool:
    """The veto: another amount, article, actor, negation, question word or noun."""
    one, other = folded(one), folded(other)
    if values_of(read_quantities(one)) != values_of(read_quantities(other)):
        return True
    if {(c.article, c.paragraph) for c in read_citations(one)} != {
        (c.article, c.paragraph) for c in read_citations(other)
    }:
        return True
    if set(_ACTOR.findall(one)) != set(_ACTOR.findall(other)):
        return True
    if bool(_NEGATION.search(one)) != bool(_NEGATION.search(other)):
        return True
    if _ask_different_kinds(kinds_of(one), kinds_of(other)):
        return True
    return bool(_only_in(one, other) or _only_in(other, one))


def groups_of(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Union-find: the smallest member of each one's group, for items 0 … count-1."""
    parent = list(range(count))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for left, right in pairs:
        a, b = sorted((root(left), root(right)))
        parent[b] = a
    return [root(item) for item in range(count)]


def _equal_keys(questions: Sequence[tuple[str, str]]) -> list[list[str]]:
    by_key: dict[str, list[str]] = {}
    for identifier, text in questions:
        by_key.setdefault(question_key(text), []).append(identifier)
    return [group for group in by_key.values() if len(group) > 1]


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


def _ask_different_kinds(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether both say what they ask for and it is not the same; `해야 하나요` says little by itself."""
    if not (one and other):
        return False
    named = one - {"whether"}, other - {"whether"}
    return not named[0] & named[1] and bool(named[0] or named[1])


def _only_in(one: str, other: str) -> list[str]:
    """Words of the first of which the second has no part, question words and names of regulations aside."""
    words = bare_words(other)
    joined = "".join(words)
    return [
        word
        for word in bare_words(one)
        if len(word) > 1
        and word not in joined
        and not any(len(part) > 1 and part in word for part in words)
        and not kinds_of(word)
        and not _RULES.search(word)
    ]

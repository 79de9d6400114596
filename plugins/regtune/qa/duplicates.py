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

_BLOCK = 512
_NGRAMS = (2, 4)
_PARTICLES = re.compile(
    r"(?<=[가-힣]{2})(?:으로부터|에게서|에서는|에서의|까지는|까지의|부터는|으로는|에게는|에는|에서|에게|으로|까지|부터|이나|이란|라면|이라면|은|는|이|가|을|를|의|에|로|와|과|도|만|나)$"
)
_ENDINGS = re.compile(
    r"(?:하여야|해야|하면|하려면|하려는|하는|하기|하고|하여|해서|한|할|하나요|합니까|되나요|됩니까|된|될|되는|되며|인가요|인가|입니까|이며|인지|일까요|예요|이에요|나요|습니까|받으려면|받는|받을|받은|받습니까)$"
)
_LIGHT = frozenset(
    "수 것 때 경우 있 없 하 되 대해 대하여 관해 관하여 관련 관한 대한 따라 따르면 의하면 위해 위한 및 또는 그 이 좀 해당 직원 직원이 직원은 회사 회사는 사내 우리"
    " 알려주세요 알려 주세요 주십시오 설명해 설명 말해 궁금합니다 규정상 규정에 규정 정해져 정하고 있나요 있습니까 합니까 하나요 되나요 됩니까 입니까 인가요 가능한가요 가능합니까 무엇".split()
)
_KINDS = {
    "time": r"언제|며칠|몇\s?(?:일|시|달|개월|년)|기한|시한|얼마\s?동안|얼마나 오래",
    "amount": r"얼마(?!\s?동안|나 오래)|금액|액수|몇\s?(?:원|퍼센트|%)",
    "count": r"몇\s?(?:회|번|차례|명|건|개)|횟수",
    "who": r"누구|누가|어느 부서|승인권자|담당",
    "how": r"어떻게|절차|방법|순서|과정",
    "paper": r"서류|첨부|구비",
    "whether": r"수 있|되나요|가능|여야\s?(?:하|합)|해야\s?(?:하|합)|허용",
}
_KIND_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}
_NEGATION = re.compile(r"없|않|아니|못|불가|금지|제외|미\s?(?=제출|이수|사용|신청)|무단")
_ACTOR = re.compile(
    r"[가-힣]*(?:부장|팀장|서장|실장|과장|대표이사|사장|위원회|위원장|총장|원장|임원|[가-힣]팀)(?=[이가은는의에을를과와도\s]|$)"
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

    cores = [_core(text) for text in texts]
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
    kinds = [{kind for kind, pattern in _KIND_PATTERNS.items() if pattern.search(text)} for text in (one, other)]
    if all(kinds) and not kinds[0] & kinds[1]:
        return True
    return bool(_nouns_only_in(one, other)) and bool(_nouns_only_in(other, one))


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


def _words(text: str) -> list[str]:
    words = re.sub(r"[^0-9A-Za-z가-힣%]+", " ", folded(text)).split()
    bare = (_ENDINGS.sub("", _PARTICLES.sub("", word)) for word in words)
    return [word for word in bare if word and word not in _LIGHT]


def _core(text: str) -> str:
    return " ".join(_words(text))


def _nouns_only_in(one: str, other: str) -> list[str]:
    """Words of the first that the second does not have, question words aside."""
    joined = "".join(_words(other))
    asking = re.compile("|".join(_KINDS.values()))
    return [word for word in _words(one) if len(word) > 1 and word not in joined and not asking.search(word)]

"""Questions that ask the same: exact after normalisation, then near, with a veto.

In: (id, question) in order. Out: DuplicatePair records and, for split, groups. Candidates are alike by TF-IDF over
character n-grams of a question's canonical words (cosine); asked.py then vetoes every two that a number, an article, a
subject, a negation, a period, the kind of answer or any other word tells apart. It needs no tagger, so that the
scheduler can run it.

Near-linear in the number of questions: only questions with the same amounts and polarity and a kind of answer in common
are compared, and of them only those that share a rare n-gram (prefix filtering: Bayardo, Ma, Srikant, Scaling up all
pairs similarity search, WWW 2007). Both leave out nothing that comparing each with each would find.
"""

from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations, product
from typing import Any

from regtune.contracts import DuplicatePair
from regtune.korean.normalise import question_key
from regtune.qa.asked import Asked, ask_the_same, blocks_of, read_question

_BLOCK = 256
_CHUNK = 50_000
_NGRAMS = (2, 4)
_MOST_LISTED = 50
"""Of more questions than this with one text only those with the first are listed: their pairs grow with the square."""
_NEAR = 0.9999
"""The most that a near duplicate scores; 1.0 says that two are equal."""
_ROUNDING = 1e-9


def duplicate_pairs(questions: Sequence[tuple[str, str]], similarity: float) -> list[DuplicatePair]:
    """Find the questions that ask the same.

    Args:
        questions: (id, text), ids distinct.
        similarity: cosine from which two questions are compared at all.

    Returns:
        One record for each two, `a` before `b` in string order, sorted.
    """
    groups: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for identifier, text in questions:
        key = question_key(text)
        groups.setdefault(key, []).append(identifier)
        texts.setdefault(key, text)
    found: dict[tuple[str, str], float] = {}
    for group in groups.values():
        listed = combinations(group, 2) if len(group) <= _MOST_LISTED else product(group[:1], group[1:])
        found.update({_ordered(one, other): 1.0 for one, other in listed})
    keys = [key for key in groups if key]
    for left, right, score in _near([read_question(texts[key]) for key in keys], similarity):
        several = groups[keys[left]][:_MOST_LISTED], groups[keys[right]][:_MOST_LISTED]
        found.update({_ordered(one, other): round(min(score, _NEAR), 4) for one, other in product(*several)})
    return [DuplicatePair(a=a, b=b, score=score) for (a, b), score in sorted(found.items())]


def near_pairs(texts: Sequence[str], similarity: float) -> Iterator[tuple[int, int, float]]:
    """Yield (i, j, cosine) with i < j, in order, for texts at least that alike; nothing is vetoed."""
    yield from _alike(_vectors([read_question(text) for text in texts]), similarity)


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


def _near(asked: Sequence[Asked], similarity: float) -> list[tuple[int, int, float]]:
    """(i, j, cosine) of questions that ask the same, i < j, sorted."""
    blocks: dict[Hashable, list[int]] = {}
    for index, question in enumerate(asked):
        for block in blocks_of(question):
            blocks.setdefault(block, []).append(index)
    vectors = _vectors(asked)
    found: dict[tuple[int, int], float] = {}
    for members in blocks.values():
        if len(members) > 1:
            for left, right, score in _alike(vectors[members], similarity):
                pair = members[left], members[right]
                if pair not in found and ask_the_same(asked[pair[0]], asked[pair[1]]):
                    found[pair] = score
    return [(left, right, score) for (left, right), score in sorted(found.items())]


def _vectors(asked: Sequence[Asked]) -> Any:  # noqa: ANN401 - scipy has no types
    """Unit rows of TF-IDF, columns from the rarest n-gram to the commonest; no columns where no question has a word."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [question.core for question in asked]
    if not any(texts):
        return csr_matrix((len(texts), 1))
    matrix = TfidfVectorizer(analyzer="char_wb", ngram_range=_NGRAMS, sublinear_tf=True).fit_transform(texts)
    by_rarity = np.argsort(np.bincount(matrix.indices, minlength=matrix.shape[1]), kind="stable")
    ordered = matrix[:, by_rarity]
    ordered.sort_indices()
    return ordered


def _alike(vectors: Any, similarity: float) -> Iterator[tuple[int, int, float]]:  # noqa: ANN401 - the same
    """Rows whose cosine is at least that: only those that share an n-gram of both prefixes are multiplied."""
    import numpy as np

    prefixes = _prefixes(vectors, similarity)
    across = prefixes.T.tocsc()
    for start in range(0, vectors.shape[0], _BLOCK):
        shared = (prefixes[start : start + _BLOCK] @ across).tocoo()
        later = shared.col > shared.row + start
        rows, columns = shared.row[later] + start, shared.col[later]
        order = np.lexsort((columns, rows))
        rows, columns = rows[order], columns[order]
        for chunk in range(0, len(rows), _CHUNK):
            some = slice(chunk, chunk + _CHUNK)
            scores = np.asarray(vectors[rows[some]].multiply(vectors[columns[some]]).sum(axis=1)).ravel()
            for position in np.flatnonzero(scores >= similarity - _ROUNDING):
                yield int(rows[chunk + position]), int(columns[chunk + position]), float(scores[position])


def _prefixes(vectors: Any, similarity: float) -> Any:  # noqa: ANN401 - the same
    """Each row without the commonest n-grams whose norm together stays below the similarity.

    Two rows that share none of what is left have, from the end of the longer prefix on, a product of at most that norm.
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    running = np.concatenate([[0.0], np.cumsum(vectors.data.astype(np.float64) ** 2)])
    ends = np.repeat(running[vectors.indptr[1:]], np.diff(vectors.indptr))
    kept = ends - running[:-1] >= (similarity - _ROUNDING) ** 2 - _ROUNDING
    counts = np.concatenate([[0], np.cumsum(kept)])
    return csr_matrix(
        (np.ones(int(kept.sum()), dtype=np.float32), vectors.indices[kept], counts[vectors.indptr]),
        shape=vectors.shape,
    )


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)

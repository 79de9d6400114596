"""A long text in parts of nearly equal tokens, cut where a reader would cut it.

In: the text of one provision, its limits and a token counter. Out: parts that together hold every non-blank character
once, in order, none over the limit. Every gap between two words has a rank (boundaries.py), from 항 down to plain
words. For the number of parts that comes nearest to the wished size, dynamic programming finds the cuts of least
unevenness and rank; lower ranks are let in one by one until the parts are even enough.
"""

import itertools
import math
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regtune.documents.boundaries import CLAUSE, LETTERS, SENTENCE, Atom, atoms_of
from regtune.documents.tokens import TokenCounter

_CUT_COSTS = (0.0, 0.01, 0.02, 0.04, 0.15, 0.3, 1.0)
"""What a cut of each rank costs, in the unit of squared relative deviation from even parts."""
_SCALES = (1.0, 0.2, 0.0)
"""Of these costs: first a good place weighs most, at last only evenness counts."""
_RUNS = re.compile(r"[^\S\n]{2,}|\s*\n\s*")


@dataclass(frozen=True)
class Limits:
    """How long and how even parts are to be."""

    most: int
    """Tokens of the longest part."""
    wished: int
    """Tokens that parts should come near, so that parts of different articles are alike too."""
    variation: float
    """Coefficient of variation of the tokens of one article's parts that is even enough."""


@dataclass(frozen=True)
class _Piece:
    text: str
    rank: int
    tokens: int


def split_evenly(text: str, limits: Limits, count: TokenCounter) -> list[str]:
    """Cut a text that is over the limit into parts that are as even as they can be.

    Args:
        text: paragraphs on lines of their own.
        limits: see there.
        count: of tokens.

    Returns:
        Parts without blanks at their ends; the text alone when it fits, nothing when it is blank.
    """
    text = text.strip()
    if not text:
        return []
    if count(text) <= limits.most:
        return [text]
    text = _RUNS.sub(lambda run: "\n" if "\n" in run[0] else " ", text)
    atoms = atoms_of(text, max(1, limits.most // 16), count)
    ways: dict[int, list[_Piece]] = {}
    least: tuple[float, list[str]] | None = None
    for parts, rank in _attempts(count(text), limits):
        pieces = ways.setdefault(rank, _pieces(atoms, rank, count))
        for scale in _SCALES:
            found = _cut(pieces, parts, limits.most, scale)
            tokens = [count(part) for part in found]
            if not found or max(tokens) > limits.most:
                break
            variation = statistics.pstdev(tokens) / statistics.mean(tokens)
            if variation <= limits.variation:
                return found
            least = min(least or (variation, found), (variation, found), key=lambda entry: entry[0])
    return least[1] if least else _cut_anyhow(atoms, limits.most, count)


def _cut_anyhow(atoms: Sequence[Atom], most: int, count: TokenCounter) -> list[str]:
    """Fill part after part to the limit: for limits of a few tokens, where a blank more or less decides."""
    parts = [""]
    for atom in atoms:
        longer = parts[-1] + atom.text
        parts = [*parts[:-1], longer] if count(longer.strip()) <= most else [*parts, atom.text]
    return [part.strip() for part in parts if part.strip()]


def _attempts(tokens: int, limits: Limits) -> Iterator[tuple[int, int]]:
    """Numbers of parts with the lowest rank of a cut, the most wanted first."""
    fewest = max(2, math.ceil(tokens / limits.most))
    near = max(fewest, math.floor(tokens / limits.wished))
    counts = sorted(
        range(max(fewest, near - 1), near + 3), key=lambda parts: abs(math.log(tokens / parts / limits.wished))
    )
    for most, wanted in ((CLAUSE, counts[:1]), (SENTENCE, counts[:3]), (CLAUSE, counts[:3]), (LETTERS, counts[:3])):
        yield from ((parts, rank) for parts in wanted for rank in range(most + 1))


def _pieces(atoms: Sequence[Atom], rank: int, count: TokenCounter) -> list[_Piece]:
    """Join atoms over every boundary of a lower rank."""
    pieces: list[_Piece] = []
    run: list[Atom] = []
    for atom in atoms:
        if run and atom.rank <= rank:
            pieces.append(_piece(run, count))
            run = []
        run.append(atom)
    return [*pieces, _piece(run, count)]


def _piece(run: Sequence[Atom], count: TokenCounter) -> _Piece:
    text = "".join(atom.text for atom in run)
    return _Piece(text, run[0].rank, count(text))


def _cut(pieces: Sequence[_Piece], parts: int, most: int, scale: float) -> list[str]:
    """The best `parts` stretches of the pieces; nothing when none fit the limit.

    A cut further than one mean part from where even parts would end is not looked at.
    """
    ends = list(itertools.accumulate((piece.tokens for piece in pieces), initial=0))
    mean = ends[-1] / parts
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for part in range(1, parts + 1):
        reached: dict[int, tuple[float, int]] = {}
        for start, (cost, _start) in best[-1].items():
            for end in range(start + 1, len(pieces) + 1):
                tokens = ends[end] - ends[start]
                if tokens > most or ends[end] - part * mean > mean:
                    break
                if part * mean - ends[end] > mean:
                    continue
                cut = _CUT_COSTS[pieces[end].rank] * scale if end < len(pieces) else 0.0
                total = cost + ((tokens - mean) / mean) ** 2 + cut
                if end not in reached or total < reached[end][0]:
                    reached[end] = (total, start)
        best.append(reached)
    if len(pieces) not in best[-1]:
        return []
    cuts = [len(pieces)]
    for reached in reversed(best[1:]):
        cuts.append(reached[cuts[-1]][1])
    cuts.reverse()
    return ["".join(piece.text for piece in pieces[a:b]).strip() for a, b in itertools.pairwise(cuts)]

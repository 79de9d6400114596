"""Which provision of the new revision continues which of the old one.

In: two lists of provisions of one kind of place (the articles of a body, the articles of one 부칙, the 별표 and forms).
Out: pairs of their indices. Words decide before numbers, so that a new 제5조, which shifts all after it, is one
addition and a run of renumbered articles; numbers decide what words leave open.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from regtune.contracts import Provision
from regtune.documents.diff_essence import content, essence, likeness
from regtune.documents.naming import addenda_of

_SAME_NUMBER_BONUS = 0.1
_RENUMBERED_LIKENESS = 0.75
_SAME_TITLE_LIKENESS = 0.5
"""Enough for another number when both titles are equal."""
_ADDENDUM_LIKENESS = 0.6
Pair = tuple[int, int]


@dataclass(frozen=True)
class _Side:
    """One provision as the matching sees it."""

    key: tuple[str, str | None, int]
    """Part, number, and which of several under that number."""
    content: str
    title: str


def match_provisions(old: Sequence[Provision], new: Sequence[Provision]) -> list[Pair]:
    """Pair provisions in force; what is left over on a side was removed or added.

    Returns:
        (index in old, index in new), sorted. Deleted ones are in no pair.
    """
    before, after = _sides(old), _sides(new)
    pairs = _join(before, after, lambda side: (side.key, side.content))
    pairs += _join(_left(before, pairs, 0), _left(after, pairs, 1), lambda side: (side.key[0], side.content))
    pairs += _alike(_left(before, pairs, 0), _left(after, pairs, 1))
    pairs += _join(_left(before, pairs, 0), _left(after, pairs, 1), lambda side: side.key)
    return sorted(pairs)


def match_addenda(old: Sequence[Provision], new: Sequence[Provision]) -> list[tuple[list[Provision], list[Provision]]]:
    """Pair the 부칙 of two revisions of one regulation; the other side of one that has no partner is empty."""
    before, after = addenda_of(old), addenda_of(new)
    texts = [[essence("\n".join(p.text for p in group)) for group in groups] for groups in (before, after)]
    headings = [[essence(group[0].path[0]) if group[0].path else "" for group in groups] for groups in (before, after)]
    pairs = _equal([*zip(headings[0], texts[0], strict=True)], [*zip(headings[1], texts[1], strict=True)], ())
    pairs += _equal(texts[0], texts[1], pairs)
    pairs += [(i, j) for i, j in _equal(headings[0], headings[1], pairs) if _dated(headings[0][i])]
    scores = [
        (likeness(texts[0][i], texts[1][j]), i, j)
        for i in range(len(before))
        for j in range(len(after))
        if i not in {a for a, _ in pairs} and j not in {b for _, b in pairs}
    ]
    pairs += _best((score, i, j) for score, i, j in scores if score >= _ADDENDUM_LIKENESS)
    partner = {j: i for i, j in pairs}
    matched = [(before[partner[j]] if j in partner else [], group) for j, group in enumerate(after)]
    return matched + [(group, []) for i, group in enumerate(before) if i not in partner.values()]


def _dated(heading: str) -> bool:
    return any(character.isdigit() for character in heading)


def _sides(provisions: Sequence[Provision]) -> dict[int, _Side]:
    sides: dict[int, _Side] = {}
    seen: defaultdict[tuple[str, str | None], int] = defaultdict(int)
    for i, provision in enumerate(provisions):
        if provision.deleted:
            continue
        place = (provision.part, provision.number)
        sides[i] = _Side((*place, seen[place]), content(provision.text), essence(provision.title or ""))
        seen[place] += 1
    return sides


def _left(sides: dict[int, _Side], pairs: Sequence[Pair], end: int) -> dict[int, _Side]:
    taken = {pair[end] for pair in pairs}
    return {i: side for i, side in sides.items() if i not in taken}


def _join(before: dict[int, _Side], after: dict[int, _Side], key: Callable[[_Side], Hashable]) -> list[Pair]:
    """Pair what has an equal key, in order where several have it."""
    waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
    for i, side in before.items():
        waiting[key(side)].append(i)
    return [(waiting[key(side)].pop(0), j) for j, side in after.items() if waiting[key(side)]]


def _equal(before: Sequence[Hashable], after: Sequence[Hashable], pairs: Sequence[Pair]) -> list[Pair]:
    """Pair equal values that are in no pair yet, in order."""
    waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
    for i, value in enumerate(before):
        if i not in {a for a, _ in pairs}:
            waiting[value].append(i)
    taken = {b for _, b in pairs}
    return [(waiting[value].pop(0), j) for j, value in enumerate(after) if j not in taken and waiting[value]]


def _alike(before: dict[int, _Side], after: dict[int, _Side]) -> list[Pair]:
    """Pair the likest first; another number asks for more likeness than the same one."""
    scores = []
    for i, one in before.items():
        for j, other in after.items():
            if one.key[0] != other.key[0]:
                continue
            score = likeness(one.content, other.content)
            same_title = bool(one.title) and one.title == other.title
            if one.key == other.key:
                needed, bonus = _SAME_TITLE_LIKENESS, _SAME_NUMBER_BONUS
            else:
                needed, bonus = _SAME_TITLE_LIKENESS if same_title else _RENUMBERED_LIKENESS, 0.0
            if score >= needed:
                scores.append((score + bonus, i, j))
    return _best(scores)


def _best(scores: Iterable[tuple[float, int, int]]) -> list[Pair]:
    pairs: list[Pair] = []
    for _score, i, j in sorted(scores, key=lambda scored: (-scored[0], scored[1], scored[2])):
        if i not in {a for a, _ in pairs} and j not in {b for _, b in pairs}:
            pairs.append((i, j))
    return pairs

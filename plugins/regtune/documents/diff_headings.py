"""Headings of 편, 장, 절 and 관 compared, and which articles moved among them.

In: the paired articles of a body and both whole bodies. Out: headings that came, went, or read differently, and
whether an article stands in another place: under a heading that is not the continuation of its old one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from regtune.contracts import Provision
from regtune.documents.diff_essence import essence

_NUMBER = re.compile(r"제\d+[편장절관](?:의\d+)?")
Chain = tuple[str, ...]
"""Headings from the outermost."""


@dataclass(frozen=True)
class HeadingChange:
    """A heading that differs; a side where it is not is empty."""

    kind: Literal["added", "removed", "changed", "renumbered"]
    old: Chain
    new: Chain
    before: int
    """Index in the new body of the article that it stands before."""


class Headings:
    """The headings of a body before and after."""

    def __init__(self, pairs: Sequence[tuple[int, int]], old: Sequence[Provision], new: Sequence[Provision]) -> None:
        """Find which heading continues which.

        Args:
            pairs: indices of the articles that continue each other.
            old: the old body.
            new: the new body.
        """
        before, after = _first_places(old), _first_places(new)
        self._partners = _partners(before, after, [(_chain(old[i]), _chain(new[j])) for i, j in pairs])
        self.changes = self._differing(before, after, dict(pairs), len(new))

    def moved(self, was: Provision, now: Provision) -> bool:
        """Whether an article left its 장 or 절 for another one that was there, or is new; a renamed one is the same."""
        old, new = _chain(was), _chain(now)
        return bool(old and new) and self._partners.get(old) not in {None, new}

    def _differing(
        self, before: dict[Chain, int], after: dict[Chain, int], at: dict[int, int], end: int
    ) -> list[HeadingChange]:
        changes: list[HeadingChange] = []
        origins = {new: old for old, new in self._partners.items()}
        for chain, place in after.items():
            old = origins.get(chain, ())
            one, other = essence(old[-1]) if old else "", essence(chain[-1])
            if not old:
                changes.append(HeadingChange("added", (), chain, place))
            elif one != other:
                kind: Literal["changed", "renumbered"] = "renumbered" if _title(one) == _title(other) else "changed"
                changes.append(HeadingChange(kind, old, chain, place))
        for chain, place in before.items():
            if chain not in self._partners:
                following = (at[i] for i in range(place, max(at, default=-1) + 1) if i in at)
                changes.append(HeadingChange("removed", chain, (), next(following, end)))
        return changes


def _chain(provision: Provision) -> Chain:
    return provision.path[:-1] if provision.kind == "article" else provision.path


def _first_places(provisions: Sequence[Provision]) -> dict[Chain, int]:
    """Every chain of headings and every part of one from its start -> index of the first article below it."""
    places: dict[Chain, int] = {}
    for i, provision in enumerate(provisions):
        chain = _chain(provision)
        for length in range(1, len(chain) + 1):
            places.setdefault(chain[:length], i)
    return places


def _partners(
    before: dict[Chain, int], after: dict[Chain, int], together: Sequence[tuple[Chain, Chain]]
) -> dict[Chain, Chain]:
    """Old chain -> new chain: equal words first, then equal titles, then whose articles went where."""
    partners: dict[Chain, Chain] = {}
    for words in (essence, _essential_title):
        free = [chain for chain in after if chain not in partners.values()]
        for old in before:
            key = [words(heading) for heading in old]
            same = [new for new in free if [words(heading) for heading in new] == key]
            if old not in partners and same:
                partners[old] = same[0]
                free.remove(same[0])
    votes: Counter[tuple[Chain, Chain]] = Counter()
    for old, new in together:
        for length in range(1, min(len(old), len(new)) + 1):
            votes[old[:length], new[:length]] += 1
    for (old, new), _count in sorted(votes.items(), key=lambda entry: -entry[1]):
        if old not in partners and new not in partners.values():
            partners[old] = new
    return partners


def _essential_title(heading: str) -> str:
    return _title(essence(heading))


def _title(heading: str) -> str:
    return _NUMBER.sub("", heading, count=1)

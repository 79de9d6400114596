"""How a dataset is divided in three: exact sizes, no question's twin on another side.

In: pairs. Out: the parts by name, each sorted by qa_id. Sizes are those of split.train : split.validation : split.test
by largest remainder, types in the dataset's proportion as far as whole groups allow. A group is what must not be torn
apart: questions that ask the same, questions that look alike, and pairs that rest on one span, on one within another
of their chunk, or on spans of it that share a sentence. The draw is by hash of seed and qa_id. The sides of an earlier
split are kept: a pair changes its own where its type has fewer places there than pairs, where kept and new pairs do not
fill the places of another side, or where a new pair ties it to one of another side; and no type is over its places by
more than in a split from scratch. split writes the parts; gate asks beforehand whether they can be made.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from regtune.artifacts import sha256_of_bytes
from regtune.config import SplitConfig
from regtune.contracts import QAPair
from regtune.errors import PrerequisiteMissingError, UnusableInputError
from regtune.korean.normalise import question_key, squeezed
from regtune.qa.duplicates import duplicate_pairs, groups_of, near_pairs
from regtune.qa.same_pairs import same_pairs
from regtune.qa.sentences import sentences_in

_log = logging.getLogger(__name__)
PARTS = ("train", "validation", "test")
_SMALL_FIRST = ("test", "validation", "train")


def split_pairs(
    pairs: Sequence[QAPair], config: SplitConfig, seed: int, before: Mapping[str, str] = MappingProxyType({})
) -> dict[str, list[QAPair]]:
    """Return the three parts.

    Args:
        pairs: the dataset.
        config: weights of the parts, and what belongs together.
        seed: of the draw.
        before: qa_id -> part of an earlier split, whose sides are kept.

    Raises:
        PrerequisiteMissingError: they are too few for three parts, or their groups are too large to be split so.
        UnusableInputError: two pairs have one qa_id.
    """
    twice = [qa_id for qa_id, count in Counter(pair.qa_id for pair in pairs).items() if count > 1]
    if twice:
        raise UnusableInputError(
            f"qa_pairs.jsonl: {len(twice)} ids are given more than once, first {twice[0]}; give each pair its own."
        )
    ordered = sorted(pairs, key=lambda pair: pair.qa_id)
    weights = {"train": config.train, "validation": config.validation, "test": config.test}
    sizes = largest_remainder(len(ordered), weights)
    empty = [name for name in PARTS if not sizes[name]]
    if empty:
        raise PrerequisiteMissingError(
            f"qa_pairs.jsonl: {len(ordered)} pairs cannot be split in three at "
            f"{':'.join(str(weight) for weight in weights.values())}, none would be left for {' and '.join(empty)}; "
            "generate more."
        )
    groups = _groups(ordered, config.near_duplicate_similarity, config.same_question_similarity)
    groups.sort(key=lambda group: sha256_of_bytes(f"{seed}:{group[0].qa_id}".encode()))
    drawn = [_Group(tuple(group), _side_of(group, before)) for group in groups]
    places = _places(Counter(pair.type for pair in ordered), sizes)
    parts = _drawn([_Group(group.pairs, None) for group in drawn], sizes, places, {})
    if before and _still_holds(drawn, before, sizes):
        parts = {name: _sorted([group for group in drawn if group.side == name]) for name in PARTS}
    elif before:
        parts = _drawn(drawn, sizes, places, {name: _over(parts[name], places[name]) for name in places})
    moved = sum(before.get(pair.qa_id, name) != name for name, part in parts.items() for pair in part)
    _log.info(
        "split: %d groups, %s%s",
        len(groups),
        ", ".join(f"{name} {len(parts[name])}" for name in PARTS),
        f"; {moved} pairs changed the side they had before" if before else "",
    )
    return parts


def _drawn(
    groups: Sequence["_Group"],
    sizes: Mapping[str, int],
    places: Mapping[str, Mapping[str, int]],
    slack: Mapping[str, int],
) -> dict[str, list[QAPair]]:
    """Fill the small parts one after the other; the rest is for training."""
    left, parts = list(groups), dict[str, list[QAPair]]()
    for name in _SMALL_FIRST[:-1]:
        chosen = _fill(_by_preference(left, name, places), name, sizes[name], places[name], slack.get(name, 0))
        parts[name] = _sorted(chosen)
        taken = {group.first for group in chosen}
        left = [group for group in left if group.first not in taken]
    parts["train"] = _sorted(left)
    return parts


@dataclass(frozen=True)
class _Group:
    """Pairs that stay together."""

    pairs: tuple[QAPair, ...]
    side: str | None
    """The part that most of them were in; None: all are new."""

    @property
    def first(self) -> str:
        """Its name: the least qa_id."""
        return self.pairs[0].qa_id

    @property
    def types(self) -> Counter[str]:
        return Counter[str](pair.type for pair in self.pairs)


def _side_of(group: Sequence[QAPair], before: Mapping[str, str]) -> str | None:
    sides = Counter(before[pair.qa_id] for pair in group if pair.qa_id in before)
    return max(PARTS, key=lambda name: sides[name]) if sides else None


def _still_holds(groups: Sequence[_Group], before: Mapping[str, str], sizes: Mapping[str, int]) -> bool:
    """Whether the earlier sides are a split of these pairs as they are."""
    whole = all(before.get(pair.qa_id) == group.side for group in groups for pair in group.pairs)
    return whole and all(_size([one for one in groups if one.side == name]) == sizes[name] for name in PARTS)


def _sorted(groups: Sequence[_Group]) -> list[QAPair]:
    return sorted((pair for group in groups for pair in group.pairs), key=lambda pair: pair.qa_id)


def _places(counts: Mapping[str, int], sizes: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Places by part and type: in the types' proportion, together exactly the part's size."""
    left, places = dict(sorted(counts.items())), {}
    for name in _SMALL_FIRST[:-1]:
        places[name] = largest_remainder(sizes[name], left)
        left = {qa_type: count - places[name][qa_type] for qa_type, count in left.items()}
    return places


def _by_preference(groups: Sequence[_Group], name: str, places: Mapping[str, Mapping[str, int]]) -> list[_Group]:
    """Those that were on this side, the new ones, those whose own side has no place for them, and the rest."""
    homeless = set[str]()
    for other in set(places) - {name}:
        own = [group for group in groups if group.side == other]
        kept = {group.first for group in _that_fit(own, places[other], _size(own))}
        homeless |= {group.first for group in own} - kept
    if name == _SMALL_FIRST[1]:  # the test part is filled: whoever was in it and is left has to go somewhere
        homeless |= {group.first for group in groups if group.side == _SMALL_FIRST[0]}

    def rank(group: _Group) -> int:
        if group.side == name:
            return 0
        if group.side is None:
            return 1
        return 2 if group.first in homeless else 3 + (group.side != "train")

    return sorted(groups, key=rank)


def largest_remainder(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Whole numbers in the proportion of the weights that add up to `total`."""
    whole = sum(weights.values())
    sizes = {name: total * weight // whole for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: (-(total * weights[name] % whole), name))
    for name in by_remainder[: total - sum(sizes.values())]:
        sizes[name] += 1
    return sizes


def _groups(pairs: Sequence[QAPair], similarity: float, same_similarity: float) -> list[list[QAPair]]:
    """Sets of pairs that stay together, each in the order of `pairs`."""
    joined = [(left, right) for left, right, _ in near_pairs([pair.question for pair in pairs], similarity)]
    index_of = {pair.qa_id: index for index, pair in enumerate(pairs)}
    same = [*duplicate_pairs([(pair.qa_id, pair.question) for pair in pairs], same_similarity), *same_pairs(pairs, {})]
    joined += [(index_of[pair.a], index_of[pair.b]) for pair in same]
    keys: dict[str, int] = {}
    evidence: dict[tuple[str, str], int] = {}
    spans: dict[str, list[tuple[int, str]]] = {}
    for index, pair in enumerate(pairs):
        joined.append((keys.setdefault(question_key(pair.question), index), index))
        if span := squeezed(pair.evidence or ""):
            around = spans.setdefault(pair.chunk_id, [])
            joined.extend((other, index) for other, text in around if span in text or text in span)
            around.append((index, span))
            shared = [("", span), *((pair.chunk_id, squeezed(part)) for part in sentences_in(pair.evidence or ""))]
            joined.extend((evidence.setdefault(key, index), index) for key in shared)
    groups: dict[int, list[QAPair]] = {}
    for index, root in enumerate(groups_of(len(pairs), joined)):
        groups.setdefault(root, []).append(pairs[index])
    return list(groups.values())


def _that_fit(groups: Sequence[_Group], places: Mapping[str, int], size: int) -> list[_Group]:
    """The groups in order, each as long as every type of it has a place, and all together `size` at most."""
    room, chosen = dict(places), list[_Group]()
    for group in groups:
        fits = all(room.get(qa_type, 0) >= count for qa_type, count in group.types.items())
        if fits and len(group.pairs) <= size:
            chosen.append(group)
            size -= len(group.pairs)
            room = {qa_type: space - group.types[qa_type] for qa_type, space in room.items()}
    return chosen


def _fill(groups: Sequence[_Group], name: str, size: int, places: Mapping[str, int], slack: int) -> list[_Group]:
    """Choose groups of together exactly `size` pairs: first those that fit the places by type, then whatever fits.

    Groups of this side stay though they are over their type's places, as long as all are so by `slack` at most.

    Raises:
        PrerequisiteMissingError: no choice adds up.
    """
    own = [group for group in groups if group.side == name]
    chosen = _that_fit(own, places, size)
    for group in own:
        grown = [*chosen, group]
        fits = _size(grown) <= size and _over([pair for one in grown for pair in one.pairs], places) <= slack
        if group not in chosen and fits:
            chosen = grown
    taken = Counter[str](pair.type for group in chosen for pair in group.pairs)
    room = {qa_type: space - taken[qa_type] for qa_type, space in places.items()}
    chosen += _that_fit([group for group in groups if group.side != name], room, size - _size(chosen))
    return chosen if _size(chosen) == size else _exactly(groups, size, chosen)


def _size(groups: Sequence[_Group]) -> int:
    return sum(len(group.pairs) for group in groups)


def _over(pairs: Sequence[QAPair], places: Mapping[str, int]) -> int:
    """Pairs beyond the places of their type."""
    counts = Counter(pair.type for pair in pairs)
    return sum(max(count - places.get(qa_type, 0), 0) for qa_type, count in counts.items())


def _exactly(groups: Sequence[_Group], size: int, preferred: Sequence[_Group]) -> list[_Group]:
    """Subset sum over group sizes, the preferred groups first; keeps as many of them as it can."""
    first = {group.first for group in preferred}
    order = [*preferred, *(group for group in groups if group.first not in first)]
    reached: dict[int, tuple[_Group, ...]] = {0: ()}
    for group in order:
        for total, members in sorted(reached.items(), reverse=True):
            grown = total + len(group.pairs)
            if grown <= size and grown not in reached:
                reached[grown] = (*members, group)
        if size in reached:
            return list(reached[size])
    largest = max(groups, key=lambda group: len(group.pairs)).pairs
    named = " and ".join(pair.qa_id for pair in largest[:2])
    raise PrerequisiteMissingError(
        f"qa_pairs.jsonl: questions that belong together form groups too large for a part of {size}: "
        f"{len(largest)} as {named}; raise split.near_duplicate_similarity or generate more varied pairs."
    )

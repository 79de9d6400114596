"""How a dataset is divided in three: exact sizes, no question's twin on another side.

In: pairs. Out: the parts by name, each sorted by qa_id. Sizes are those of split.train : split.validation : split.test
by largest remainder, types in the dataset's proportion as far as whole groups allow. A group is what must not be torn
apart: questions that ask the same, questions that look alike, and pairs that rest on one span, on one within another
of their chunk, or on spans of it that share a sentence. The draw is by hash of seed and qa_id, so that one more pair
moves few of the others. split writes the parts; gate asks beforehand whether they can be made.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

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


def split_pairs(pairs: Sequence[QAPair], config: SplitConfig, seed: int) -> dict[str, list[QAPair]]:
    """Return the three parts.

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
    share: dict[str, dict[str, int]] = {
        qa_type: largest_remainder(count, weights)
        for qa_type, count in sorted(Counter(p.type for p in ordered).items())
    }
    parts: dict[str, list[QAPair]] = {}
    left = groups
    for name in _SMALL_FIRST[:-1]:
        wanted = {qa_type: sizes_of_type[name] for qa_type, sizes_of_type in share.items()}
        chosen = _fill(left, sizes[name], wanted)
        parts[name] = sorted((pair for index in chosen for pair in left[index]), key=lambda pair: pair.qa_id)
        left = [group for index, group in enumerate(left) if index not in chosen]
    parts["train"] = sorted((pair for group in left for pair in group), key=lambda pair: pair.qa_id)
    _log.info("split: %d groups, %s", len(groups), ", ".join(f"{name} {len(parts[name])}" for name in PARTS))
    return parts


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


def _fill(groups: Sequence[Sequence[QAPair]], size: int, wanted: Mapping[str, int]) -> set[int]:
    """Choose groups of together exactly `size` pairs: first those that fit the wanted types, then whatever fits.

    Raises:
        PrerequisiteMissingError: no choice adds up.
    """
    room, chosen = dict(wanted), []
    for index, group in enumerate(groups):
        types: Counter[str] = Counter(pair.type for pair in group)
        if all(room.get(qa_type, 0) >= count for qa_type, count in types.items()):
            chosen.append(index)
            room = {qa_type: space - types.get(qa_type, 0) for qa_type, space in room.items()}
    short = size - sum(len(groups[index]) for index in chosen)
    if short == 0:
        return set(chosen)
    return _exactly(groups, size, chosen)


def _exactly(groups: Sequence[Sequence[QAPair]], size: int, preferred: Sequence[int]) -> set[int]:
    """Subset sum over group sizes, the preferred groups first; keeps as many of them as it can."""
    order = [*preferred, *(index for index in range(len(groups)) if index not in set(preferred))]
    reached: dict[int, tuple[int, ...]] = {0: ()}
    for index in order:
        for total, members in sorted(reached.items(), reverse=True):
            grown = total + len(groups[index])
            if grown <= size and grown not in reached:
                reached[grown] = (*members, index)
        if size in reached:
            return set(reached[size])
    largest = max(groups, key=len)
    named = " and ".join(pair.qa_id for pair in largest[:2])
    raise PrerequisiteMissingError(
        f"qa_pairs.jsonl: questions that belong together form groups too large for a part of {size}: "
        f"{len(largest)} as {named}; raise split.near_duplicate_similarity or generate more varied pairs."
    )

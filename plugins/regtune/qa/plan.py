"""Which part of which chunk is asked for which type of question, before the first call.

In: chunks, a quota, a seed. Out: for each type an ordered tuple of slots, longer than the quota: what cannot be filled
is taken from the next slot. Chunks are ordered by rendezvous hashing of their place (regulation and article), so that
revising one article moves no other; a chunk that was asked comes up again after those that were not.
"""

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from regtune.artifacts import sha256_of_bytes
from regtune.config import Quota
from regtune.contracts import QA_TYPES, Chunk, QAType

ANGLES: Mapping[QAType, tuple[str, ...]] = {
    "lookup": ("수치", "대상과 조건"),
    "procedure": ("순서와 방법", "기한과 제출처"),
    "negative": ("대상자", "혜택", "예외", "수치 조건", "잘못된 전제", "인접 사항"),
}
"""What a question is about; prompts and the stand-in read these words. A negative's are the ways to be unanswerable."""

_ORDER: tuple[QAType, ...] = ("procedure", "lookup", "negative")
_PARAGRAPH = re.compile(r"(?:^|(?<=\s))(?=[①-⑳])")
_PROCEDURE = re.compile(
    r"(?:신청|제출|신고|등록|작성|첨부|입력|접수|반납|인계|보고|통지)(?:[을를]\s)?(?:하여야|하여|하고|할 수 있|한다)"
    r"|(?:승인|허가|확인|동의)을 받|알려야|(?:순서|절차)(?:로|에 따라|는|와)|다음 각 호의 서류"
)
_SPARING = re.compile(r"^(?:부칙|별지|서식)")
_PASSED_OVER = re.compile(r"^\s*제\d+조(?:의\d+)?\s*(?:\([^)]*\))?\s*(?:삭제|<삭제)")
_RULING = re.compile(r"^[|\s:-]+$")
_NAME_AND_VALUE = 2
_LATE = 3
"""An addendum or a form counts as asked this often before it is asked at all, and is asked once; for negatives, a chunk
that is asked nothing answerable."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One question to be made."""

    chunk_id: str
    type: QAType
    passage: str
    """The 항 that it asks about, as it stands in the chunk; empty: the whole chunk."""
    angle: str


class Waiting:
    """The slots of one type that were not asked yet, in the order of the plan."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        """Take the plan's slots."""
        self._slots = list(reversed(slots))  # lists from their end: a deque for each chunk would take 600 bytes
        self._of_chunk: defaultdict[str, list[Slot]] = defaultdict(list)
        self._of_angle: defaultdict[str, list[Slot]] = defaultdict(list)
        for slot in self._slots:
            self._of_chunk[slot.chunk_id].append(slot)
            self._of_angle[slot.angle].append(slot)
        self._gone: set[Slot] = set()

    def next(self) -> Slot | None:
        """Take the first slot, None when there is none."""
        return self._last_of(self._slots)

    def next_of(self, chunk_id: str) -> Slot | None:
        """Take the first slot of one chunk, None when it has none left."""
        return self._last_of(self._of_chunk[chunk_id])

    def next_with(self, angle: str) -> Slot | None:
        """Take the first slot of one angle, None when there is none left."""
        return self._last_of(self._of_angle[angle])

    def _last_of(self, slots: list[Slot]) -> Slot | None:
        while slots and slots[-1] in self._gone:
            slots.pop()
        if not slots:
            return None
        self._gone.add(slots[-1])
        return slots.pop()


def passages_of(text: str) -> list[str]:
    """Split a chunk into its 항, each with its items, or a table into its rows; else it is one passage."""
    rows = [line.strip() for line in text.split("\n") if line.lstrip().startswith("|")]
    if rows:
        return [row for row in rows[1:] if _cells(row) >= _NAME_AND_VALUE and not _RULING.match(row)]
    body = re.sub(r"^\s*제\d+조(?:의\d+)?\([^)]*\)\s*", "", text)
    return [part.strip() for part in _PARAGRAPH.split(body) if part.strip()]


def _cells(row: str) -> int:
    return sum(bool(cell.strip()) for cell in row.split("|"))


def slots_of(chunk: Chunk, qa_type: QAType) -> list[Slot]:
    """Return every slot of one chunk for one type, the most telling angle of each passage first."""
    if _PASSED_OVER.match(chunk.text) or not chunk.text.strip():
        return []
    if qa_type == "negative":
        return [] if _SPARING.match(chunk.article) else [Slot(chunk.chunk_id, qa_type, "", a) for a in ANGLES[qa_type]]
    passages = passages_of(chunk.text)
    if qa_type == "procedure":
        passages = [passage for passage in passages if _PROCEDURE.search(passage)]
        return [Slot(chunk.chunk_id, qa_type, passage, angle) for angle in ANGLES[qa_type] for passage in passages]
    with_figures = [passage for passage in passages if re.search(r"\d", passage)]
    first, second = ANGLES[qa_type]
    return [
        *(Slot(chunk.chunk_id, qa_type, passage, first) for passage in with_figures),
        *(Slot(chunk.chunk_id, qa_type, passage, second) for passage in passages),
    ]


def askable(chunks: Sequence[Chunk]) -> set[str]:
    """Ids of the chunks that hold something to ask about: all but addenda, forms and deleted articles."""
    return {c.chunk_id for c in chunks if slots_of(c, "lookup") and not _SPARING.match(c.article)}


def make_plan(
    chunks: Sequence[Chunk],
    quota: Quota,
    seed: int,
    used: Container[Slot] = frozenset(),
    filled: Sequence[Slot] = (),
    in_vain: Container[str] = frozenset(),
) -> dict[QAType, tuple[Slot, ...]]:
    """Order the slots of each type.

    Procedures come first, since fewer chunks have them; lookups then cover what they left. A negative is modelled on
    a chunk that is asked something answerable too, so that no article stands for 없음 alone; the ways to be
    unanswerable take turns.

    Args:
        chunks: of the whole corpus.
        quota: how many slots of each type are to be filled yet; decides which chunks count as asked.
        seed: another seed gives another order.
        used: slots that are left out (of the pairs, when the pool is planned).
        filled: slots that the set has filled already; their chunks count as asked.
        in_vain: ids of chunks that gave nothing the last time; they come late.
    """
    late = (chunk.chunk_id for chunk in chunks if _SPARING.match(chunk.article) or chunk.chunk_id in in_vain)
    asked = Counter(dict.fromkeys(late, _LATE))
    asked.update(slot.chunk_id for slot in filled if slot.type != "negative")
    places = _places(chunks)
    plan: dict[QAType, tuple[Slot, ...]] = {}
    for qa_type in _ORDER:
        rank = _ranking(seed, qa_type)
        waiting = {c.chunk_id: [slot for slot in slots_of(c, qa_type) if slot not in used] for c in chunks}
        if qa_type == "negative":  # beside an answerable pair of its article; only then on what is asked nothing else
            unasked = Counter({chunk_id: _LATE * (asked[chunk_id] == 0) for chunk_id in waiting})
            slots = _ways_in_turn(waiting, unasked, [s for s in filled if s.type == "negative"], places, rank)
        else:
            for chunk in chunks:
                some = 1 if _SPARING.match(chunk.article) else None
                waiting[chunk.chunk_id] = _shuffled(waiting[chunk.chunk_id], rank)[:some]
            slots = _in_turns(waiting, asked, {chunk_id: rank(places[chunk_id]) for chunk_id in waiting})
        plan[qa_type] = tuple(slots)
        asked.update(slot.chunk_id for slot in plan[qa_type][: quota.of(qa_type)])
    return {qa_type: plan[qa_type] for qa_type in QA_TYPES}


def _shuffled(slots: Sequence[Slot], rank: Callable[[str], str]) -> list[Slot]:
    """Mix the passages of a chunk; the more telling angle stays first."""
    return sorted(
        slots,
        key=lambda slot: (
            ANGLES[slot.type].index(slot.angle),
            rank(f"{slot.chunk_id}:{slot.angle}:{slot.passage}"),
        ),
    )


def _in_turns(
    waiting: Mapping[str, Sequence[Slot]], asked: Mapping[str, int], ranks: Mapping[str, str]
) -> Iterator[Slot]:
    """Take slots from the chunk that was asked least, by rank among equals."""
    queue = [(asked.get(chunk_id, 0), ranks[chunk_id], chunk_id, 0) for chunk_id, slots in waiting.items() if slots]
    heapq.heapify(queue)
    while queue:
        times, rank, chunk_id, index = heapq.heappop(queue)
        yield waiting[chunk_id][index]
        if index + 1 < len(waiting[chunk_id]):
            heapq.heappush(queue, (times + 1, rank, chunk_id, index + 1))


def _ways_in_turn(
    waiting: Mapping[str, Sequence[Slot]],
    late: Mapping[str, int],
    filled: Sequence[Slot],
    places: Mapping[str, str],
    rank: Callable[[str], str],
) -> Iterator[Slot]:
    """Take a slot of the way with the fewest, from the chunk that was asked least, by the way's own rank among equals.

    Args:
        waiting: slots by chunk.
        late: how often each chunk counts as asked beforehand.
        filled: slots that are there already.
        places: names of the chunks that outlast a revision.
        rank: of a name.
    """
    asked, ways = Counter(late), Counter(slot.angle for slot in filled)
    asked.update(slot.chunk_id for slot in filled)
    queues: dict[str, list[tuple[int, str, str, Slot]]] = {way: [] for way in ANGLES["negative"]}
    for chunk_id, slots in waiting.items():
        for slot in slots:
            name = rank(f"{places[chunk_id]}:{slot.angle}")
            queues[slot.angle].append((asked[chunk_id], name, chunk_id, slot))
    for queue in queues.values():
        heapq.heapify(queue)
    while left := [way for way, queue in queues.items() if queue]:
        queue = queues[min(left, key=ways.__getitem__)]
        while queue[0][0] < asked[queue[0][2]]:  # another way took of this chunk meanwhile
            _, name, chunk_id, slot = queue[0]
            heapq.heapreplace(queue, (asked[chunk_id], name, chunk_id, slot))
        *_, chunk_id, slot = heapq.heappop(queue)
        asked[chunk_id] += 1
        ways[slot.angle] += 1
        yield slot


def _ranking(seed: int, qa_type: QAType) -> Callable[[str], str]:
    return lambda name: sha256_of_bytes(f"{seed}:{qa_type}:{name}".encode())


def _places(chunks: Sequence[Chunk]) -> dict[str, str]:
    """Name each chunk by regulation, article and its number within the article: stable when its text is revised."""
    seen: Counter[str] = Counter()
    places = {}
    for chunk in chunks:
        name = f"{chunk.regulation_id}:{chunk.article}"
        places[chunk.chunk_id] = f"{name}:{seen[name]}"
        seen[name] += 1
    return places

"""The parts have their exact sizes, hold every pair once, and tear no group apart, whatever the dataset."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regtune.artifacts import read_jsonl, write_jsonl
from regtune.cli import main
from regtune.config import SplitConfig, load_config
from regtune.contracts import QA_TYPES, Chunk, HeldOutPair, QAPair
from regtune.errors import PrerequisiteMissingError, UnusableInputError
from regtune.qa.parts import PARTS, largest_remainder, split_pairs

CONFIG = Path(__file__).resolve().parents[2] / "include" / "config" / "demo.yaml"
SPLIT = SplitConfig(train=8, validation=1, test=1, near_duplicate_similarity=0.8, same_question_similarity=0.6)
SEED = 7


def _pair(number: int, qa_type: str, question: str, chunk: str = "c", evidence: str | None = None) -> QAPair:
    return QAPair(
        qa_id=f"q{number:04d}",
        type=qa_type,  # type: ignore[arg-type]
        question=question,
        answer="답",
        chunk_id=chunk,
        evidence=evidence,
        model="",
        prompt_sha256="",
        request_sha256="",
    )


def _different(count: int) -> list[QAPair]:
    """Pairs with unlike questions: every syllable run is its own."""
    syllables = [chr(0xAC00 + 31 * index % 11172) for index in range(count * 8)]
    words = ["".join(syllables[8 * index : 8 * index + 8]) for index in range(count)]
    return [_pair(index, QA_TYPES[index % 3], f"{word}?") for index, word in enumerate(words)]


def test_three_hundred_split_240_30_30_with_types_in_proportion() -> None:
    """150, 100 and 50 give each small part 15, 10 and 5."""
    types = ["lookup"] * 150 + ["procedure"] * 100 + ["negative"] * 50
    pairs = [pair.model_copy(update={"type": t}) for pair, t in zip(_different(300), types, strict=True)]
    parts = split_pairs(pairs, SPLIT, SEED)
    assert {name: len(parts[name]) for name in PARTS} == {"train": 240, "validation": 30, "test": 30}
    for name in ("validation", "test"):
        counts = {qa_type: sum(pair.type == qa_type for pair in parts[name]) for qa_type in QA_TYPES}
        assert counts == {"lookup": 15, "procedure": 10, "negative": 5}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    count=st.integers(min_value=10, max_value=80),
    twins=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4),
    seed=st.integers(0, 5),
)
def test_every_pair_is_in_one_part_and_twins_are_together(count: int, twins: list[tuple[int, int]], seed: int) -> None:
    """Sizes are exact, nothing is lost or doubled, and pairs on one span stay on one side."""
    pairs = _different(count)
    for number, (one, other) in enumerate(twins):
        pairs[one] = pairs[one].model_copy(update={"evidence": f"{number}번 근거 문장", "chunk_id": "t"})
        pairs[other] = pairs[other].model_copy(update={"evidence": f"{number}번 근거 문장", "chunk_id": "t"})
    parts = split_pairs(pairs, SPLIT, seed)
    assert {name: len(parts[name]) for name in PARTS} == largest_remainder(
        count, {"train": 8, "validation": 1, "test": 1}
    )
    assert sorted(pair.qa_id for part in parts.values() for pair in part) == [pair.qa_id for pair in pairs]
    side = {pair.qa_id: name for name, part in parts.items() for pair in part}
    for one in pairs:
        for other in pairs:
            if one.evidence is not None and one.evidence == other.evidence:
                assert side[one.qa_id] == side[other.qa_id]


def test_the_order_of_the_file_does_not_matter() -> None:
    """The same pairs in another order give the same parts."""
    pairs = _different(60)
    assert split_pairs(pairs, SPLIT, SEED) == split_pairs(list(reversed(pairs)), SPLIT, SEED)


def test_one_more_pair_moves_few_others() -> None:
    """The draw is by hash, not by position."""
    pairs = _different(121)
    before = {p.qa_id: name for name, part in split_pairs(pairs[:-1], SPLIT, SEED).items() for p in part}
    after = {p.qa_id: name for name, part in split_pairs(pairs, SPLIT, SEED).items() for p in part}
    assert sum(before[qa_id] != after[qa_id] for qa_id in before) <= 8


def _sides(parts: dict[str, list[QAPair]]) -> dict[str, str]:
    return {pair.qa_id: name for name, part in parts.items() for pair in part}


def test_pairs_that_go_and_others_of_their_types_move_nobody() -> None:
    """Several of 300 go and as many come: their neighbours changed sides, up to nine of them."""
    types = ["lookup"] * 150 + ["procedure"] * 100 + ["negative"] * 50
    pairs = [
        pair.model_copy(update={"type": t}) for pair, t in zip(_different(320), [*types, *types[:20]], strict=True)
    ]
    before = _sides(split_pairs(pairs[:300], SPLIT, SEED))
    gone = {qa_id for name in ("test", "validation") for qa_id in sorted(before) if before[qa_id] == name} & {
        pair.qa_id for pair in pairs[:150]
    }
    assert len(gone) > 20
    gone = set(sorted(gone)[:20])
    after = _sides(split_pairs([pair for pair in pairs if pair.qa_id not in gone], SPLIT, SEED, before))
    assert {qa_id: side for qa_id, side in before.items() if qa_id not in gone} == {
        qa_id: after[qa_id] for qa_id in before if qa_id not in gone
    }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    count=st.integers(min_value=40, max_value=90),
    gone=st.sets(st.integers(0, 89), max_size=12),
    come=st.integers(0, 12),
    seed=st.integers(0, 5),
)
def test_no_more_pairs_change_sides_than_places_do(count: int, gone: set[int], come: int, seed: int) -> None:
    """Where no pair is tied to another, moves are exactly the places that a type loses or that nothing new can fill."""
    pairs = _different(count + come)
    before = _sides(split_pairs(pairs[:count], SPLIT, seed))
    kept = [pair for index, pair in enumerate(pairs) if index >= count or index not in gone]
    parts = split_pairs(kept, SPLIT, seed, before)
    after = _sides(parts)
    moved = sum(before[qa_id] != after[qa_id] for qa_id in after if qa_id in before)
    least = 0
    for qa_type in QA_TYPES:
        own = [pair.qa_id for pair in kept if pair.type == qa_type]
        change = [
            sum(after[qa_id] == name for qa_id in own) - sum(before.get(qa_id) == name for qa_id in own)
            for name in ("test", "validation")
        ]
        lost, needed = -sum(min(c, 0) for c in change), sum(max(c, 0) for c in change)
        least += lost + max(0, needed - lost - sum(qa_id not in before for qa_id in own))
    assert moved == least


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    count=st.integers(min_value=10, max_value=60),
    twins=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4),
    seed=st.integers(0, 5),
    other=st.integers(0, 5),
)
def test_the_same_pairs_keep_their_sides_whatever_the_seed(
    count: int, twins: list[tuple[int, int]], seed: int, other: int
) -> None:
    """Split again on its own result, nothing moves."""
    pairs = _different(count)
    for number, (one, tied) in enumerate(twins):
        for index in (one, tied):
            pairs[index] = pairs[index].model_copy(update={"evidence": f"{number}번 근거 문장", "chunk_id": "t"})
    before = split_pairs(pairs, SPLIT, seed)
    assert split_pairs(pairs, SPLIT, other, _sides(before)) == before


def test_the_command_keeps_the_sides_of_an_earlier_split(tmp_path: Path) -> None:
    """`regtune split --previous` reads the folder that the same command wrote before."""
    pairs = _different(60)
    for name, rows in (("old", pairs[:50]), ("new", pairs[5:])):
        write_jsonl(tmp_path / f"{name}.jsonl", rows)
        given = ["--previous", str(tmp_path / "out-old")] if name == "new" else []
        command = ["split", "--qa", str(tmp_path / f"{name}.jsonl"), "--config", str(CONFIG), *given]
        assert main([*command, "--out", str(tmp_path / f"out-{name}")]) == 0
    old, new = (
        {pair.qa_id: part for part in PARTS for pair in read_jsonl(tmp_path / folder / f"{part}.jsonl", HeldOutPair)}
        for folder in ("out-old", "out-new")
    )
    assert sum(old[qa_id] != new[qa_id] for qa_id in new if qa_id in old) <= 1


def test_near_duplicates_stay_on_one_side() -> None:
    """A question and its other wording are never divided between training and test."""
    pairs = _different(40)
    for index in range(0, 20, 2):
        word = pairs[index].question.rstrip("?")
        pairs[index] = pairs[index].model_copy(update={"question": f"{word}휴가는 며칠입니까?"})
        pairs[index + 1] = pairs[index + 1].model_copy(update={"question": f"{word}휴가는 며칠인가요?"})
    side = {p.qa_id: name for name, part in split_pairs(pairs, SPLIT, SEED).items() for p in part}
    assert all(side[pairs[index].qa_id] == side[pairs[index + 1].qa_id] for index in range(0, 20, 2))


def test_spans_that_share_a_sentence_stay_together() -> None:
    """`A. B.` and `B. C.` of one chunk, and one span of two chunks, were torn apart."""
    spans = [
        ("c", "병가는 연 60일로 한다. 진단서를 첨부하여야 한다."),
        ("c", "진단서를 첨부하여야 한다. 다만, 3일 이내는 그러하지 아니하다."),
        ("d", "병가는 연 60일로 한다. 진단서를 첨부하여야 한다."),
    ]
    pairs = _different(40)
    pairs[:3] = [
        pair.model_copy(update={"chunk_id": chunk, "evidence": span})
        for pair, (chunk, span) in zip(pairs, spans, strict=False)
    ]
    for seed in range(8):
        side = {p.qa_id: name for name, part in split_pairs(pairs, SPLIT, seed).items() for p in part}
        assert len({side[pair.qa_id] for pair in pairs[:3]}) == 1


def test_one_big_group_is_refused() -> None:
    """Pairs that all rest on one sentence cannot be split, and the message says what to do."""
    pairs = [pair.model_copy(update={"evidence": "한 문장", "chunk_id": "c"}) for pair in _different(10)]
    with pytest.raises(PrerequisiteMissingError, match="belong together"):
        split_pairs(pairs, SPLIT, SEED)


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_too_few_pairs_are_refused(count: int) -> None:
    """A part that would be left without a pair is named; three pairs gave an empty test.jsonl."""
    with pytest.raises(
        PrerequisiteMissingError, match=r"cannot be split in three at 8:1:1, none would be left for .*validation"
    ):
        split_pairs(_different(count), SPLIT, SEED)


def test_an_id_given_twice_is_refused() -> None:
    """Two pairs of one qa_id were both kept, and could be told apart nowhere afterwards."""
    pairs = _different(20)
    with pytest.raises(UnusableInputError, match="1 ids are given more than once, first q0003"):
        split_pairs([*pairs, pairs[3].model_copy(update={"question": "다른 질문인가요?"})], SPLIT, SEED)


def test_blank_evidence_joins_nothing() -> None:
    """A span of spaces lies within every other: all pairs of an article were one group."""
    pairs = [pair.model_copy(update={"evidence": " "}) for pair in _different(20)]
    assert len(split_pairs(pairs, SPLIT, SEED)["train"]) == 16


def test_the_command_writes_sorted_parts(tmp_path: Path) -> None:
    """`regtune split` on a plain file writes the three files, each sorted by qa_id."""
    write_jsonl(tmp_path / "qa.jsonl", _different(30))
    assert load_config(CONFIG).split.train == 8
    out = tmp_path / "out"
    assert main(["split", "--qa", str(tmp_path / "qa.jsonl"), "--config", str(CONFIG), "--out", str(out)]) == 0
    for name, size in (("train", 24), ("validation", 3), ("test", 3)):
        ids = [pair.qa_id for pair in read_jsonl(out / f"{name}.jsonl", HeldOutPair)]
        assert len(ids) == size
        assert ids == sorted(ids)


@pytest.mark.parametrize("with_chunks", [True, False])
def test_each_test_row_says_whether_its_article_was_seen(tmp_path: Path, with_chunks: bool) -> None:  # noqa: FBT001
    """Two chunks of one article are one article where chunks.jsonl says so; without it a chunk is its own."""
    pairs = [pair.model_copy(update={"chunk_id": f"c{n}"}) for n, pair in enumerate(_different(30))]
    article_of = {pair.chunk_id: f"제{n // 2}조" for n, pair in enumerate(pairs)}
    write_jsonl(tmp_path / "qa.jsonl", pairs)
    write_jsonl(tmp_path / "chunks.jsonl", [_chunk(chunk_id, article) for chunk_id, article in article_of.items()])
    given = ["--chunks", str(tmp_path / "chunks.jsonl")] if with_chunks else []
    out = tmp_path / "out"
    command = ["split", "--qa", str(tmp_path / "qa.jsonl"), *given, "--config", str(CONFIG), "--out", str(out)]
    assert main(command) == 0
    trained = {article_of[pair.chunk_id] for pair in read_jsonl(out / "train.jsonl", QAPair)}
    told = {pair.chunk_id: pair.article_seen for pair in read_jsonl(out / "test.jsonl", HeldOutPair)}
    assert told == {chunk_id: with_chunks and article_of[chunk_id] in trained for chunk_id in told}
    assert any(told.values()) == with_chunks


def _chunk(chunk_id: str, article: str) -> Chunk:
    return Chunk(
        chunk_id=chunk_id,
        regulation_id="work-rules",
        regulation_title="취업규칙",
        article=article,
        path=(),
        text="",
        token_count=0,
        page_first=1,
        page_last=1,
        text_sha256="",
    )

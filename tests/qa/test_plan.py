"""What plan.py claims."""

from collections import Counter

import pytest
from plan_articles import articles, revised
from stand_in import chunk_of, sample_chunks

from regtune.config import Quota
from regtune.contracts import QA_TYPES, Chunk
from regtune.qa.plan import ANGLES, Slot, askable, make_plan, passages_of, slots_of

QUOTA = Quota(lookup=50, procedure=40, negative=20)


def hundred() -> list:  # type: ignore[type-arg]
    """A hundred articles with figures and procedures."""
    return [
        chunk_of(
            f"제{n}조(휴가 {n}) ① 직원은 {n}일 이내의 휴가를 사용할 수 있다.\n"
            f"② 휴가를 사용하려는 직원은 {n}일 전까지 신청서를 제출하여야 한다.",
            f"제{n}조",
            f"제{n}조(휴가 {n})",
        )
        for n in range(1, 101)
    ]


def test_no_chunk_is_asked_twice_before_every_chunk_is_asked_once() -> None:
    """50 lookups and 40 procedures over a hundred articles ask ninety different ones."""
    plan = make_plan(hundred(), QUOTA, seed=1)
    asked = [slot.chunk_id for qa_type in ("lookup", "procedure") for slot in plan[qa_type][: QUOTA.of(qa_type)]]
    assert len(asked) == len(set(asked)) == 90


def test_every_chunk_with_something_to_ask_is_covered_when_the_quota_allows() -> None:
    """With more questions than articles every article is asked."""
    chunks = sample_chunks()
    quota = Quota(lookup=40, procedure=20, negative=5)
    plan = make_plan(chunks, quota, seed=5)
    asked = {slot.chunk_id for qa_type in ("lookup", "procedure") for slot in plan[qa_type][: quota.of(qa_type)]}
    assert asked == askable(chunks)


def test_revising_one_of_a_hundred_articles_moves_no_other() -> None:
    """The plan of the other ninety-nine articles is the same after a revision of one."""
    before, chunks = make_plan(hundred(), QUOTA, seed=1), hundred()
    chunks[41] = chunk_of(chunks[41].text.replace("42일", "43일"), "제42조", "제42조(휴가 42)")
    after = make_plan(chunks, QUOTA, seed=1)
    for qa_type in QA_TYPES:
        kept = [slot for slot in before[qa_type] if slot.chunk_id != "복무규정:제42조"]
        assert kept == [slot for slot in after[qa_type] if slot.chunk_id != "복무규정:제42조"]


def test_a_revision_changes_the_plan_of_its_article_and_of_at_most_three_more() -> None:
    """Over a hundred unlike articles, each revised in turn: at least 98% of what is asked stays."""
    chunks, quota = articles(100), Quota(lookup=150, procedure=100, negative=50)

    def asked(corpus: list[Chunk]) -> set[Slot]:
        plan = make_plan(corpus, quota, seed=1)
        return {slot for qa_type in QA_TYPES for slot in plan[qa_type][: quota.of(qa_type)]}

    before = asked(chunks)
    for index in range(0, 100, 7):
        after = asked(revised(chunks, index))
        others = {slot.chunk_id for slot in before ^ after} - {chunks[index].chunk_id}
        assert len(others) <= 3
        assert len(before & after) / len(before) >= 0.98


def test_a_negative_is_modelled_on_an_article_that_is_asked_something_answerable() -> None:
    """With more articles than questions, no negative of the quota stands on an article of its own."""
    chunks, quota = articles(100), Quota(lookup=20, procedure=20, negative=15)
    plan = make_plan(chunks, quota, seed=1)
    answerable = {slot.chunk_id for t in ("lookup", "procedure") for slot in plan[t][: quota.of(t)]}
    assert {slot.chunk_id for slot in plan["negative"][: quota.negative]} <= answerable


def test_the_six_ways_to_be_unanswerable_are_asked_evenly() -> None:
    """Of fifty negatives each way has eight or nine, and no article has one twice before every article has one."""
    slots = make_plan(articles(100), QUOTA, seed=1)["negative"][:50]
    assert sorted(Counter(slot.angle for slot in slots).values()) == [8, 8, 8, 8, 9, 9]
    assert {slot.angle for slot in slots} == set(ANGLES["negative"])
    assert len({slot.chunk_id for slot in slots}) == 50


def test_another_seed_asks_other_ones_of_more_articles_than_questions() -> None:
    """A quota of 90 for 100 articles leaves ten out; with the next seed it is mostly other ones."""
    left_out = []
    for seed in (1, 2):
        plan = make_plan(hundred(), QUOTA, seed)
        asked = {slot.chunk_id for t in ("lookup", "procedure") for slot in plan[t][: QUOTA.of(t)]}
        left_out.append({chunk.chunk_id for chunk in hundred()} - asked)
    assert [len(some) for some in left_out] == [10, 10]
    assert len(left_out[0] & left_out[1]) < 5


def test_adding_and_deleting_an_article_moves_a_few_slots_at_most() -> None:
    """A new 제N조의2 and a deleted article change at most four slots of a type's quota."""
    before, chunks = make_plan(hundred(), QUOTA, seed=1), hundred()
    del chunks[10]
    text = "제20조의2(특별휴가) ① 직원은 3일의 휴가를 사용할 수 있다.\n② 2일 전까지 신청서를 제출하여야 한다."
    chunks.insert(20, chunk_of(text, "제20조의2", "제20조의2(특별휴가)"))
    after = make_plan(chunks, QUOTA, seed=1)
    for qa_type in QA_TYPES:
        left = set(before[qa_type][: QUOTA.of(qa_type)]) - set(after[qa_type][: QUOTA.of(qa_type)])
        assert len(left) <= 4, qa_type


def test_another_seed_gives_another_order() -> None:
    """The pool's plan is not the pairs' plan."""
    assert make_plan(hundred(), QUOTA, seed=1)["lookup"][:50] != make_plan(hundred(), QUOTA, seed=2)["lookup"][:50]


def test_used_slots_are_left_out() -> None:
    """What the pairs asked, the pool does not ask again."""
    used = set(make_plan(hundred(), QUOTA, seed=1)["lookup"][:50])
    assert not used & set(make_plan(hundred(), QUOTA, seed=2, used=used)["lookup"])


def test_addenda_and_forms_come_last_and_once() -> None:
    """An addendum gives one lookup, after the articles have been asked several times."""
    addendum = chunk_of("제1조(시행일) 이 규정은 2024년 1월 1일부터 시행한다.", "부칙 제1조", "부칙 (2024. 1. 1.)")
    chunks = [*hundred()[:5], addendum]
    slots = make_plan(chunks, Quota(lookup=10, procedure=0, negative=5), seed=3)["lookup"]
    assert Counter(slot.chunk_id for slot in slots)[addendum.chunk_id] == 1
    assert addendum.chunk_id not in {slot.chunk_id for slot in slots[:15]}
    assert addendum.chunk_id not in askable(chunks)


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        pytest.param(
            "제3조(휴가) ① 하나.\n② 둘.\n1. 가\n2. 나", ["① 하나.", "② 둘.\n1. 가\n2. 나"], id="항 with their 호"
        ),
        pytest.param("제3조(휴가)\n① 하나.\n② 둘.", ["① 하나.", "② 둘."], id="heading on a line of its own"),
        pytest.param("제3조(휴가) 항이 없는 조문이다.", ["항이 없는 조문이다."], id="no 항"),
        pytest.param(
            "[별표 1]\n일수\n| 구분 | 일수 |\n| --- | --- |\n| 결혼 | 7일 |\n| 비어 있음 | |",
            ["| 결혼 | 7일 |"],
            id="a row of a table that has a name and a value",
        ),
    ],
)
def test_a_chunk_is_split_into_what_a_question_can_be_about(text: str, passages: list[str]) -> None:
    """항 keep their items; a table gives its rows."""
    assert passages_of(text) == passages


def test_a_deleted_article_is_not_asked() -> None:
    """`제9조 삭제` holds nothing."""
    chunk = chunk_of("제9조 삭제 <2024. 7. 1.>", "제9조", "제9조")
    assert not any(slots_of(chunk, qa_type) for qa_type in QA_TYPES)


def test_a_procedure_is_asked_only_where_something_is_done() -> None:
    """A passage that only states a figure gives no procedure, and a negative has six ways."""
    chunk = chunk_of("제5조(휴가) 휴가는 연 15일로 한다.", "제5조", "제5조(휴가)")
    assert not slots_of(chunk, "procedure")
    assert [slot.angle for slot in slots_of(chunk, "negative")] == list(ANGLES["negative"])

"""What filling.py claims, with replies that are made here."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from generate_memory import noun
from plan_articles import articles

from regtune.config import Quota
from regtune.contracts import QA_TYPES
from regtune.qa.acceptance import Proposal, Refusal
from regtune.qa.filled import Filled
from regtune.qa.filling import Filling
from regtune.qa.novelty import Novelty
from regtune.qa.plan import Slot, askable, make_plan, slots_of
from regtune.qa.stream import Outcome

CHUNKS = articles(60)
QUOTA = Quota(lookup=70, procedure=40, negative=10)


def filled_with(
    declines: Callable[[Slot], bool],
    ahead: int,
    quota: Quota = QUOTA,
    questions: dict[str, tuple[str, str]] | None = None,
) -> tuple[Filled, Filling]:
    """Fill the quota from a model that declines some slots and asks something new for every other.

    `questions`, where it is given, gets what was asked and its twin, by request.
    """
    questions = {} if questions is None else questions
    plan = make_plan(CHUNKS, quota, seed=1)
    numbers = {slot: n for n, slot in enumerate(slot for qa_type in QA_TYPES for slot in plan[qa_type])}
    filled = Filled(Novelty({}))

    async def ask(slot: Slot, twin: str, told: Sequence[Refusal]) -> Outcome:
        await asyncio.sleep(0)
        assert bool(twin) == (slot.type == "negative")
        about = twin.split(" ", maxsplit=1)[0] if twin else noun(7919 * numbers[slot])
        question = f"{about} {noun(104729 * numbers[slot] + 5)}인가요?"
        questions[f"{numbers[slot]}:{len(told)}"] = question, twin
        found = Refusal("declined") if declines(slot) else Proposal(question, "예", None)
        return Outcome(found, f"{numbers[slot]}:{len(told)}")

    filling = Filling(plan, quota, filled, ask, attempts=3, ahead=ahead)
    asyncio.run(filling.run(lambda _: None))
    return filled, filling


BOTH = {c.chunk_id for c in CHUNKS if slots_of(c, "lookup") and slots_of(c, "procedure")}
"""Articles that can be asked either type."""


@pytest.mark.parametrize(
    "declines",
    [
        pytest.param(lambda slot: slot.type == "procedure" and slot.chunk_id.endswith("1조"), id="procedures of some"),
        pytest.param(lambda slot: slot.type == "procedure", id="every procedure"),
        pytest.param(lambda slot: slot.type == "lookup" and slot.chunk_id in sorted(BOTH)[::3], id="lookups of some"),
        pytest.param(
            lambda slot: slot.chunk_id in BOTH and (slot.type == "lookup") == slot.chunk_id.endswith(("2조", "6조")),
            id="one type or the other",
        ),
    ],
)
def test_an_article_whose_questions_of_one_type_are_all_declined_is_asked_the_other(
    declines: Callable[[Slot], bool],
) -> None:
    """Every article is covered, with the quota of lookups exact, and the same pairs whatever is asked ahead."""
    results = [filled_with(declines, ahead) for ahead in (1, 7, 500)]
    for filled, filling in results:
        assert filled.covered == askable(CHUNKS)
        counted = Counter(taken.slot.type for taken in filled.taken)
        assert all(counted[t] + filling.missing[t] == QUOTA.of(t) for t in QA_TYPES)
        assert not filling.missing["lookup"]
        assert filled.covered == {t.slot.chunk_id for t in filled.taken if t.slot.type != "negative"}
        assert filled.taken == results[0][0].taken
        assert filled.refused == results[0][0].refused


def test_no_article_loses_its_only_pair_to_another() -> None:
    """With fewer questions than articles nothing gives way, and what was declined is not asked in vain."""
    filled, filling = filled_with(
        lambda slot: slot.chunk_id in sorted(BOTH)[:4], 7, Quota(lookup=9, procedure=9, negative=0)
    )
    assert not filling.missing.total()
    assert len({taken.slot.chunk_id for taken in filled.taken}) == 18
    assert "gave_way" not in {refused.reason for refused in filled.refused}


def test_a_negative_is_modelled_on_an_accepted_question_of_its_article() -> None:
    """Each of another one while the article has more, whatever is asked ahead and gives way later."""
    negatives = Quota(lookup=60, procedure=40, negative=40)
    for declines in (lambda _: False, lambda slot: slot.type == "procedure" and slot.chunk_id.endswith("1조")):
        for ahead in (1, 500):
            asked: dict[str, tuple[str, str]] = {}
            filled, filling = filled_with(declines, ahead, negatives, asked)
            assert not filling.missing["negative"]
            of_article: dict[str, set[str]] = {}
            for taken in filled.taken:
                if taken.slot.type != "negative":
                    of_article.setdefault(taken.slot.chunk_id, set()).add(asked[taken.request_sha256][0])
            models = Counter(asked[t.request_sha256][1] for t in filled.taken if t.slot.type == "negative")
            for taken in filled.taken:
                if taken.slot.type == "negative":
                    assert asked[taken.request_sha256][1] in of_article[taken.slot.chunk_id]
            assert max(models.values()) == 1

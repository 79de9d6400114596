"""What filling.py claims, with replies that are made here."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from generate_memory import noun
from plan_articles import articles

from regtune.config import Quota
from regtune.contracts import QA_TYPES
from regtune.qa.acceptance import Proposal, Refusal
from regtune.qa.filling import Filled, Filling
from regtune.qa.plan import Slot, askable, lookups_chosen_last, make_plan
from regtune.qa.stream import Outcome

CHUNKS = articles(60)
QUOTA = Quota(lookup=70, procedure=40, negative=10)
PLAN = make_plan(CHUNKS, QUOTA, seed=1)


def filled_with(declines: Callable[[Slot], bool], ahead: int) -> tuple[Filled, Filling]:
    """Fill the quota from a model that declines some slots and asks something new for every other."""
    numbers = {slot: n for n, slot in enumerate(slot for qa_type in QA_TYPES for slot in PLAN[qa_type])}
    filled = Filled()

    async def ask(slot: Slot, told: Sequence[Refusal]) -> Outcome:
        await asyncio.sleep(0)
        question = f"{noun(7919 * numbers[slot])} {noun(104729 * numbers[slot] + 5)}인가요?"
        found = Refusal("declined") if declines(slot) else Proposal(question, "예", None)
        return Outcome(found, f"{numbers[slot]}:{len(told)}")

    filling = Filling(PLAN, QUOTA, filled, ask, attempts=3, ahead=ahead)
    asyncio.run(filling.run(lambda _: None))
    return filled, filling


@pytest.mark.parametrize(
    "declines",
    [
        pytest.param(lambda slot: slot.type == "procedure" and slot.chunk_id.endswith("1조"), id="of some articles"),
        pytest.param(lambda slot: slot.type == "procedure", id="all"),
    ],
)
def test_an_article_whose_procedures_are_all_declined_is_looked_up(declines: Callable[[Slot], bool]) -> None:
    """Every article is covered, with the quota of lookups exact, and the same pairs whatever is asked ahead."""
    results = [filled_with(declines, ahead) for ahead in (1, 7, 500)]
    for filled, filling in results:
        assert filled.covered == askable(CHUNKS)
        assert not filling.missing["lookup"]
        assert filled.taken == results[0][0].taken
        assert filled.refused == results[0][0].refused


def test_as_few_lookups_as_needed_wait_for_the_procedures() -> None:
    """None where every article has a lookup that does not wait, or is covered already."""
    late = lookups_chosen_last(PLAN, QUOTA, set())
    assert 0 < late < QUOTA.lookup
    assert lookups_chosen_last(PLAN, QUOTA, askable(CHUNKS)) == 0
    assert lookups_chosen_last(PLAN, QUOTA.model_copy(update={"procedure": 0}), set()) == 0

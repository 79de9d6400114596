"""layout: what fits the card, fastest first."""

import itertools

import pytest

from regtune.config import PipelineConfig
from regtune.tuning.layout import Demand, Layout, fastest_layout
from regtune.tuning.order import StepOrder, most_tokens

QWEN3_8B = Demand(fixed=800_000_000, whole_weights=13_900_000_000, kept=147_000, recomputed=8_192, working=254_000)


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize("gib", [1, 4, 16, 40, 130])
def test_what_is_chosen_fits_and_keeps_the_step(gib: int, processes: int, demo_config: PipelineConfig) -> None:
    """Rows a step are as configured on any card; where anything fits, what is chosen does."""
    config = demo_config.train.model_copy(update={"batch_size": 32})
    layout = fastest_layout(QWEN3_8B, lambda rows: rows * 400, config, layers=36, processes=processes, free=gib * 2**30)
    assert layout.rows * layout.times * processes == 32
    if gib > 1:
        assert QWEN3_8B.of(layout, layout.rows * 400, 36) <= gib * 2**30


def test_more_memory_is_used_for_speed(demo_config: PipelineConfig) -> None:
    """A small card computes layers again; a large one keeps everything, weights in 16 bit too."""
    config = demo_config.train.model_copy(update={"batch_size": 32})
    small, large = (
        fastest_layout(QWEN3_8B, lambda rows: rows * 400, config, layers=36, processes=1, free=gib * 2**30)
        for gib in (4, 130)
    )
    assert small.recomputed > 0
    assert not small.whole_weights
    assert large == Layout(rows=32, times=1, recomputed=0, whole_weights=True)


def test_a_smaller_layout_has_as_many_rows_a_step() -> None:
    """First everything is computed again; then its rows divide the larger one's."""
    layout = Layout(rows=6, times=2, whole_weights=True)
    layout = layout.smaller(36) or layout
    assert (layout.rows, layout.times, layout.recomputed, layout.whole_weights) == (6, 2, 36, False)
    halved = layout.smaller(36)
    assert halved is not None
    assert (halved.rows, halved.times) == (3, 4)
    assert Layout(rows=1, times=8).smaller(0) is None


def test_a_step_has_the_same_rows_however_it_is_cut() -> None:
    """Passes of one step are alike in tokens; which rows make a step depends on the seed alone."""
    lengths = [100 + 37 * n % 400 for n in range(64)]
    whole, cut = (StepOrder(lengths, 16, rows, seed=3) for rows in (16, 4))
    passes = list(cut.passes())
    assert [set(step) for step in whole.passes()] == [set(itertools.chain(*passes[n : n + 4])) for n in range(0, 16, 4)]
    tokens = [sum(lengths[index] for index in rows) for rows in passes]
    assert max(tokens) < 1.25 * sum(tokens) / len(tokens)
    assert most_tokens(lengths, 16, 4, seed=3, epochs=1) == max(tokens)
    cut.set_epoch(1)
    assert list(cut.passes()) != passes

"""layout: what fits the card, fastest first."""

import itertools

import pytest

from regtune.config import PipelineConfig
from regtune.tuning.layout import Demand, Layout, demand_of, fastest_layout
from regtune.tuning.order import PassSize, StepOrder, largest_pass

QWEN3_8B = Demand(
    fixed=800_000_000,
    whole_weights=13_900_000_000,
    kept=127_000,
    padded=20_480,
    recomputed=8_192,
    working=233_500,
)


def size_of(rows: int) -> PassSize:
    """Rows of 400 tokens, the longest of 600."""
    return PassSize(rows * 400, rows * 600)


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize("gib", [1, 4, 16, 40, 130])
def test_what_is_chosen_fits_and_keeps_the_step(gib: int, processes: int, demo_config: PipelineConfig) -> None:
    """Rows a step are as configured on any card; where anything fits, what is chosen does."""
    config = demo_config.train.model_copy(update={"batch_size": 32})
    layout = fastest_layout(QWEN3_8B, size_of, config, layers=36, processes=processes, free=gib * 2**30)
    assert layout.rows * layout.times * processes == 32
    if gib > 1:
        assert QWEN3_8B.of(layout, size_of(layout.rows), 36) <= gib * 2**30


def test_more_memory_is_used_for_speed(demo_config: PipelineConfig) -> None:
    """A small card computes layers again; a large one keeps everything, weights in 16 bit too."""
    config = demo_config.train.model_copy(update={"batch_size": 32})
    small, large = (
        fastest_layout(QWEN3_8B, size_of, config, layers=36, processes=1, free=gib * 2**30) for gib in (4, 130)
    )
    assert small.recomputed > 0
    assert not small.whole_weights
    assert large == Layout(rows=32, times=1, recomputed=0, whole_weights=True)


@pytest.mark.parametrize("engine", ["unsloth", "transformers"])
def test_free_memory_decides_for_every_engine(
    engine: str, demo_config: PipelineConfig, train_config: PipelineConfig
) -> None:
    """All layers computed again, or none, and as many rows at a time as fit; what is configured stays."""
    from regtune.tuning.transformers_engine import trainable_model

    config = demo_config.train.model_copy(update={"engine": engine, "batch_size": 32})
    demand = demand_of(trainable_model(train_config.train, seed=1).get_base_model(), config)

    def chosen(free: int, **changes: object) -> Layout:
        asked = config.model_copy(update=changes)
        return fastest_layout(demand, size_of, asked, layers=2, processes=1, free=free)

    kept = Layout(rows=32, times=1)
    needed = demand.of(kept, size_of(32), 2)
    assert chosen(needed) == kept
    assert chosen(needed, gradient_checkpointing=True) == Layout(rows=32, times=1, recomputed=2)
    tight = chosen(demand.of(Layout(rows=4, times=8, recomputed=2), size_of(4), 2))
    assert (tight.rows, tight.times, tight.recomputed) == (4, 8, 2)


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
    cells = max(4 * max(lengths[index] for index in rows) for rows in passes)
    assert largest_pass(lengths, 16, 4, seed=3, epochs=1) == PassSize(max(tokens), cells)
    cut.set_epoch(1)
    assert list(cut.passes()) != passes


def test_processes_have_passes_alike_and_learn_no_row_twice() -> None:
    """The last step's few rows are dealt to all; what is missing there is blank."""
    order = StepOrder([10, 20, 30, 40, 50, 60, 70], 4, 2, seed=1, processes=2)
    passes = list(order.passes())
    assert [len(rows) for rows in passes] == [2, 2, 2, 2]
    assert len(list(order)) == len(order) == 8
    assert sorted(itertools.chain(*passes)) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert len(StepOrder([10] * 5, 4, 2, seed=1, processes=2)) == 8


@pytest.mark.parametrize("lengths", [[60, 60, 60, 60], [100, 20, 20, 20]], ids=["of-one-length", "one-long-row"])
def test_what_a_layer_keeps_is_what_was_counted(lengths: list[int], train_config: PipelineConfig) -> None:
    """Bytes that autograd holds for a layer, padded copies included, are the plan's: 24 GB once became 24.8."""
    import torch

    from regtune.tuning.packed import pack
    from regtune.tuning.transformers_engine import trainable_model

    config = train_config.train
    engine = pack(trainable_model(config, seed=1).train())
    for layer in engine.layers:
        layer._layer.self_attn.attention_dropout = 0.0  # of the stand-in base: Qwen3 has none, whose mask is kept
    mask = torch.tensor([[1] * length + [0] * (max(lengths) - length) for length in lengths])
    own = {weight.untyped_storage().data_ptr() for weight in engine.model.parameters()}

    def held(recomputed: int) -> int:
        storages: dict[int, int] = {}

        def keep(tensor: torch.Tensor) -> torch.Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in own:
                storages[storage.data_ptr()] = storage.nbytes()
            return tensor

        engine.arrange(recomputed, whole_weights=False)
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            loss = engine.forward(mask * 5, mask, torch.where(mask == 1, 5, -100))["loss"]
        assert torch.isfinite(loss)
        return sum(storages.values())

    demand, size = demand_of(engine.model, config), PassSize(sum(lengths), len(lengths) * max(lengths))
    layers = len(engine.layers)
    everything, nothing = (demand.of(Layout(rows=4, times=1, recomputed=n), size, layers) for n in (0, layers))
    assert held(0) - held(layers) == pytest.approx(everything - nothing, rel=0.1)

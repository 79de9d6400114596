"""watch: when a training stops by itself."""

import pytest

from regtune.config import PipelineConfig
from regtune.errors import ConfigurationError
from regtune.tuning.pace import Pace
from regtune.tuning.watch import is_stale, require_number


@pytest.mark.parametrize(
    ("losses", "patience", "stale"),
    [
        pytest.param([], 2, False, id="nothing-yet"),
        pytest.param([3.0, 2.0, 1.0], 2, False, id="still-better"),
        pytest.param([3.0, 2.0, 2.5], 2, False, id="one-worse"),
        pytest.param([3.0, 2.0, 2.5, 2.1], 2, True, id="two-worse"),
        pytest.param([2.0, 2.0, 2.0], 2, True, id="equal-is-not-better"),
        pytest.param([2.0, 3.0, 4.0, 5.0], 0, False, id="never"),
    ],
)
def test_patience_counts_evaluations_since_the_best(losses: list[float], patience: int, stale: bool) -> None:  # noqa: FBT001
    """Training stops when the best validation loss is `patience` evaluations old."""
    assert is_stale(losses, patience) is stale


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_with_its_step(loss: float, demo_config: PipelineConfig) -> None:
    """The message names the step and the setting to lower."""
    require_number({"loss": 1.0, "step": 11}, demo_config.train)
    with pytest.raises(ConfigurationError, match=r"at step 12; lower train\.learning_rate"):
        require_number({"loss": loss, "step": 12}, demo_config.train)


def test_pace_leaves_out_what_lies_between_epochs() -> None:
    """Tokens of a resumed training count from the resume on, and time between stop and start does not count."""
    pace = Pace()
    pace.start(step=30, tokens=30_000)
    pace.take(step=32, tokens=32_000)
    pace.start(step=32, tokens=32_000)
    pace.take(step=35, tokens=35_000)
    assert (pace.steps, pace.tokens) == (5, 5_000)
    assert pace.tokens_per_second == pytest.approx(pace.tokens / pace.seconds)
    assert pace.seconds_left(10) == pytest.approx(2 * pace.seconds)

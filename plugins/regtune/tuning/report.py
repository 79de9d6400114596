"""train_report.json: what a training was and how it went.

In: what `train` measured. Out: a frozen record that benchmark, publish and people read.
"""

from regtune.config import TrainConfig
from regtune.contracts import Contract
from regtune.tuning.layout import Layout


class LossPoint(Contract):
    """One point of a curve."""

    step: int
    """Optimizer steps done."""
    epoch: float
    loss: float
    """Mean cross entropy over answer tokens, in nats."""


class TrainReport(Contract):
    """train_report.json."""

    engine: str
    base_model: str
    base_is_stand_in: bool
    """True: the figures say nothing about a real model."""
    settings: TrainConfig
    """The train section as it was used."""
    seed: int
    rows_sha256: str
    """Of every token trained or validated on; equal rows, prompt and tokenizer give the same."""
    train_rows: int
    validation_rows: int
    train_tokens: int
    """Of one epoch, prompts included."""
    answer_tokens: int
    """Of one epoch; the loss is over these."""
    longest_row_tokens: int
    parameters: int
    """Of the base model, before quantisation."""
    adapter_parameters: int
    """Trainable."""
    steps: int
    """Optimizer steps done."""
    planned_steps: int
    """More than `steps` where training stopped early."""
    stopped_early: bool
    resumed_from_step: int
    """Step of the checkpoint that this process went on from; 0 when it began anew."""
    best_step: int
    """The adapter is the checkpoint of this step."""
    best_validation_loss: float
    train_curve: tuple[LossPoint, ...]
    """Every optimizer step."""
    validation_curve: tuple[LossPoint, ...]
    """Every epoch."""
    seconds: float
    """Of the training loop, validation and checkpoints included; of a resumed training all of it, but for what each
    killed process did after its last checkpoint. The same holds for the tokens a second and the energy."""
    tokens_per_second: float
    """Over the optimizer steps alone, prompts included, padding not."""
    layout: Layout
    """How the rows of a step went through the device; the rows of an optimizer step are as configured."""
    processes: int
    """That shared each step's rows, one a GPU."""
    energy_joules: int | None
    """That the GPUs spent while training, loading included; None where their driver does not tell."""
    device: str
    dtype: str
    """In which the 4-bit weights are computed with."""
    peak_memory_gib: float
    """On the first GPU; on a CPU of the whole process."""
    versions: dict[str, str]

"""train_curve.png: the losses of a training as a picture.

In: a TrainReport. Out: a PNG of 960 x 540 pixels; its labels are English, so that it needs no Korean font on the host.
"""

from pathlib import Path

from regtune.artifacts import replacing
from regtune.tuning.report import TrainReport


def draw_curve(report: TrainReport, target: Path) -> None:
    """Draw the loss of every step and every validation, and mark the step whose checkpoint is the adapter."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 5.4), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    train, validation = report.train_curve, report.validation_curve
    axes.plot([p.step for p in train], [p.loss for p in train], color="#94a3b8", linewidth=1, label="training")
    axes.plot(
        [p.step for p in validation], [p.loss for p in validation], color="#1d4ed8", marker="o", label="validation"
    )
    axes.axvline(report.best_step, color="#1d4ed8", linestyle=":", label=f"adapter, step {report.best_step}")
    stand_in = ", a stand-in" if report.base_is_stand_in else ""
    axes.set_title(f"{report.base_model}{stand_in}: loss over answer tokens", loc="left")
    axes.set_xlabel("optimizer step")
    axes.set_ylabel("nats a token")
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    with replacing(target) as temporary:
        figure.savefig(temporary, format="png")

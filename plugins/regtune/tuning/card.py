"""README.md of the adapter: what it is, what it was made from, and what it must not be taken for.

In: the run's recipe and the training's report. Out: Markdown in English and Korean, with the metadata block that
model hubs read.
"""

from collections.abc import Mapping
from typing import Any

from regtune.contracts import RunSpec
from regtune.tuning.report import TrainReport

_PURPOSE = (
    "Answers questions about the company's internal regulations, in Korean. A LoRA adapter trained with "
    "QLoRA (NF4, double quantisation); the loss is over the answers alone.\n\n"
    "사내 규정에 관한 질문에 답하도록 QLoRA로 미세조정한 어댑터입니다. 아래 시행일의 규정만 학습했으며, "
    "규정이 개정되면 다시 학습해야 합니다. 답변은 반드시 해당 조문으로 확인하십시오.\n"
)
_PROMPTS = {
    "none": "the question alone (closed book)",
    "article": "the question with its article (open book): it has to be asked in the same way",
}
_SCORES_ELSEWHERE = (
    "Measured after the training: benchmark.json and report.html of the run above. 학습 뒤에 측정하며, "
    "위 실행의 report.html에 있습니다.\n"
)


_SCORES = "## Scores · 점수\n"


def model_card(spec: RunSpec, report: TrainReport) -> str:
    """Write the card; the regulations' hashes are those of the PDFs, and scores there are none yet."""
    sections = (
        _front_matter(report),
        f"# regtune adapter, corpus in force on {spec.as_of}\n",
        _warnings(spec, report),
        _PURPOSE,
        "## Regulations · 학습한 규정\n",
        _regulations(spec),
        "## Training · 학습\n",
        _training(spec, report),
        _SCORES,
        _SCORES_ELSEWHERE,
    )
    return "\n".join(section for section in sections if section)


def with_scores(card: str, benchmark: Mapping[str, Any]) -> str:
    """Return a card, whoever wrote it, with the scores of a benchmark.json at its end, in place of earlier ones."""
    told = card.partition(_SCORES)[0].rstrip("\n")
    return f"{told}\n\n{_SCORES}\n{_scores(benchmark)}".lstrip("\n")


def _front_matter(report: TrainReport) -> str:
    return (
        f"---\nbase_model: {report.base_model}\nlibrary_name: peft\nlanguage: ko\ntags: [lora, qlora, regtune]\n---\n"
    )


def _warnings(spec: RunSpec, report: TrainReport) -> str:
    lines = []
    if report.base_is_stand_in:
        lines.append(
            "> **Stand-in base model.** Made for the demo; its answers say nothing about a real model. "
            "데모용 대체 모델로 학습한 결과이며 실제 모델의 성능이 아닙니다.\n"
        )
    if spec.config.endpoints.generator.stand_in:
        lines.append(
            "> **Stand-in dataset.** The questions and answers were written by the demo's stand-in endpoint. "
            "질문과 답변은 데모용 대체 엔드포인트가 만들었습니다.\n"
        )
    return "\n".join(lines)


def _regulations(spec: RunSpec) -> str:
    head = "| regulation | in force from · 시행일 | PDF sha256 |\n|---|---|---|\n"
    rows = (
        f"| {source.title or source.regulation_id} | {source.effective_date} | `{source.sha256}` |\n"
        for source in spec.sources
    )
    return head + "".join(rows)


def _training(spec: RunSpec, report: TrainReport) -> str:
    settings = report.settings
    facts = {
        "run": spec.run_name,
        "recipe sha256": f"`{spec.spec_sha256}`",
        "training rows sha256": f"`{report.rows_sha256}`",
        "rows": f"{report.train_rows} for training, {report.validation_rows} for validation",
        "base model": report.base_model,
        "engine": f"{report.engine} on {report.device}",
        "prompt": _PROMPTS[spec.config.tuning.context],
        "seed": str(report.seed),
        "LoRA": f"r {settings.lora_r}, alpha {settings.lora_alpha}, {report.adapter_parameters:,} parameters",
        "steps": f"{report.steps} of {report.planned_steps}, the adapter is that of step {report.best_step}",
        "validation loss": f"{report.best_validation_loss:.4f}",
    }
    return "| | |\n|---|---|\n" + "".join(f"| {name} | {value} |\n" for name, value in facts.items())


def _scores(benchmark: Mapping[str, Any]) -> str:
    """Share of right answers of each system, with its 95% interval."""
    head = f"{benchmark['headline']}\n\n| | right answers | 95% interval | questions |\n|---|---|---|---|\n"
    rows = (
        f"| {score['system']} | {score['estimate']['value']:.1%} "
        f"| {score['estimate']['low']:.1%} to {score['estimate']['high']:.1%} | {score['estimate']['rows']} |\n"
        for score in benchmark["scores"]
        if score["metric"] == "correct"
    )
    return head + "".join(rows)

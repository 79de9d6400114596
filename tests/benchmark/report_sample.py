"""What a report is rendered of: two systems, a judge that repeats what the base model said."""

from benchmark_samples import answer_of

from regtune.benchmark.assessment import (
    Measured,
    Sampling,
    all_differences,
    all_scores,
    all_slices,
    pick_examples,
    summaries,
)
from regtune.benchmark.cautions import warnings
from regtune.benchmark.comparing import all_comparisons
from regtune.benchmark.report import Results
from regtune.benchmark.results import (
    Benchmark,
    Efficiency,
    Speed,
)
from regtune.benchmark.rows import Verdict
from regtune.benchmark.systems import Asked
from regtune.benchmark.wording import headline, stand_in_names
from regtune.config import PipelineConfig
from regtune.contracts import RunSpec

CURVE = [{"step": 1, "epoch": 0.1, "loss": 3.2}, {"step": 9, "epoch": 1.0, "loss": 1.4}]


def results_of(
    spec: RunSpec,
    config: PipelineConfig,
    rows: dict[str, Asked],
    base_text: str,
    stand_in: bool = True,  # noqa: FBT001, FBT002
) -> Results:
    """Tuned gives the reference answers, base says `base_text`, the judge repeats it as its reason."""
    answers = [
        answer_of(row, system, base_text if system == "base" else row.question.answer, config)
        for system in ("base", "tuned")
        for row in rows.values()
    ]
    verdicts = [
        Verdict(
            kind="rating",
            qa_id=answer.qa_id,
            system=answer.system,
            opponent=None,
            correctness=3,
            completeness=3,
            groundedness=3,
            reason=base_text,
            attempts=1,
            unscored=None,
            request_sha256="",
        )
        for answer in answers
    ]
    verdicts += [
        Verdict(
            kind="pairwise",
            qa_id=qa_id,
            system=first,
            opponent=second,
            winner="tuned",
            attempts=1,
            unscored=None,
            request_sha256="",
        )
        for qa_id in rows
        for first, second in (("tuned", "base"), ("base", "tuned"))
    ]
    measured = Measured(rows, {(a.system, a.qa_id): a for a in answers}, verdicts, Sampling(200, 1))
    systems = ["base", "tuned"]
    differences = all_differences(measured, systems)
    summary = summaries(measured, {"base": ("tiny", stand_in), "tuned": ("tiny + adapter", stand_in)})
    scores = all_scores(measured, systems)
    names = stand_in_names(config) if stand_in else ()
    speed = Speed(
        concurrency=1, requests=4, failed=0, latency_p50_seconds=0.5, latency_p95_seconds=0.7, tokens_per_second=9
    )
    cost = Efficiency(
        system="tuned",
        device="CPU",
        speeds=(speed,),
        first_token_p50_seconds=None,
        load_seconds=1.0,
        peak_memory_bytes=1 << 30,
        memory_kind="process_peak_rss",
        weights_bytes=None,
        weights_from="unknown",
        correct_per_gib=None,
    )
    benchmark = Benchmark(
        run_name=spec.run_name,
        as_of=spec.as_of,
        headline=headline(names, scores[0].estimate, differences[0]),
        stand_ins=names,
        warnings=warnings(config, summary, len(rows), len(verdicts), 0),
        test_rows=len(rows),
        pool_rows=0,
        rows_by_type={},
        articles=2,
        systems=summary,
        scores=scores,
        differences=differences,
        comparisons=all_comparisons(measured, systems),
        slices=all_slices(measured, systems),
        efficiency=(cost,),
        examples=pick_examples(measured, 6),
        unscored_verdicts=0,
        judge_model="judge",
        judge_tokens={},
        inputs={},
        seed=1,
        bootstrap_samples=200,
    )
    train = {"engine": base_text, "train_curve": CURVE, "validation_curve": CURVE[1:]}
    gate = {"passed": True, "rows": 300, "expectations": []}
    return Results(spec, benchmark, rows, answers, verdicts, train, gate, {}, {}, [])

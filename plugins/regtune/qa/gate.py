"""gate: the dataset is accepted, or refused with a reason for everybody who has to know.

In: qa_pairs.jsonl, qa_checks.jsonl and, when there, chunks.jsonl, evaluation_pool.jsonl, duplicates.jsonl. Out:
gate_report.json and data_docs/ (the site of Great Expectations), both written before a refusal is raised. It runs
where the scheduler runs: no tagger, no model. Counts are those of the configuration, also for plain files: somebody
with a dataset of another size gives --config with its own generate.quota.
"""

import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.artifacts import read_jsonl, replacing_folder, write_json
from regtune.config import PipelineConfig
from regtune.contracts import Chunk, DuplicatePair, Expectation, GateReport, QACheck, QAPair, RunSpec, StageResult
from regtune.errors import GateRefusedError
from regtune.korean.absence import says_absent
from regtune.korean.normalise import question_key
from regtune.qa.plan import askable

if TYPE_CHECKING:
    import pandas as pd

    from regtune.qa.expectations import Held

_log = logging.getLogger(__name__)
MOST_IDS = 20
_SAME = ("duplicate", "near_duplicate")


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Judge the dataset of a run folder.

    Raises:
        GateRefusedError: an expectation failed; the report and the Data Docs are there.
    """
    from regtune.qa.expectations import Held

    pairs = read_jsonl(run_dir / "qa_pairs.jsonl", QAPair)
    checks = read_jsonl(run_dir / "qa_checks.jsonl", QACheck)
    pool_file, chunks_file = run_dir / "evaluation_pool.jsonl", run_dir / "chunks.jsonl"
    duplicates_file = run_dir / "duplicates.jsonl"
    pool = read_jsonl(pool_file, QAPair) if pool_file.exists() else []
    chunks = read_jsonl(chunks_file, Chunk) if chunks_file.exists() else []
    duplicates = read_jsonl(duplicates_file, DuplicatePair) if duplicates_file.exists() else []
    rows = frame_of(pairs, pool, checks, chunks, duplicates)
    held = Held(pool=bool(pool), articles=articles_to_ask(chunks))
    with replacing_folder(run_dir / "data_docs") as docs:
        run_time = datetime.combine(spec.as_of, datetime.min.time(), timezone.utc)
        expectations = judge(rows, spec.config, held, docs, (spec.run_name, run_time))
    failed = [expectation for expectation in expectations if not expectation.success]
    report = GateReport(
        passed=not failed,
        rows=len(pairs),
        pool_rows=len(pool),
        expectations=tuple(expectations),
        reasons=dict(sorted(Counter(reason for check in checks for reason in check.reasons).items())),
    )
    write_json(run_dir / "gate_report.json", report)
    for expectation in failed:
        _log.info(
            "refused by %s: expected %s, observed %s", _label(expectation), expectation.expected, expectation.observed
        )
    if failed:
        causes = "; ".join(f"{_label(e)} expected {e.expected}, observed {e.observed}" for e in failed)
        raise GateRefusedError(f"{run_dir}: the gate refused {len(pairs)} pairs: {causes}; see gate_report.json.")
    return StageResult(counts={"rows": len(pairs), "pool_rows": len(pool), "expectations": len(expectations)})


def frame_of(
    pairs: Sequence[QAPair],
    pool: Sequence[QAPair],
    checks: Sequence[QACheck],
    chunks: Sequence[Chunk],
    duplicates: Sequence[DuplicatePair],
) -> "pd.DataFrame":
    """One row a pair, dataset before pool, with what its check found; nothing is left out."""
    import pandas as pd

    check_of = {check.qa_id: check for check in checks}
    article_of = {chunk.chunk_id: _article(chunk) for chunk in chunks}
    dataset_ids = {pair.qa_id for pair in pairs}
    same = _same_questions(pairs, pool, checks, duplicates)
    rows = []
    for part, pair in (*(("dataset", pair) for pair in pairs), *(("pool", pair) for pair in pool)):
        check = check_of.get(pair.qa_id)
        figures: Mapping[str, Any] = check.figures if check else {}
        others = same.get(pair.qa_id, [])
        rows.append(
            {
                "qa_id": pair.qa_id,
                "part": part,
                "type": pair.type,
                "question": pair.question,
                "answer": pair.answer,
                "evidence": pair.evidence,
                "article": article_of.get(pair.chunk_id),
                "passed": check.passed if check else None,
                "reasons": ", ".join(check.reasons) if check else None,
                "says_absent": says_absent(pair.answer),
                "grounding": figures.get("grounding"),
                "negative_evidence": figures.get("negative_evidence"),
                "duplicate_of": next(iter(others), None),
                "leaks_from": next((o for o in others if o in dataset_ids), None) if part == "pool" else None,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"grounding": "float64", "negative_evidence": "float64"})


COLUMNS = (
    "qa_id",
    "part",
    "type",
    "question",
    "answer",
    "evidence",
    "article",
    "passed",
    "reasons",
    "says_absent",
    "grounding",
    "negative_evidence",
    "duplicate_of",
    "leaks_from",
)


def judge(
    frame: "pd.DataFrame", config: PipelineConfig, held: "Held", docs: Path, run_name: tuple[str, datetime]
) -> list[Expectation]:
    """Apply the suite to the frame, build Data Docs in `docs`, and tell each expectation's verdict, in suite order."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from regtune.qa.expectations import build

    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)  # sets INFO for itself
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)  # its bars would fill the task's log
    asset = context.data_sources.add_pandas("regtune").add_dataframe_asset("qa_pairs")
    batch = asset.add_batch_definition_whole_dataframe("run")
    suite = context.suites.add(gx.ExpectationSuite(name="gate", expectations=build(config, held)))
    definition = gx.ValidationDefinition(name="gate", data=batch, suite=suite)
    context.add_data_docs_site(
        "local",
        {
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs.resolve())},
        },
    )
    checkpoint = gx.Checkpoint(
        name="gate",
        validation_definitions=[context.validation_definitions.add(definition)],
        actions=[gx.checkpoint.UpdateDataDocsAction(name="docs", site_names=["local"])],
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["qa_id"]},
    )
    name, time = run_name
    outcome = context.checkpoints.add(checkpoint).run(
        batch_parameters={"dataframe": frame}, run_id=gx.RunIdentifier(run_name=name, run_time=time)
    )
    results = [result for run in outcome.run_results.values() for result in run.results]
    verdicts = {result.expectation_config.id: _expectation(result, list(frame.columns)) for result in results}
    return [verdicts[expectation.id] for expectation in suite.expectations]


def articles_to_ask(chunks: Sequence[Chunk]) -> list[str]:
    """Regulation and article of every chunk that holds something to ask about."""
    ids = askable(chunks)
    return sorted({_article(chunk) for chunk in chunks if chunk.chunk_id in ids})


def _article(chunk: Chunk) -> str:
    return f"{chunk.regulation_title} {chunk.article}".strip()


def _same_questions(
    pairs: Sequence[QAPair], pool: Sequence[QAPair], checks: Sequence[QACheck], duplicates: Sequence[DuplicatePair]
) -> dict[str, list[str]]:
    """For each pair the earlier ones that ask the same: by duplicates.jsonl, by the checks, and by the gate itself."""
    position = {pair.qa_id: index for index, pair in enumerate((*pairs, *pool))}
    found: dict[str, set[str]] = {}

    def note(one: str, other: str) -> None:
        if one != other and one in position and other in position:
            early, late = sorted((one, other), key=lambda qa_id: position[qa_id])
            found.setdefault(late, set()).add(early)

    for duplicate in duplicates:
        note(duplicate.a, duplicate.b)
    for check in checks:
        if set(_SAME) & set(check.reasons):
            note(check.qa_id, str(check.figures.get("duplicate_of")))
    first: dict[str, str] = {}
    for pair in (*pairs, *pool):
        note(first.setdefault(question_key(pair.question), pair.qa_id), pair.qa_id)
    return {late: sorted(early, key=lambda qa_id: position[qa_id]) for late, early in found.items()}


def _expectation(result: Any, columns: Sequence[str]) -> Expectation:  # noqa: ANN401 - Great Expectations has no types
    config, outcome = result.expectation_config, result.result
    settings: Mapping[str, Any] = config.kwargs
    rows = outcome.get("unexpected_index_list") or []
    ids = [str(row["qa_id"]) for row in rows if isinstance(row, Mapping)] if not result.success else []
    return Expectation(
        name=config.type,
        column=settings.get("column") or settings.get("qa_type"),
        description=config.meta["description"],
        success=bool(result.success),
        expected=_expected(config.type, settings),
        observed=_observed(result, settings, columns),
        failed_ids=tuple(ids[:MOST_IDS]),
    )


def _expected(name: str, settings: Mapping[str, Any]) -> str:
    if "count" in settings:
        return str(settings["count"])
    if "value_set" in settings:
        share = f" in at least {settings['mostly']:.0%} of the rows" if settings.get("mostly", 1) < 1 else ""
        return f"{'/'.join(map(str, settings['value_set']))}{share}"
    low, high = settings.get("min_value", settings.get("min_share")), settings.get("max_value")
    if low is not None:
        return f"{low} to {high}" if high is not None else f"at least {low}"
    return {"not_be_null": "a value in every row", "be_null": "no value in any row", "be_unique": "no value twice"}[
        name.removeprefix("expect_column_values_to_")
    ]


def _observed(result: Any, settings: Mapping[str, Any], columns: Sequence[str]) -> str:  # noqa: ANN401 - the same
    outcome = result.result
    column = settings.get("column")
    if column is not None and column not in columns:
        return f"no column {column}"
    if "unexpected_count" in outcome:
        return f"{outcome['unexpected_count']} of {outcome['element_count']} rows fail"
    if outcome.get("observed_value") is not None:
        return str(outcome["observed_value"])
    raised = [info for info in result.exception_info.values() if isinstance(info, Mapping)]
    messages = sorted(" ".join(str(info.get("exception_message", "")).split()) for info in raised)
    return f"could not be computed{': ' + messages[0][:200] if messages else ''}"


def _label(expectation: Expectation) -> str:
    return f"{expectation.name}({expectation.column})" if expectation.column else expectation.name

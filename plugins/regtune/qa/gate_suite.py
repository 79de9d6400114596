"""The suite applied to a frame by Great Expectations, and its verdicts in words.

In: the frame of gate_rows.py and what the run holds. Out: Expectation records in the order of the suite, expected and
observed in Korean. An expectation that looked at no row, or whose column is not there, has failed.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.config import PipelineConfig
from regtune.contracts import Expectation

if TYPE_CHECKING:
    import pandas as pd

    from regtune.qa.expectations import Held

MOST_IDS = 20
_MOST_ARTICLES = 5
_SITE = "local"


class Judgement:
    """Great Expectations with its context, which takes a second to make and serves for several frames."""

    def __init__(self, config: PipelineConfig) -> None:
        """Make an ephemeral context that reports to nobody."""
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)  # sets INFO itself
        self._config = config
        self._context: Any = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False)  # they would fill the task's log
        asset = self._context.data_sources.add_pandas("regtune").add_dataframe_asset("qa_pairs")
        self._batch: Any = asset.add_batch_definition_whole_dataframe("run")

    def of(
        self,
        frame: "pd.DataFrame",
        held: "Held",
        docs: Path | None = None,
        run_name: tuple[str, datetime] | None = None,
    ) -> list[Expectation]:
        """Judge a frame; with a folder and a run's name and time, build the site there too."""
        import great_expectations as gx

        from regtune.qa.expectations import build

        suite = gx.ExpectationSuite(name="gate", expectations=build(self._config, held))
        form = {"result_format": "COMPLETE", "unexpected_index_column_names": ["qa_id"]}
        if docs is None or run_name is None:
            results = self._batch.get_batch({"dataframe": frame}).validate(suite, result_format=form).results
        else:
            suite = self._context.suites.add(suite)
            results = self._published(suite, frame, docs, run_name, form)
        verdicts = [(result.expectation_config, _expectation(result, list(frame.columns))) for result in results]
        if docs is None:
            return [verdict for _, verdict in verdicts]
        by_id = {config.id: verdict for config, verdict in verdicts}
        return [by_id[expectation.id] for expectation in suite.expectations]

    def _published(
        self,
        suite: Any,  # noqa: ANN401 - Great Expectations has no types
        frame: "pd.DataFrame",
        docs: Path,
        run_name: tuple[str, datetime],
        form: Mapping[str, Any],
    ) -> list[Any]:
        import great_expectations as gx

        definition = gx.ValidationDefinition(name="gate", data=self._batch, suite=suite)
        store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs.resolve())}
        index = {"class_name": "DefaultSiteIndexBuilder"}
        site = {"class_name": "SiteBuilder", "site_index_builder": index, "store_backend": store}
        self._context.add_data_docs_site(_SITE, site)
        checkpoint = gx.Checkpoint(
            name="gate",
            validation_definitions=[self._context.validation_definitions.add(definition)],
            actions=[gx.checkpoint.UpdateDataDocsAction(name="docs", site_names=[_SITE])],
            result_format=form,
        )
        name, time = run_name
        outcome = self._context.checkpoints.add(checkpoint).run(
            batch_parameters={"dataframe": frame}, run_id=gx.RunIdentifier(run_name=name, run_time=time)
        )
        return [result for run in outcome.run_results.values() for result in run.results]


def _expectation(result: Any, columns: Sequence[str]) -> Expectation:  # noqa: ANN401 - Great Expectations has no types
    config, outcome = result.expectation_config, result.result
    settings: Mapping[str, Any] = config.kwargs
    success = bool(result.success) and outcome.get("element_count", 1) != 0
    rows = outcome.get("unexpected_index_list") or []
    ids = [str(row["qa_id"]) for row in rows if isinstance(row, Mapping)] if not success else []
    return Expectation(
        name=config.type,
        column=settings.get("column") or settings.get("qa_type") or settings.get("aspect"),
        description=config.meta["description"],
        success=success,
        expected=_expected(config.type, settings),
        observed=_observed(result, settings, columns),
        failed_ids=tuple(dict.fromkeys(ids))[:MOST_IDS],
    )


def _expected(name: str, settings: Mapping[str, Any]) -> str:
    short = name.removeprefix("expect_column_values_to_")
    if short in _FIXED:
        return _FIXED[short]
    if "count" in settings:
        return f"{settings['count']}개"
    if "value_set" in settings:
        wanted = "·".join("예" if value is True else str(value) for value in settings["value_set"])
        return f"{settings.get('mostly', 1):.0%} 이상의 행이 {wanted}"
    for key, bound in (("max_share", "이하"), ("min_share", "이상")):
        if key in settings:
            return f"{settings[key]:.0%} {bound}"
    bounds = (("min_value", "이상"), ("max_value", "이하"))
    return " ".join(f"{settings[key]} {bound}" for key, bound in bounds if settings.get(key) is not None)


_FIXED = {
    "not_be_null": "모든 행에 값이 있음",
    "be_null": "해당하는 행이 없음",
    "not_match_regex": "해당하는 행이 없음",
    "be_unique": "겹치는 값이 없음",
    "expect_table_columns_to_match_set": "모든 항목이 있음",
}


def _observed(result: Any, settings: Mapping[str, Any], columns: Sequence[str]) -> str:  # noqa: ANN401 - the same
    outcome, column = result.result, settings.get("column")
    if column is not None and column not in columns:
        return f"{column} 항목(열)이 없습니다"
    if "unexpected_count" in outcome:
        looked_at, failed = outcome["element_count"], outcome["unexpected_count"]
        return f"{looked_at}개 행 가운데 {failed}개가 기준에 어긋납니다" if looked_at else "살펴본 행이 하나도 없습니다"
    value = outcome.get("observed_value")
    if value is None:
        return _raised(result)
    if isinstance(value, list):
        return f"빠진 항목: {', '.join(sorted(set(settings['column_set']) - set(value))) or '없음'}"
    if "articles" in settings and "min_share" in settings:
        missing = outcome["details"]["missing"]
        more = f" 외 {len(missing) - _MOST_ARTICLES}개" if len(missing) > _MOST_ARTICLES else ""
        return f"{value:.0%}" + (f" (질문이 없는 조문: {', '.join(missing[:_MOST_ARTICLES])}{more})" if missing else "")
    return f"{value}개" if "count" in settings else f"{round(value, 4)}"


def _raised(result: Any) -> str:  # noqa: ANN401 - the same
    raised = [info for info in result.exception_info.values() if isinstance(info, Mapping)]
    messages = sorted(" ".join(str(info.get("exception_message", "")).split()) for info in raised)
    return f"계산할 수 없습니다{': ' + messages[0][:200] if messages else ''}"

"""Expectations of the gate that Great Expectations does not have, each over the frame of gate_rows.py.

Each looks at the whole frame, says what it observed in `observed_value`, and names the rows that fail in
`unexpected_index_list`, as the expectations of Great Expectations do. One that looked at no row fails.
"""

from typing import Any

from great_expectations.execution_engine import PandasExecutionEngine  # noqa: TID253 - gate.run alone imports this
from great_expectations.expectations.expectation import (  # noqa: TID253 - the same
    BatchExpectation,
    ColumnMapExpectation,
)
from great_expectations.expectations.metrics import (  # noqa: TID253 - the same
    ColumnMapMetricProvider,
    column_condition_partial,
)
from great_expectations.expectations.metrics.metric_provider import metric_value  # noqa: TID253 - the same
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider  # noqa: TID253 - the same

from regtune.contracts import GateProfile
from regtune.korean.normalise import hangul_share
from regtune.qa.gate_profile import profile_of, shift
from regtune.qa.gate_rows import DATASET, reasons_of


class _TypeCount(TableMetricProvider):  # type: ignore[misc] # Great Expectations has no types
    metric_name = "table.qa_type_count"
    value_keys = ("part", "qa_type")

    @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator] # the same
    def _pandas(
        cls,  # noqa: N805 - the same
        execution_engine: Any,  # noqa: ANN401 - the same
        metric_domain_kwargs: Any,  # noqa: ANN401 - the same
        metric_value_kwargs: Any,  # noqa: ANN401 - the same
        metrics: Any,  # noqa: ANN401, ARG002 - the same
        runtime_configuration: Any,  # noqa: ANN401, ARG002 - the same
    ) -> int:
        frame, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type="table")
        wanted = (frame["part"] == metric_value_kwargs["part"]) & (frame["type"] == metric_value_kwargs["qa_type"])
        return int(wanted.sum())


class ExpectQaTypeCountToEqual(BatchExpectation):  # type: ignore[misc] # the same
    """As many pairs of one type as were ordered."""

    metric_dependencies = ("table.qa_type_count",)
    success_keys = ("part", "qa_type", "count")
    part: str
    qa_type: str
    count: int

    def _validate(self, metrics: Any, **_: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
        observed = metrics["table.qa_type_count"]
        return {"success": observed == self.count, "result": {"observed_value": observed}}


class _ArticleCoverage(TableMetricProvider):  # type: ignore[misc] # the same
    metric_name = "table.article_coverage"
    value_keys = ("articles",)

    @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator] # the same
    def _pandas(
        cls,  # noqa: N805 - the same
        execution_engine: Any,  # noqa: ANN401 - the same
        metric_domain_kwargs: Any,  # noqa: ANN401 - the same
        metric_value_kwargs: Any,  # noqa: ANN401 - the same
        metrics: Any,  # noqa: ANN401, ARG002 - the same
        runtime_configuration: Any,  # noqa: ANN401, ARG002 - the same
    ) -> dict[str, Any]:
        frame, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type="table")
        asked = frame[(frame["part"] == DATASET) & (frame["type"] != "negative")]
        articles = set(metric_value_kwargs["articles"])
        return {"missing": sorted(articles - set(asked["article"])), "pairs": len(asked), "articles": len(articles)}


class ExpectArticleCoverageToBeAtLeast(BatchExpectation):  # type: ignore[misc] # the same
    """A share of the articles is asked about; of fewer pairs than articles each has to cover another one."""

    metric_dependencies = ("table.article_coverage",)
    success_keys = ("articles", "min_share")
    articles: list[str]
    min_share: float

    def _validate(self, metrics: Any, **_: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
        seen = metrics["table.article_coverage"]
        covered = seen["articles"] - len(seen["missing"])
        wanted = min(self.min_share * seen["articles"], seen["pairs"] * self.min_share)
        observed = round(covered / seen["articles"], 4) if seen["articles"] else 1.0
        success = covered >= wanted and (seen["pairs"] > 0 or not seen["articles"])
        return {"success": success, "result": {"observed_value": observed, "details": {"missing": seen["missing"]}}}


class _ReasonRows(TableMetricProvider):  # type: ignore[misc] # the same
    metric_name = "table.reason_rows"
    value_keys = ("reasons", "qa_types")

    @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator] # the same
    def _pandas(
        cls,  # noqa: N805 - the same
        execution_engine: Any,  # noqa: ANN401 - the same
        metric_domain_kwargs: Any,  # noqa: ANN401 - the same
        metric_value_kwargs: Any,  # noqa: ANN401 - the same
        metrics: Any,  # noqa: ANN401, ARG002 - the same
        runtime_configuration: Any,  # noqa: ANN401, ARG002 - the same
    ) -> dict[str, Any]:
        frame, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type="table")
        looked_at = frame[frame["type"].isin(metric_value_kwargs["qa_types"]) & frame["reasons"].notna()]
        sought = set(metric_value_kwargs["reasons"])
        hit = looked_at[[bool(sought & set(reasons_of(cell))) for cell in looked_at["reasons"]]]
        return {"rows": len(looked_at), "ids": list(hit["qa_id"])}


class ExpectReasonShareToBeAtMost(BatchExpectation):  # type: ignore[misc] # the same
    """Of the pairs of some types at most a share was found to have one of these faults."""

    metric_dependencies = ("table.reason_rows",)
    success_keys = ("reasons", "qa_types", "max_share")
    reasons: list[str]
    qa_types: list[str]
    max_share: float

    def _validate(self, metrics: Any, **_: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
        seen = metrics["table.reason_rows"]
        share = len(seen["ids"]) / seen["rows"] if seen["rows"] else 1.0
        found = {
            "element_count": seen["rows"],
            "unexpected_count": len(seen["ids"]),
            "unexpected_index_list": [{"qa_id": qa_id} for qa_id in seen["ids"]],
            "observed_value": round(share, 4),
        }
        return {"success": share <= self.max_share, "result": found}


class _Shift(TableMetricProvider):  # type: ignore[misc] # the same
    metric_name = "table.shift"
    value_keys = ("aspect", "articles", "previous")

    @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator] # the same
    def _pandas(
        cls,  # noqa: N805 - the same
        execution_engine: Any,  # noqa: ANN401 - the same
        metric_domain_kwargs: Any,  # noqa: ANN401 - the same
        metric_value_kwargs: Any,  # noqa: ANN401 - the same
        metrics: Any,  # noqa: ANN401, ARG002 - the same
        runtime_configuration: Any,  # noqa: ANN401, ARG002 - the same
    ) -> float | None:
        frame, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type="table")
        dataset = frame[frame["part"] == DATASET]
        if dataset.empty:
            return None
        now = profile_of(dataset.to_dict("records"), metric_value_kwargs["articles"])
        previous = GateProfile.model_validate_json(metric_value_kwargs["previous"])
        return round(shift(metric_value_kwargs["aspect"], now, previous), 4)


class ExpectShiftToBeAtMost(BatchExpectation):  # type: ignore[misc] # the same
    """The dataset is like the one that was accepted before it, in one aspect."""

    metric_dependencies = ("table.shift",)
    success_keys = ("aspect", "articles", "previous", "max_value")
    aspect: str
    articles: list[str]
    previous: str
    """GateProfile as JSON."""
    max_value: float

    def _validate(self, metrics: Any, **_: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
        observed = metrics["table.shift"]
        return {"success": observed is not None and observed <= self.max_value, "result": {"observed_value": observed}}


class _HangulShare(ColumnMapMetricProvider):  # type: ignore[misc] # the same
    condition_metric_name = "column_values.hangul_share"
    condition_value_keys = ("min_share",)

    @column_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator] # the same
    def _pandas(cls, column: Any, min_share: float, **_: Any) -> Any:  # noqa: ANN401, N805 - the same
        return column.map(hangul_share) >= min_share


class ExpectColumnValuesToBeKorean(ColumnMapExpectation):  # type: ignore[misc] # the same
    """A share of a text's letters is Hangul."""

    map_metric = "column_values.hangul_share"
    success_keys = ("min_share", "mostly")
    min_share: float

"""The gate's one suite of Great Expectations, built from configuration; each with a sentence in Korean.

In: the configuration and what the run holds (a pool, chunks). Out: expectations over the frame that gate.py makes, one
row a pair. gate.run imports this module when it runs, and nothing else does: Great Expectations takes seconds to load.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import great_expectations.expectations as gxe  # noqa: TID253 - imported by gate.run alone, when it runs
from great_expectations.execution_engine import PandasExecutionEngine  # noqa: TID253 - the same
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
from great_expectations.expectations.row_conditions import Column  # noqa: TID253 - the same

from regtune.config import PipelineConfig, Quota
from regtune.contracts import QA_TYPES
from regtune.korean.normalise import hangul_share

DATASET, POOL = "dataset", "pool"
_TYPES_IN_KOREAN = {"lookup": "사실 조회", "procedure": "절차", "negative": "부정(없음)"}


@dataclass(frozen=True)
class Held:
    """What the run folder holds beside the pairs."""

    pool: bool
    articles: Sequence[str]
    """Articles that have something to ask about; empty without chunks.jsonl."""


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


def build(config: PipelineConfig, held: Held) -> list[Any]:
    """Return the suite in the order in which the report lists it."""
    return [*_schema(held), *_counts(config, held), *_quality(config), *_texts(config), *_sameness(held)]


def _schema(held: Held) -> list[Any]:
    negatives, answerables = _only(Column("type") == "negative"), _only(Column("type") != "negative")
    whole = [
        gxe.ExpectTableRowCountToBeBetween(
            min_value=1, **_said("질의응답 쌍이 하나 이상 있어야 합니다. 빈 데이터셋은 통과할 수 없습니다.")
        ),
        gxe.ExpectColumnValuesToNotBeNull(column="qa_id", **_said("모든 쌍에 식별자(qa_id)가 있어야 합니다.")),
        gxe.ExpectColumnValuesToBeUnique(column="qa_id", **_said("식별자(qa_id)는 서로 달라야 합니다.")),
        gxe.ExpectColumnValuesToBeInSet(
            column="type", value_set=list(QA_TYPES), **_said("유형은 사실 조회, 절차, 부정 가운데 하나여야 합니다.")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="passed", **_said("모든 쌍에 검증 결과가 있어야 합니다. 검증하지 않은 쌍은 통과할 수 없습니다.")
        ),
        gxe.ExpectColumnValuesToBeNull(
            column="evidence", **negatives, **_said("부정 질문에는 근거 문장이 없어야 합니다.")
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="evidence",
            **answerables,
            **_said("사실 조회와 절차 질문에는 조문에서 그대로 옮긴 근거 문장이 있어야 합니다."),
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="says_absent",
            value_set=[True],
            **negatives,
            **_said("부정 질문의 답변은 '없음'이라고 말해야 합니다."),
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="grounding",
            **answerables,
            **_said("사실 조회와 절차 질문에는 근거 일치도가 계산되어 있어야 합니다."),
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="negative_evidence", **negatives, **_said("부정 질문은 전체 규정과 대조되어 있어야 합니다.")
        ),
    ]
    if not held.articles:
        return whole
    return [
        *whole,
        gxe.ExpectColumnValuesToNotBeNull(column="article", **_said("모든 쌍의 조문이 규정 목록에 있어야 합니다.")),
    ]


def _counts(config: PipelineConfig, held: Held) -> list[Any]:
    ordered: list[tuple[str, str, Quota]] = [(DATASET, "데이터셋", config.generate.quota)]
    if held.pool:
        ordered.append((POOL, "평가 풀", config.generate.evaluation_pool))
    counts = [
        ExpectQaTypeCountToEqual(
            part=part,
            qa_type=qa_type,
            count=quota.of(qa_type),
            **_said(f"{part_name}의 {_TYPES_IN_KOREAN[qa_type]} 질문은 정확히 {quota.of(qa_type)}개여야 합니다."),
        )
        for part, part_name, quota in ordered
        for qa_type in QA_TYPES
    ]
    if not held.articles:
        return counts
    share = config.gate.min_article_coverage
    description = f"물을 것이 있는 조문의 {share:.0%} 이상에 질문이 하나 이상 있어야 합니다."
    return [
        *counts,
        ExpectArticleCoverageToBeAtLeast(articles=list(held.articles), min_share=share, **_said(description)),
    ]


def _quality(config: PipelineConfig) -> list[Any]:
    gate = config.gate
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="passed",
            value_set=[True],
            mostly=1 - gate.max_failed_share,
            **_said(f"검증에서 사유가 하나라도 나온 쌍은 전체의 {gate.max_failed_share:.0%} 이하여야 합니다."),
        ),
        gxe.ExpectColumnMeanToBeBetween(
            column="grounding",
            min_value=gate.min_mean_grounding,
            **_said(f"답변의 내용어가 조문에 있는 비율은 평균 {gate.min_mean_grounding:.0%} 이상이어야 합니다."),
        ),
    ]


def _texts(config: PipelineConfig) -> list[Any]:
    gate = config.gate
    limits = (("question", "질문", gate.question_length), ("answer", "답변", gate.answer_length))
    lengths = [
        gxe.ExpectColumnValueLengthsToBeBetween(
            column=column, min_value=low, max_value=high, **_said(f"{name}은 {low}자 이상 {high}자 이하여야 합니다.")
        )
        for column, name, (low, high) in limits
    ]
    description = f"질문의 글자 가운데 한글이 {gate.min_hangul_share:.0%} 이상이어야 합니다."
    return [
        *lengths,
        ExpectColumnValuesToBeKorean(column="question", min_share=gate.min_hangul_share, **_said(description)),
    ]


def _sameness(held: Held) -> list[Any]:
    alone = gxe.ExpectColumnValuesToBeNull(
        column="duplicate_of", **_said("같거나 거의 같은 질문이 두 번 있어서는 안 됩니다.")
    )
    if not held.pool:
        return [alone]
    description = "평가 풀의 질문이 데이터셋에 있어서는 안 됩니다. 있으면 평가가 학습한 문제로 이루어집니다."
    return [alone, gxe.ExpectColumnValuesToBeNull(column="leaks_from", **_said(description))]


def _said(description: str) -> Mapping[str, Any]:
    return {"description": description, "meta": {"description": description}}


def _only(condition: Any) -> Mapping[str, Any]:  # noqa: ANN401 - Great Expectations has no types
    return {"row_condition": condition}

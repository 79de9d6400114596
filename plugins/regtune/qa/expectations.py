"""The gate's one suite of Great Expectations, built from configuration; each with a sentence in Korean.

In: the configuration and what the run holds beside the pairs. Out: expectations over the frame that gate_rows.py makes,
one row a pair. gate.run imports this module when it runs, and nothing else does: Great Expectations takes seconds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import great_expectations.expectations as gxe  # noqa: TID253 - imported by gate.run alone, when it runs
from great_expectations.expectations.row_conditions import Column  # noqa: TID253 - the same

from regtune.config import PipelineConfig, Quota
from regtune.contracts import QA_TYPES, GateProfile
from regtune.qa.expectations_custom import (
    ExpectArticleCoverageToBeAtLeast,
    ExpectColumnValuesToBeKorean,
    ExpectQaTypeCountToEqual,
    ExpectReasonShareToBeAtMost,
    ExpectShiftToBeAtMost,
)
from regtune.qa.gate_rows import COLUMNS, DATASET, POOL
from regtune.qa.reasons import ANSWERABLE_NEGATIVES, TEXT_FAULTS, WRONG_NUMBERS

TYPES_IN_KOREAN: Mapping[str, str] = {"lookup": "사실 조회", "procedure": "절차", "negative": "부정(없음)"}
_ANSWERABLE = ["lookup", "procedure"]
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f\ufffd]|<\/?[a-zA-Z][^>]*>|\{\{|\}\}"
"""Control characters, the replacement character, markup and unfilled templates have no place in a text."""


@dataclass(frozen=True)
class Held:
    """What the run folder holds beside the pairs."""

    pool: bool
    articles: Sequence[str]
    """Articles that have something to ask about; empty without chunks.jsonl."""
    excluded: Mapping[tuple[str, str], int]
    """(part, type) -> rows that a reviewer took out and that may be missing."""
    previous: GateProfile | None
    """Of the last accepted dataset."""


def build(config: PipelineConfig, held: Held) -> list[Any]:
    """Return the suite in the order in which the report lists it."""
    quotas = (config.generate.quota, *([config.generate.evaluation_pool] if held.pool else []))
    ordered = {qa_type for quota in quotas for qa_type in QA_TYPES if quota.of(qa_type)}
    return [
        *_schema(held),
        *(_answerables() if ordered & set(_ANSWERABLE) else []),
        *(_negatives() if "negative" in ordered else []),
        *_counts(config, held),
        *_quality(config, ordered),
        *_texts(config),
        *_sameness(held),
        *_shifts(config, held),
    ]


def _schema(held: Held) -> list[Any]:
    whole = [
        gxe.ExpectTableColumnsToMatchSet(
            column_set=list(COLUMNS), **_said("검사에 필요한 항목(열)이 빠짐없이 있어야 합니다.")
        ),
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
    ]
    if not held.articles:
        return whole
    description = "모든 쌍의 조문이 규정 목록에 있어야 합니다."
    return [*whole, gxe.ExpectColumnValuesToNotBeNull(column="article", **_said(description))]


def _answerables() -> list[Any]:
    rows = _only(Column("type") != "negative")
    evidence = "사실 조회와 절차 질문에는 조문에서 그대로 옮긴 근거 문장이 있어야 합니다."
    return [
        gxe.ExpectColumnValuesToNotBeNull(column="evidence", **rows, **_said(evidence)),
        gxe.ExpectColumnValuesToNotBeNull(
            column="grounding", **rows, **_said("사실 조회와 절차 질문에는 근거 일치도가 계산되어 있어야 합니다.")
        ),
    ]


def _negatives() -> list[Any]:
    rows = _only(Column("type") == "negative")
    absent = "부정 질문의 답변은 '없음'이라고 말해야 합니다."
    return [
        gxe.ExpectColumnValuesToBeNull(column="evidence", **rows, **_said("부정 질문에는 근거 문장이 없어야 합니다.")),
        gxe.ExpectColumnValuesToBeInSet(column="says_absent", value_set=[True], **rows, **_said(absent)),
        gxe.ExpectColumnValuesToNotBeNull(
            column="negative_evidence", **rows, **_said("부정 질문은 전체 규정과 대조되어 있어야 합니다.")
        ),
    ]


def _counts(config: PipelineConfig, held: Held) -> list[Any]:
    ordered: list[tuple[str, str, Quota]] = [(DATASET, "데이터셋", config.generate.quota)]
    if held.pool:
        ordered.append((POOL, "평가 풀", config.generate.evaluation_pool))
    counts = [
        _count(part, part_name, qa_type, quota.of(qa_type), held.excluded.get((part, qa_type), 0))
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


def _count(part: str, part_name: str, qa_type: str, quota: int, excluded: int) -> Any:  # noqa: ANN401 - no types
    less = f"({quota}개에서 검토로 제외한 {excluded}개를 뺀 수)" if excluded else ""
    description = f"{part_name}의 {TYPES_IN_KOREAN[qa_type]} 질문은 정확히 {quota - excluded}개여야 합니다{less}."
    return ExpectQaTypeCountToEqual(part=part, qa_type=qa_type, count=quota - excluded, **_said(description))


def _quality(config: PipelineConfig, ordered: Collection[str]) -> list[Any]:
    gate = config.gate
    found = [
        gxe.ExpectColumnValuesToBeInSet(
            column="passed",
            value_set=[True],
            mostly=1 - gate.max_failed_share,
            **_said(f"검증에서 사유가 하나라도 나온 쌍은 전체의 {gate.max_failed_share:.0%} 이하여야 합니다."),
        )
    ]
    answerable = [qa_type for qa_type in _ANSWERABLE if qa_type in ordered]
    if answerable:
        description = f"답변의 내용어가 조문에 있는 비율은 평균 {gate.min_mean_grounding:.0%} 이상이어야 합니다."
        numbers = f"숫자·단위·기간이 조문과 다른 답변은 {gate.max_wrong_number_share:.0%} 이하여야 합니다."
        found += [
            gxe.ExpectColumnMeanToBeBetween(
                column="grounding", min_value=gate.min_mean_grounding, **_said(description)
            ),
            _faults(WRONG_NUMBERS, answerable, gate.max_wrong_number_share, numbers),
        ]
    if "negative" in ordered:
        limit = gate.max_answerable_negative_share
        description = f"'없음'이라고 답했지만 실제로는 규정에 답이 있는 부정 질문은 {limit:.0%} 이하여야 합니다."
        found.append(_faults(ANSWERABLE_NEGATIVES, ["negative"], limit, description))
    return found


def _faults(reasons: Sequence[str], qa_types: Sequence[str], share: float, description: str) -> Any:  # noqa: ANN401
    return ExpectReasonShareToBeAtMost(
        reasons=list(reasons), qa_types=list(qa_types), max_share=share, **_said(description)
    )


def _texts(config: PipelineConfig) -> list[Any]:
    gate = config.gate
    limits = (("question", "질문", gate.question_length), ("answer", "답변", gate.answer_length))
    rules = [
        rule
        for column, name, (low, high) in limits
        for rule in (
            gxe.ExpectColumnValueLengthsToBeBetween(
                column=column,
                min_value=low,
                max_value=high,
                **_said(f"{name}은 {low}자 이상 {high}자 이하여야 합니다."),
            ),
            gxe.ExpectColumnValuesToNotMatchRegex(
                column=column,
                regex=_CONTROL,
                **_said(f"{name}에 깨진 글자나 HTML 태그, 채우지 않은 자리가 있어서는 안 됩니다."),
            ),
        )
    ]
    description = f"질문의 글자 가운데 한글이 {gate.min_hangul_share:.0%} 이상이어야 합니다."
    faults = (
        "문장이 끊겼거나, 한국어가 아니거나, 비었거나, 질문만으로 뜻을 알 수 없거나, 출처 화면을 언급하는 쌍은 "
        f"{gate.max_text_fault_share:.0%} 이하여야 합니다."
    )
    return [
        *rules,
        ExpectColumnValuesToBeKorean(column="question", min_share=gate.min_hangul_share, **_said(description)),
        _faults(TEXT_FAULTS, QA_TYPES, gate.max_text_fault_share, faults),
    ]


def _sameness(held: Held) -> list[Any]:
    dataset = _only(Column("part") == DATASET)
    parted = "모든 쌍을 학습·검증·시험으로 나눌 수 있어야 합니다. 비슷한 질문이 한데 너무 많으면 나눌 수 없습니다."
    across = "시험·검증에 쓸 질문이 학습에 쓸 질문과 같아서는 안 됩니다."
    rules = [
        gxe.ExpectColumnValuesToBeNull(
            column="duplicate_of", **_said("같거나 거의 같은 질문이 두 번 있어서는 안 됩니다.")
        ),
        gxe.ExpectColumnValuesToNotBeNull(column="split_into", **dataset, **_said(parted)),
        gxe.ExpectColumnValuesToBeNull(column="leaks_across", **dataset, **_said(across)),
    ]
    if not held.pool:
        return rules
    description = "평가 풀의 질문이 데이터셋에 있어서는 안 됩니다. 있으면 평가가 학습한 문제로 이루어집니다."
    pool = _only(Column("part") == POOL)
    return [*rules, gxe.ExpectColumnValuesToBeNull(column="leaks_from", **pool, **_said(description))]


def _shifts(config: PipelineConfig, held: Held) -> list[Any]:
    if held.previous is None:
        return []
    gate = config.gate
    aspects = [
        ("types", gate.max_type_shift, "유형별 비율이 지난번에 통과한 데이터셋과 크게 달라서는 안 됩니다."),
        ("question_lengths", gate.max_length_shift, "질문 길이가 지난번에 통과한 데이터셋과 크게 달라서는 안 됩니다."),
        ("answer_lengths", gate.max_length_shift, "답변 길이가 지난번에 통과한 데이터셋과 크게 달라서는 안 됩니다."),
    ]
    if held.articles and held.previous.articles:
        said = "조문별 질문 수가 지난번에 통과한 데이터셋과 크게 달라서는 안 됩니다."
        aspects.append(("articles", gate.max_article_shift, said))
    return [
        ExpectShiftToBeAtMost(
            aspect=aspect,
            articles=list(held.articles),
            previous=held.previous.model_dump_json(),
            max_value=limit,
            **_said(description),
        )
        for aspect, limit, description in aspects
    ]


def _said(description: str) -> Mapping[str, Any]:
    return {"description": description, "meta": {"description": description}}


def _only(condition: Any) -> Mapping[str, Any]:  # noqa: ANN401 - Great Expectations has no types
    return {"row_condition": condition}

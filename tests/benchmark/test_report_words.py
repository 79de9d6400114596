"""Claims about what the report says beside a figure: what it takes for granted, whether it shows anything."""

import dataclasses
import re

import pytest
from report_sample import results_of

from regtune.benchmark.cautions import warnings
from regtune.benchmark.report import render_report
from regtune.benchmark.results import (
    Agreement,
    CorrectedDifference,
    CorrectedRate,
    Estimate,
)
from regtune.benchmark.systems import Asked
from regtune.benchmark.wording import NOT_SHOWN
from regtune.config import PipelineConfig
from regtune.contracts import RunSpec


@pytest.mark.parametrize(
    ("pooled", "assumed"),
    [
        pytest.param((), None, id="both by labels of their own"),
        pytest.param(("base",), "라벨이 적은 쪽(튜닝 전 모델)은 모든 시스템의 라벨로 고쳐", id="one of them"),
        pytest.param(("base", "tuned"), "두 시스템을 똑같이 판정한다고 보고", id="both by the labels of all"),
    ],
)
def test_a_corrected_difference_says_whose_labels_were_taken_for_whom(
    spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked], pooled: tuple[str, ...], assumed: str | None
) -> None:
    """One system by its own labels and the other by those of all is neither of the two plain cases."""
    results = results_of(spec, config, rows, "99일입니다.")
    rate = Estimate(value=0.8, low=0.7, high=0.9, rows=40, articles=20)
    of_one = CorrectedRate(
        system="tuned", judged=rate, corrected=rate, labels=40, own_labels=True, sensitivity=rate, specificity=None
    )
    corrected = tuple(of_one.model_copy(update={"system": s, "own_labels": s not in pooled}) for s in ("base", "tuned"))
    less = CorrectedDifference(system="tuned", baseline="base", estimate=rate, shown=True, own_labels=not pooled)
    agreed = Agreement(
        labels=40,
        articles=20,
        kappa=rate,
        sensitivity=rate,
        specificity=rate,
        deterministic_kappa=None,
        corrected=corrected,
        differences=(less,),
    )
    page = render_report(
        dataclasses.replace(results, benchmark=results.benchmark.model_copy(update={"agreement": agreed}))
    )
    (line,) = re.findall(r"<p>사람 기준으로 고친 정답률의 차이.*?</p>", page)
    assert assumed in line if assumed else line.endswith(")</p>") and "라벨" not in line


@pytest.mark.parametrize(
    ("tells", "low", "said"),
    [
        pytest.param(True, 0.6, None, id="an interval beyond 50%"),
        pytest.param(True, 0.4, NOT_SHOWN, id="an interval that holds 50%"),
        pytest.param(False, 0.6, "판정 모델이 가려내지 못함", id="a judge that tells nothing"),
    ],
)
def test_each_win_rate_says_whether_it_shows_anything(
    spec: RunSpec,
    config: PipelineConfig,
    rows: dict[str, Asked],
    tells: bool,  # noqa: FBT001
    low: float,
    said: str | None,
) -> None:
    """The plain one, that at equal length, and that of the questions on which both orders agree: by the same rule."""
    results = results_of(spec, config, rows, "모릅니다.")
    (comparison,) = results.benchmark.comparisons
    rate = Estimate(value=0.7, low=low, high=0.8, rows=60, articles=40)
    shown = tells and low > 0.5
    told = comparison.model_copy(
        update={
            **dict.fromkeys(("win_rate", "controlled", "decided"), rate),
            **dict.fromkeys(("shown", "controlled_shown", "decided_shown"), shown),
            "tells": tells,
            "extrapolated": False,
        }
    )
    page = render_report(
        dataclasses.replace(results, benchmark=results.benchmark.model_copy(update={"comparisons": (told,)}))
    )
    cells = re.findall(r"<div>70\.0% \([^<]*</div>", page)
    assert len(cells) == 3
    for cell in cells:
        assert [word for word in (NOT_SHOWN, "판정 모델이 가려내지 못함") if word in cell] == ([said] if said else [])


@pytest.mark.parametrize(
    ("judge", "generator", "warned"),
    [
        pytest.param("Meta-Llama-3.1-70B-Instruct", "Llama-3.3-70B", "llama", id="a vendor before the name"),
        pytest.param("us.anthropic.claude-3-7", "claude-sonnet-4", "claude", id="an endpoint's prefix"),
        pytest.param("DeepSeek-R1-Distill-Qwen-32B", "gpt-4.1", "qwen", id="distilled into the student's family"),
        pytest.param("QwQ-32B", "gpt-4.1", "qwen", id="the student's family by another name"),
        pytest.param("o3", "gpt-4.1", "gpt", id="the generator's family by another name"),
        pytest.param("gemini-2.5-pro", "gpt-4.1", None, id="another family"),
        pytest.param("us.anthropic.claude-3-7", "us.meta.llama3-3-70b", None, id="one prefix, two families"),
        pytest.param("house-judge-v2", "house-writer-v1", "house", id="an unknown name by its first word"),
    ],
)
def test_a_judge_of_the_family_of_generator_or_student_is_warned_of(
    config: PipelineConfig, judge: str, generator: str, warned: str | None
) -> None:
    """Whatever stands before the family's name; the student is a Qwen3."""
    endpoints = config.endpoints.model_copy(
        update={
            "judge": config.endpoints.judge.model_copy(update={"model": judge}),
            "generator": config.endpoints.generator.model_copy(update={"model": generator}),
        }
    )
    train = config.train.model_copy(update={"base_model": "Qwen/Qwen3-8B"})
    told = warnings(config.model_copy(update={"endpoints": endpoints, "train": train}), (), 300, 600, 0)
    assert re.findall(r"같은 계열\((.*?)\)", "\n".join(told)) == ([warned] if warned else [])

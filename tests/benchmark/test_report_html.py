"""Claims about report.html: safe, self-contained, and no difference without its interval."""

import dataclasses
import re
import subprocess
import sys
import zipapp
from pathlib import Path

from report_sample import results_of

from regtune.benchmark.assessment import (
    Measured,
    Sampling,
    all_scores,
)
from regtune.benchmark.cautions import judge_warnings
from regtune.benchmark.history import PastRun
from regtune.benchmark.metrics import JUDGED
from regtune.benchmark.report import Results, render_report
from regtune.benchmark.report_top import questions
from regtune.benchmark.results import (
    Agreement,
    CorrectedDifference,
    CorrectedRate,
    Estimate,
)
from regtune.benchmark.systems import Asked
from regtune.benchmark.wording import EXTRAPOLATED, NOT_SHOWN, TOO_FEW, change_lines, stand_in_names
from regtune.code_hash import package_files
from regtune.config import PipelineConfig
from regtune.contracts import FileRecord, RunSpec
from regtune.orchestration.page.addresses import CHANGES, REVIEW, run_address

HOSTILE = '<script>alert(1)</script><img src="http://example.com/x.png" onerror=alert(2)>{{ 7 * 7 }}'
OWN = ("answers.jsonl", "verdicts.jsonl", "benchmark.json")


def test_what_models_wrote_is_text(spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]) -> None:
    """Markup and template code in answers, reasons and reports are shown, not obeyed."""
    page = render_report(results_of(spec, config, rows, HOSTILE))
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page


def test_the_page_asks_for_nothing(spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]) -> None:
    """No element loads anything, no script runs, the page's own policy forbids both; a link waits to be followed."""
    page = render_report(results_of(spec, config, rows, "모릅니다."))
    assert not re.findall(r"<(?:script|link|img|iframe|object|embed|form)\b|@import|url\(|\bon[a-z]+=", page)
    assert "default-src 'none'" in page


def test_every_anchor_leads_somewhere(spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]) -> None:
    """Each link of the navigation has its heading."""
    page = render_report(results_of(spec, config, rows, "모릅니다."))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(re.findall(r'id="([^"]*)"', page))


def test_the_links_lead_to_the_files_beside_the_report_and_to_the_page_of_airflow(
    spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]
) -> None:
    """Relative to files that the run has, by the page's own addresses to Airflow, and by name to the store."""
    results = results_of(spec, config, rows, "모릅니다.")
    record = FileRecord(sha256="0" * 64, bytes=1, records=1)
    benchmark = results.benchmark.model_copy(update={"inputs": {"test.jsonl": record}})
    gate = {"passed": True, "rows": 300, "expectations": [{"description": "d", "expected": "e", "observed": "o"}]}
    changes = {"previous_run": "before", "articles": []}
    page = render_report(dataclasses.replace(results, benchmark=benchmark, gate_report=gate, changes=changes))
    links = set(re.findall(r'<td><a href="([^"]*)">', page))
    root = spec.config.alerts.ui_base_url + run_address(spec.run_name)
    beside = {"data_docs/index.html", "gate_report.json", "changes.json", "test.jsonl", *OWN}
    assert links == beside | {root, f"{root}/files/{REVIEW}", f"{root}/files/{CHANGES}"}
    assert f"/runs/{spec.run_name}</code>" in page
    bare = set(re.findall(r'<td><a href="([^"]*)">', render_report(results)))
    assert bare == {*OWN, root, f"{root}/files/{REVIEW}"}


def test_the_top_answers_the_two_questions_by_their_intervals(
    spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]
) -> None:
    """Better, worse, not shown, too few articles, not measured: each has words of its own."""
    benchmark = results_of(spec, config, rows, "모릅니다.").benchmark
    assert [one.answer for one in questions(benchmark)] == [TOO_FEW, "대형 모델과 비교하지 않았습니다"]
    estimate = Estimate(value=0.3, low=0.2, high=0.4, rows=120, articles=70)
    better = benchmark.differences[0].model_copy(update={"estimate": estimate, "shown": True, "better": True})
    crossing = estimate.model_copy(update={"low": -0.1})
    worse = {"baseline": "reference", "shown": True, "better": False}
    for differences, specialist, efficient in (
        ((better,), "튜닝 전보다 정확해졌습니다", "대형 모델과 비교하지 않았습니다"),
        (
            (better, better.model_copy(update=worse)),
            "튜닝 전보다 정확해졌지만 대형 모델에는 못 미칩니다",
            "대형 모델만큼 정확하지 않습니다",
        ),
        (
            (better.model_copy(update={"estimate": crossing, "shown": False, "better": None}),),
            "튜닝 전보다 나아졌다고 말할 수 없습니다",
            "대형 모델과 비교하지 않았습니다",
        ),
    ):
        found = questions(benchmark.model_copy(update={"differences": differences}))
        assert [one.answer for one in found] == [specialist, efficient]


def test_a_stated_memory_made_a_server_elsewhere_look_measured_here(
    spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]
) -> None:
    """The note on network and other users stands until something of the server was measured on this host."""
    benchmark = results_of(spec, config, rows, "99일입니다.").benchmark
    remote = benchmark.efficiency[0].model_copy(update={"system": "reference", "device": "endpoint"})
    for kind, elsewhere in (("not_measured", True), ("configuration", True), ("gpu_card_used", False)):
        record = remote.model_copy(update={"memory_kind": kind})
        _, efficient = questions(benchmark.model_copy(update={"efficiency": (*benchmark.efficiency, record)}))
        assert ("다른 서버에서" in efficient.note) is elsewhere


def test_no_difference_without_its_interval(spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]) -> None:
    """Wherever a difference in points is printed, its interval follows; those that are not shown say so."""
    page = render_report(results_of(spec, config, rows, "99일입니다."))
    text = re.sub(r"<[^>]+>", " ", page)
    points = re.findall(r"[+−]\d+(?:\.\d+)?(?:%p|점|자)[^+−\d]{0,3}", text)
    assert {point.rstrip()[-1] for point in points if "자" in point} <= {"("}
    assert any("자" in point for point in points)
    assert any("%p" in point for point in points)
    assert all(re.search(r"\($|, ?$", point) for point in points), points
    assert f"{NOT_SHOWN} · " in text
    assert TOO_FEW in text  # of two articles


def test_shares_and_rates_of_the_judge_come_with_their_intervals(
    spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]
) -> None:
    """Sensitivity and specificity have intervals, the cards too, and what is unscored is told as a share."""
    results = results_of(spec, config, rows, "99일입니다.")
    rate = Estimate(value=0.8, low=0.7, high=0.9, rows=40, articles=20)
    agreed = Agreement(
        labels=40, articles=20, kappa=rate, sensitivity=rate, specificity=rate, deterministic_kappa=None, corrected=()
    )
    of_one = CorrectedRate(
        system="tuned", judged=rate, corrected=rate, labels=40, own_labels=True, sensitivity=rate, specificity=None
    )
    gap = rate.model_copy(update={"value": 0.05, "low": -0.02, "high": 0.12})
    less = CorrectedDifference(system="tuned", baseline="base", estimate=gap, shown=False, own_labels=False)
    agreed = agreed.model_copy(update={"corrected": (of_one,), "differences": (less,)})
    benchmark = results.benchmark.model_copy(update={"agreement": agreed, "unscored_verdicts": 6})
    page = render_report(dataclasses.replace(results, benchmark=benchmark))
    assert "민감도 0.80 (0.70~0.90), 특이도 0.80 (0.70~0.90)" in page
    assert f"튜닝한 모델 − 튜닝 전 모델: {NOT_SHOWN} · +5.0%p (−2.0~+12.0)" in page
    assert "판정 24건 중 채점하지 못한 판정 6 (25.0%)" in page
    cards = re.findall(r'class="title">(?:정답률|수량 일치율)[^<]*</div><div class="value">([^<]*)</div>', page)
    assert cards
    assert all(re.fullmatch(r"\d+\.\d% \(\d+\.\d~\d+\.\d\)", card) for card in cards), cards


def test_a_servers_reserve_is_not_called_the_models_need(
    spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]
) -> None:
    """The model's own memory comes first; the card that the server holds is called that, its cache beside it."""
    results = results_of(spec, config, rows, "모릅니다.")
    sizes = {"peak_memory_bytes": 120 << 30, "model_memory_bytes": 16 << 30, "cache_memory_bytes": 100 << 30}
    cost = results.benchmark.efficiency[0].model_copy(update={"memory_kind": "gpu_card_used", **sizes})
    benchmark = results.benchmark.model_copy(update={"efficiency": (cost,)})
    page = render_report(dataclasses.replace(results, benchmark=benchmark))
    assert re.search(r'class="title">메모리</div><div class="value">16\.', page)
    assert re.search(r"모델 16\.[^(]*\(서버가 잡아 둔 카드 메모리 120\.[^,]*, 그중 캐시 몫 100\.", page)
    assert "최대 메모리" not in page
    assert "서버 준비 시간" in page


def test_a_difference_on_fewer_rows_than_its_rates_says_on_how_many(
    spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]
) -> None:
    """Rates of other rows do not add up to the paired difference; the line then names the rows of the pair."""
    benchmark = results_of(spec, config, rows, "모릅니다.").benchmark
    first, *others = benchmark.differences
    fewer = first.model_copy(update={"estimate": first.estimate.model_copy(update={"rows": 3})})
    for differences, is_said in (((first, *others), False), ((fewer, *others), True)):
        lines = change_lines(benchmark.model_copy(update={"differences": differences}), "base")
        (told,) = [line for listed in lines.values() for line in listed if line.startswith("정답률")]
        assert ("양쪽 모두 해당하는 3문항" in told) is is_said


def test_stand_ins_are_called_so(spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]) -> None:
    """The banner names every stand-in, and is not there when there is none."""
    page = render_report(results_of(spec, config, rows, "모릅니다."))
    assert "대역 사용" in page
    assert all(name in page for name in stand_in_names(config))
    assert "대역 사용" not in render_report(results_of(spec, config, rows, "모릅니다.", stand_in=False))


def test_the_loss_curves_are_drawn(spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]) -> None:
    """Two points of training make a line; an absent report makes none and no error."""
    results = results_of(spec, config, rows, "모릅니다.")
    assert "<polyline" in render_report(results)
    bare = Results(spec, results.benchmark, rows, results.answers, results.verdicts, {}, {}, {}, {}, [])
    assert "손실 기록이 없습니다" in render_report(bare)


def test_a_win_rate_at_equal_length_is_not_shown_where_one_side_is_always_longer(
    spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]
) -> None:
    """Equal length is then outside of what was seen: it is called a guess, whatever its interval."""
    benchmark = results_of(spec, config, rows, "모릅니다.").benchmark
    rate = Estimate(value=0.9, low=0.8, high=0.95, rows=60, articles=40)
    (comparison,) = benchmark.comparisons
    for guess, outcome in ((True, "not_shown"), (False, "better")):
        told = comparison.model_copy(update={"controlled": rate, "controlled_shown": True, "extrapolated": guess})
        lines = change_lines(benchmark.model_copy(update={"comparisons": (told,)}), "base")
        (line,) = [line for line in lines[outcome] if "길이·순서를 맞춘 값" in line]
        assert (EXTRAPOLATED in line) is guess


def test_a_judge_that_tells_nothing_gives_no_result(
    spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]
) -> None:
    """Every grade 5 and always the first place: warned of, and neither `5.00점` nor `0승 14무 0패` is on the page."""
    results = results_of(spec, config, rows, "모릅니다.")
    graded = [v for v in results.verdicts if v.kind == "rating"]
    fives = [v.model_copy(update={name.removeprefix("judge_"): 5 for name in JUDGED}) for v in graded]
    measured = Measured(rows, {(a.system, a.qa_id): a for a in results.answers}, fives, Sampling(200, 1))
    (comparison,) = results.benchmark.comparisons
    blind = comparison.model_copy(
        update={
            "tells": False,
            "wins": 0,
            "losses": 0,
            "ties": 14,
            "consistency": Estimate(value=0.0, low=0.0, high=0.2, rows=14, articles=7),
        }
    )
    benchmark = results.benchmark.model_copy(
        update={
            "ratings_tell": False,
            "comparisons": (blind,),
            "scores": all_scores(measured, ["base", "tuned"]),
            "warnings": judge_warnings((blind,), ratings_tell=False),
        }
    )
    page = render_report(dataclasses.replace(results, benchmark=benchmark))
    above = page[: page.index('id="engineers"')]
    assert "0승 14무 0패" not in above
    assert "5.00점" not in above
    assert "같은 점수를 주어 답변을 가려내지 못합니다" in above
    assert "두 순서의 판정이 일치한 문항 0.0% (0.0~20.0)" in above


def test_a_thousand_runs_of_history_leave_the_report_readable(
    spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]
) -> None:
    """Twenty are listed, the earlier ones unfold, and all are in the plot."""
    results = results_of(spec, config, rows, "모릅니다.")
    estimate = Estimate(value=0.4, low=0.3, high=0.5, rows=9, articles=5)
    past = [
        PastRun(run_name=f"run-{i:04}", as_of=spec.as_of, rows=9, scores={"tuned": estimate}, champion=False)
        for i in range(1000)
    ]
    page = render_report(dataclasses.replace(results, history=past))
    listed, _, folded = page.partition("그 전의 실행 980회")
    assert len(re.findall(r"run-\d{4}<", listed)) == 20
    assert len(re.findall(r"run-\d{4}<", folded)) == 980


def test_a_gate_report_of_another_shape_is_no_error(
    spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]
) -> None:
    """What an earlier version or another tool wrote is shown as far as it goes."""
    results = results_of(spec, config, rows, "모릅니다.")
    strange = {"passed": True, "expectations": [{"description": "기준"}, 7]}
    page = render_report(dataclasses.replace(results, gate_report=strange, generation={"tokens": 3, "counts": None}))
    assert "기준" in page


def test_template_and_style_travel_in_the_zipapp(tmp_path: Path) -> None:
    """From the zipapp that a host gets, both files of the page can be read."""
    folder = tmp_path / "app"
    for name, content in package_files():
        (folder / "regtune" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "regtune" / name).write_bytes(content)
    (folder / "__main__.py").write_text(
        "import importlib.resources as r; f = r.files('regtune.benchmark')\n"
        "print(all(len(f.joinpath(n).read_text(encoding='utf-8')) > 1000 for n in ('report.html.j2', 'report.css')))\n",
        encoding="utf-8",
    )
    zipapp.create_archive(folder, tmp_path / "app.pyz")
    done = subprocess.run([sys.executable, str(tmp_path / "app.pyz")], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"

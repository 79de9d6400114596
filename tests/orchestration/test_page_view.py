"""The page's HTML and plots."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_samples import RUN, files_of_a_run

from regtune.orchestration.page import trends, view
from regtune.orchestration.page.summary import Corpus, Interval, RunSummary, summarise
from regtune.regulations.advice import Advice

WHOLE = summarise(RUN, files_of_a_run(), frozenset({"report.html", "data_docs", "qa_checks.jsonl", "run.json"}))
BEGUN = summarise("2024-01-01-bbbbbbbbbbbb", {}, frozenset())
ADVICE = Advice(
    "missing", (date(2024, 1, 1), date(2024, 7, 1)), "백필을 시작하십시오.", "airflow backfill create", "none"
)
TOKENS = {("2024-01-01", "2024-07-01", "none"): "signed"}
OP, VIEWER = view.Visitor("o", may_act=True, tokens=TOKENS), view.Visitor("v", may_act=False)


def shown(runs: list[RunSummary], visitor: view.Visitor = VIEWER, **more: object) -> str:
    """Render the first page."""
    newest = runs[0] if runs else None
    page = view.Overview(runs, runs[::-1], newest, (ADVICE,), newest, len(runs), 1, 1)
    return view.overview(replace(page, **more), visitor)  # type: ignore[arg-type]


def test_the_first_page_tells_of_every_run() -> None:
    """Corpus, counts, gate, score with interval, gain, champion, cost and links, in Korean."""
    text = shown([WHOLE, BEGUN])
    for part in (
        "여비규정", "질문·답변 300", "불합격 1", "70.0% (60.0–80.0)", "+20.0%p (+10.0–+30.0)", "챔피언", "1시간 0분",
        "토큰 1,000", "보고서", "Data Docs", "검토 파일", "신구조문대비표", "검사 전", "게시 전",
    ):  # fmt: skip
        assert part in text, part
    assert "run.json" not in text


def test_a_refused_run_shows_what_failed_and_folds_what_passed() -> None:
    """What failed stands first, what was met is behind a line that counts it, and reasons are in Korean."""
    text = view.run_page(WHOLE, None, VIEWER)
    assert text.index("불합격</span>") < text.index("통과한 기준 1개 보기")
    assert "숫자가 조문과 다름 4" in text
    assert "wrong_number" not in text


def test_expectations_of_another_day_are_no_error() -> None:
    """A gate report without the words of today's is shown with dashes."""
    report = {"passed": False, "rows": "many", "expectations": [{}, {"success": 1, "description": 7}], "reasons": {}}
    run = summarise(RUN, {"gate_report.json": report}, frozenset())
    assert "불합격 2" in shown([run])
    assert "<td>–</td>" in view.run_page(run, None, VIEWER)


def test_an_empty_store_says_what_to_do() -> None:
    """Without a run there is a sentence and no empty table or plot."""
    text = shown([])
    assert "저장소에 실행이 없습니다" in text
    assert "<table" not in text
    assert "<svg" not in text


def test_only_who_may_act_has_a_button() -> None:
    """The form is there for an op, not for a viewer, and for nobody while a backfill runs."""
    assert 'value="signed"' in shown([WHOLE], OP)
    assert "<form" not in shown([WHOLE])
    busy = shown([WHOLE], OP, backfill=view.ActiveBackfill("2024-01-01", "2024-07-01", 1, 2))
    assert "<form" not in busy
    assert "실행 2개 가운데 1개가 끝났습니다" in busy


def test_the_page_brings_all_that_it_needs() -> None:
    """No address of another host, no style or script within the page: the page's policy allows neither."""
    for text in (shown([WHOLE], OP), view.run_page(WHOLE, view.DagRunState("manual__1", "success"), OP)):
        assert not re.search(r"https?://", text)
        assert not re.search(r"<style|<script(?! src=)|style=|onclick|javascript:", text)


@given(st.text(alphabet="<>&\"'/{%}가a ", min_size=1, max_size=12))
def test_nothing_that_files_say_is_markup(words: str) -> None:
    """A title, a headline, a reason or a user's name with markup in it is shown as text."""
    marked = f"<b>{words}</b>"
    run = replace(
        WHOLE, headline=marked, reason=marked, changes=marked, warnings=(marked,), stand_ins=(marked,),
        corpus=(Corpus(marked, marked, marked, marked),), decision=marked,
    )  # fmt: skip
    visitor = view.Visitor(marked, may_act=False)
    assert "<b>" not in shown([run], visitor)
    assert "<b>" not in view.run_page(run, view.DagRunState(marked, marked), visitor)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0.04, "0.0초"), (8.13, "8.1초"), (65, "1분 5초"), (3599.6, "1시간 0분"), (7500, "2시간 5분")],
)
def test_durations_read_as_people_say_them(seconds: float | None, text: str) -> None:
    """Seconds, minutes or hours."""
    assert view.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0"), (12345, "12,345"), (123456, "12.3만"), (250_000_000, "2.5억")]
)
def test_counts_read_as_people_say_them(value: float | None, text: str) -> None:
    """Large numbers in 만 and 억."""
    assert view.count(value) == text


@pytest.mark.parametrize("days", [0, 1, 2, 40])
def test_plots_stay_inside_their_frame(days: int) -> None:
    """Whatever the number of dates and values, every mark lies in the picture, and the last date is named."""
    names = [f"2025-01-{n % 28 + 1:02}" for n in range(days)]
    points = [None if n % 3 == 1 else Interval(1.0, 0.0, 1.0) for n in range(days)]
    lines = [trends.Line(style, "선", points) for style in ("base", "tuned")]
    for svg in (trends.rates("x", names, lines), trends.bars("x", names, [1e9 * n for n in range(days)], "분")):
        assert all(0 <= float(x) <= 100 for x in re.findall(r'[ "](?:c?x[12]?|width)="([-\d.]+)%"', svg))
        assert all(0 <= float(y) <= trends.HEIGHT for y in re.findall(r'[ "](?:c?y[12]?|height)="([-\d.]+)"', svg))
        assert not days or names[-1][2:] in svg


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (0.03, 0.1), (1, 1), (1.7, 2), (3, 5), (70, 100), (130, 200), (999, 1000)]
)
def test_a_scale_ends_at_a_round_number(value: float, top: float) -> None:
    """1, 2 or 5 times a power of ten, never below the value."""
    svg = trends.bars("x", ["2025-01-01"], [value], "분")
    assert f">{top:,.4g}</text>" in svg

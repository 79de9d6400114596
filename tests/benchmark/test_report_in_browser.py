"""Claims about report.html in a real browser, at the width of a phone and of a desk."""

import base64
import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from chromium import Page, chromium, installed
from report_sample import results_of

from regtune.benchmark.history import PastRun
from regtune.benchmark.report import render_report
from regtune.benchmark.results import Agreement, CorrectedRate, Estimate
from regtune.benchmark.systems import Asked
from regtune.config import PipelineConfig
from regtune.contracts import FileRecord, RunSpec

pytestmark = pytest.mark.skipif(installed() is None, reason="no Chromium is installed: report.html is not looked at")
WIDTHS = (390, 1280)
SCORE = Estimate(value=0.7, low=0.61, high=0.79, rows=330, articles=90)
LONG = "업무용 차량 사고 경위서 제출 기한과 보험사 연락 순서에 관한 질문 " * 12

_TOO_WIDE = """[...document.querySelectorAll('.wide, .said, td, th, p')]
  .filter(one => one.clientWidth && one.scrollWidth > one.clientWidth + 1)
  .map(one => one.className + ': ' + one.textContent.slice(0, 40))"""
_SMALLEST_LETTERS = """Math.min(...[...document.querySelectorAll('td, p, li')]
  .map(one => parseFloat(getComputedStyle(one).fontSize)))"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """One tab for all."""
    with chromium() as tab:
        yield tab


@pytest.fixture
def report(tmp_path: Path, spec: RunSpec, config: PipelineConfig, rows: dict[str, Asked]) -> Path:
    """A report with every section, long texts and a reference of which little is known."""
    results = results_of(spec, config, rows, LONG)
    tuned = results.benchmark.efficiency[0]
    many = tuned.speeds[0].model_copy(update={"concurrency": 32, "joules_per_answer": None})
    reference = tuned.model_copy(
        update={"system": "base", "device": "endpoint", "speeds": (*tuned.speeds, many), "load_seconds": None}
        | {"peak_memory_bytes": None, "memory_kind": "not_measured"}
    )
    rate = CorrectedRate.model_validate(
        {"system": "tuned", "labels": 40, "own_labels": True, "judged": SCORE, "corrected": SCORE}
        | {"sensitivity": SCORE, "specificity": SCORE}
    )
    agreed = Agreement.model_validate(
        {"labels": 80, "articles": 40, "kappa": SCORE, "deterministic_kappa": SCORE, "sensitivity": SCORE}
        | {"specificity": SCORE, "corrected": (rate,), "differences": ()}
    )
    record = FileRecord(sha256="0123456789abcdef" * 4, bytes=1, records=300)
    benchmark = results.benchmark.model_copy(
        update={"efficiency": (tuned, reference), "agreement": agreed, "inputs": {"train.jsonl": record}}
    )
    expectation = {"success": True, "description": LONG, "expected": "0.95 이상", "observed": "0.98"}
    article = {
        "kind": "changed",
        "old_article": "제2조",
        "new_article": "제2조",
        "old_text": LONG,
        "new_text": LONG[9:],
    }
    first = date(2024, 1, 1)
    history = [
        PastRun(
            run_name=f"{first + timedelta(days=n)}-0123456789ab",
            as_of=first + timedelta(days=n),
            rows=330,
            scores={"tuned": SCORE, "base": SCORE},
            champion=n % 2 == 0,
        )
        for n in range(24)
    ]
    whole = dataclasses.replace(
        results,
        benchmark=benchmark,
        gate_report={"passed": True, "rows": 300, "expectations": [expectation]},
        changes={"previous_run": "before", "articles": [article], "summary": LONG},
        history=history,
    )
    path = tmp_path / "report.html"
    path.write_text(render_report(whole), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window_and_the_console_is_silent(page: Page, report: Path, width: int) -> None:
    """No sideways scrolling of the page nor of a table, opened sections included."""
    page.complaints.clear()
    page.open(report, width)
    page.tell("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.tell("document.documentElement.scrollWidth") <= width
    assert page.tell(_TOO_WIDE) == []
    assert page.tell(_SMALLEST_LETTERS) >= 12
    assert page.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_every_section_opens_and_closes(page: Page, report: Path, width: int) -> None:
    """A click on its summary shows what it holds, another one hides it."""
    page.open(report, width)
    count = page.tell("document.querySelectorAll('details').length")
    assert count >= 6
    for number in range(count):
        one = f"document.querySelectorAll('details')[{number}]"
        heights = []
        for _ in range(3):
            heights.append(page.tell(f"{one}.getBoundingClientRect().height"))
            page.tell(f"{one}.querySelector('summary').click()")
        closed, opened, again = heights
        assert opened > closed == again


def test_every_link_of_the_page_leads_to_its_heading(page: Page, report: Path) -> None:
    """A click in the navigation brings the heading into the window."""
    page.open(report, 1280)
    links = page.tell("[...document.querySelectorAll('nav a')].map(one => one.getAttribute('href'))")
    assert len(links) >= 8
    for link in links:
        page.tell("window.scrollTo(0, 0)")
        page.tell(f"document.querySelector('nav a[href=\"{link}\"]').click()")
        top = page.tell(f"document.querySelector('{link}').getBoundingClientRect().top")
        assert -2 <= top < 900, link


def test_a_row_of_a_table_is_a_list_on_a_phone(page: Page, report: Path, tmp_path: Path) -> None:
    """Each figure stands beside its column's title; the head of the table is gone."""
    page.open(report, 390)
    cell = "document.querySelector('td[data-label=\"답변당 에너지\"]')"
    assert page.tell(f"getComputedStyle({cell}, '::before').content") == '"답변당 에너지"'
    assert page.tell("getComputedStyle(document.querySelector('thead')).display") == "none"
    assert page.tell(f"{cell}.textContent.trim()") not in ("", "–")
    page.open(report, 1280)
    assert page.tell("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    shot = page.ask("Page.captureScreenshot", format="png")["data"]
    (tmp_path / "report.png").write_bytes(base64.b64decode(shot))
    assert (tmp_path / "report.png").stat().st_size > 10_000

"""Links of the report: the files beside it, and the run's pages in Airflow.

In: what the run is known to have, and the settings. Out: (group, name, address). Addresses of files are relative: they
lead to the same file offline beside the run folder, in the store, and on the page of Airflow. A link asks for nothing
until somebody follows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from regtune.benchmark.results import Benchmark
from regtune.contracts import RunSpec

_PAGE = "/regtune/runs/"
"""orchestration/page/addresses.py; a test holds both together."""
TITLES: Mapping[str, str] = {
    "data_docs/index.html": "품질 검사 결과 (Data Docs)",
    "gate_report.json": "품질 검사 수치",
    "changes.json": "개정 전후 비교",
    "train.jsonl": "학습 문항",
    "test.jsonl": "시험 문항",
    "evaluation_pool.jsonl": "평가용 추가 문항",
    "chunks.jsonl": "조문",
    "answers.jsonl": "모든 답변과 자동 채점",
    "verdicts.jsonl": "모든 판정과 이유",
    "benchmark.json": "이 보고서의 모든 수치",
    "train_report.json": "학습 기록",
}
"""All of them are open to people on the page too."""
_OWN = ("answers.jsonl", "verdicts.jsonl", "benchmark.json")
"""There whatever the run was given."""


@dataclass(frozen=True)
class Link:
    """One line of the section."""

    title: str
    name: str
    """File or page, as it is called where no link works."""
    address: str


def file_links(benchmark: Benchmark, gate_report: Mapping[str, Any], changes: Mapping[str, Any]) -> list[Link]:
    """Files that lie beside the report, in the order of the work."""
    there = {*_OWN, *benchmark.inputs}
    there |= {"data_docs/index.html", "gate_report.json"} if gate_report.get("expectations") else set()
    there |= {"changes.json"} if changes else set()
    return [Link(title, name, quote(name)) for name, title in TITLES.items() if name in there]


def page_links(spec: RunSpec, changes: Mapping[str, Any]) -> list[Link]:
    """The run on the page of Airflow, where that has an address."""
    root = spec.config.alerts.ui_base_url.rstrip("/")
    if not root.startswith(("http://", "https://")):
        return []
    run = f"{root}{_PAGE}{quote(spec.run_name, safe='')}"
    pages = [
        ("이 실행의 화면", run),
        ("질문·답변 검토 파일 (엑셀)", f"{run}/files/review.xlsx"),
    ]
    if changes.get("previous_run"):
        pages.append(("신구조문대비표", f"{run}/files/changes.html"))
    return [Link(title, address, address) for title, address in pages]


def stored_at(spec: RunSpec) -> str:
    """Where the run lies when all is done."""
    return f"{spec.config.publish.store.rstrip('/')}/runs/{spec.run_name}"

"""The site of Great Expectations made readable offline, with a first page for people who do not know it.

In: the folder of the built site and the gate's report. Out: the same folder: no page asks another host for anything
(scripts, remote links and images are taken out, one small style sheet put in), what says when and by whom it was built
is gone, and index.html tells the verdict in Korean. All text of the dataset is escaped.
"""

import html
import re
import shutil
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

from regtune.contracts import Expectation, GateReport, RunSpec
from regtune.qa.reasons import in_korean

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_DROPPED = frozenset({"script", "style", "iframe", "object", "form", "video", "audio", "noscript", "button", "label"})
_LOADED = frozenset({"link", "img", "base", "embed", "source", "track", "input"})
_ATTRIBUTES = frozenset({"class", "id", "href", "title", "colspan", "rowspan", "lang", "charset", "name", "content"})
_HIDDEN = frozenset({"ge-walkthrough-modal", "myModal"})
_VALUE = "show-scrollbars"
_ICONS = {"fa-check-circle": "통과", "fa-times": "불합격", "fa-exclamation-triangle": "계산 못 함"}
_BUILT_AT = re.compile(r"\s*\d{8}T\d{6}\.\d{6}Z\s*")
_STYLE = """
body{font:15px/1.6 "Apple SD Gothic Neo","Malgun Gothic","Noto Sans CJK KR","Noto Sans KR",sans-serif;color:#1c2430;
 max-width:1100px;margin:0 auto;padding:24px;word-break:keep-all;overflow-wrap:anywhere}
h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:32px 0 8px;border-bottom:2px solid #dfe4ec;padding-bottom:4px}
table{border-collapse:collapse;width:100%;margin:8px 0 16px}
th,td{border:1px solid #d5dbe5;padding:6px 9px;text-align:left;vertical-align:top}
th,td:first-child{white-space:nowrap}th{background:#f2f5f9}.items td:nth-child(2){min-width:300px}
.items td:nth-child(4){min-width:150px}.reasons td:first-child{white-space:normal;min-width:220px}
a{color:#1457a8}
.verdict{font-size:18px;font-weight:700;padding:12px 16px;border-radius:6px;margin:14px 0}
.refused{background:#fde8e6;color:#8f1d14;border:1px solid #e9a9a3}
.passed{background:#e5f4e9;color:#175c2c;border:1px solid #a5d3b2}
tr.failed td{background:#fdf1f0}tr.failed td:first-child{color:#8f1d14;font-weight:700}
tr.met td:first-child{color:#175c2c}.ids{font-family:monospace;font-size:13px}
i{font-style:normal;font-weight:700}.note{color:#5a6677}
.breadcrumb,.list-unstyled{list-style:none;padding-left:0}.breadcrumb li{display:inline;margin-right:8px}
.navbar-brand,.modal,.d-none,.ge-breadcrumbs-item:empty{display:none}
.badge{background:#e7ecf3;border-radius:4px;padding:0 5px}.alert-danger,.text-danger{color:#8f1d14}
.text-success{color:#175c2c}.hide-succeeded-validations-column-section{margin-top:18px}
"""


def finish(docs: Path, report: GateReport, spec: RunSpec) -> None:
    """Rewrite every page of a built site and put the verdict on its first page.

    Args:
        docs: as Great Expectations built it; index.html is kept as great_expectations.html.
        report: the verdict.
        spec: of the run.
    """
    shutil.rmtree(docs / "static", ignore_errors=True)
    first = docs / "index.html"
    first.rename(docs / "great_expectations.html")
    for page in sorted(docs.rglob("*.html")):
        page.write_text(_offline(page.read_text(encoding="utf-8")), encoding="utf-8")
    details = sorted(path.relative_to(docs).as_posix() for path in (docs / "validations").rglob("*.html"))
    first.write_text(_front(report, spec, details), encoding="utf-8")


class _Rewriter(HTMLParser):
    """Writes a page again without what runs, loads or points elsewhere."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self._skipping: list[str] = []
        self._in_value = False
        """Inside a cell with a value of the dataset, which Great Expectations does not escape."""
        self._at_cell = False
        """At the beginning of a cell: what Great Expectations itself writes there begins on a line of its own."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_value, self._at_cell = self._in_value or self._at_cell, False
        if self._in_value:
            self.written.append(html.escape(self.get_starttag_text() or "", quote=False))
            return
        given = {name: value or "" for name, value in attrs}
        if self._skipping or tag in _DROPPED or given.get("id") in _HIDDEN or "modal" in given.get("class", "").split():
            if tag not in _VOID:
                self._skipping.append(tag)
            return
        if tag in _LOADED:
            return
        kept = {name: value for name, value in given.items() if name in _ATTRIBUTES}
        if not _is_local(kept.get("href", "")):
            del kept["href"]
        attributes = "".join(f' {name}="{html.escape(value, quote=True)}"' for name, value in kept.items())
        self.written.append(f"<{tag}{attributes}>")
        self._at_cell = tag == "div" and _VALUE in kept.get("class", "").split()
        if tag == "i":
            self.written.append(
                next((word for icon, word in _ICONS.items() if icon in kept.get("class", "").split()), "")
            )

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._in_value or self._at_cell or tag in _VOID:
            self.handle_starttag(tag, attrs)
        else:
            super().handle_startendtag(tag, attrs)

    def handle_comment(self, data: str) -> None:
        self._in_value, self._at_cell = self._in_value or self._at_cell, False
        if self._in_value:
            self.written.append(html.escape(f"<!--{data}-->", quote=False))

    def set_cdata_mode(self, elem: str, **how: bool) -> None:
        """A script that a value opens and does not close does not take the rest of the page."""
        if not (self._in_value or self._at_cell):
            super().set_cdata_mode(elem, **how)

    def handle_endtag(self, tag: str) -> None:
        if self._in_value and tag != "div":
            self.written.append(html.escape(f"</{tag}>", quote=False))
            return
        self._in_value = self._at_cell = False
        if self._skipping:
            if tag in self._skipping:
                while self._skipping.pop() != tag:
                    pass
        elif tag == "head":
            self.written.append(f"<style>{_STYLE}</style></head>")
        elif tag not in _VOID:
            self.written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._at_cell:
            self._in_value, self._at_cell = not (data.startswith("\n") and data.isspace()), False
        if not self._skipping and not _BUILT_AT.fullmatch(data):  # the same dataset gives the same page
            self.written.append(html.escape(data, quote=False))

    def handle_decl(self, decl: str) -> None:
        self.written.append(f"<!{decl}>")


def _offline(page: str) -> str:
    rewriter = _Rewriter()
    rewriter.feed(page)
    rewriter.close()
    return "".join(rewriter.written)


def _is_local(address: str) -> bool:
    plain = "".join(address.split()).lower()
    return not (plain.startswith(("//", "\\\\")) or ":" in plain.split("/")[0])


def _front(report: GateReport, spec: RunSpec, details: Sequence[str]) -> str:
    failed = [expectation for expectation in report.expectations if not expectation.success]
    met = [expectation for expectation in report.expectations if expectation.success]
    verdict = (
        f"통과: {len(met)}개 항목을 모두 만족했습니다. 이 데이터셋으로 학습할 수 있습니다."
        if report.passed
        else f"불합격: {len(report.expectations)}개 항목 가운데 {len(failed)}개가 기준에 미치지 못했습니다. "
        "이 데이터셋으로는 학습하지 않습니다."
    )
    rows = f"데이터셋 {report.rows}쌍 · 평가 풀 {report.pool_rows}쌍"
    about = f"실행 {_text(spec.run_name)} · 규정 기준일 {spec.as_of} · {rows}"
    parts = [
        "<h1>데이터셋 품질 검사 결과</h1>",
        f'<p class="note">{about}</p>',
        f'<p class="verdict {"passed" if report.passed else "refused"}">{verdict}</p>',
        _table("기준에 미치지 못한 항목", failed, "failed"),
        _reasons(report),
        *(f'<p class="note">{_text(note)}</p>' for note in report.not_checked),
        _table("만족한 항목", met, "met"),
        "<h2>자세히</h2><ul>",
        *(
            f'<li><a href="{_text(page)}">Great Expectations 검사 기록</a> (영문 표기가 섞여 있습니다)</li>'
            for page in details
        ),
        "</ul>",
    ]
    head = f'<meta charset="utf-8"><title>데이터셋 품질 검사 결과</title><style>{_STYLE}</style>'
    return f'<!DOCTYPE html><html lang="ko"><head>{head}</head><body>{"".join(parts)}</body></html>'


def _table(title: str, expectations: Sequence[Expectation], mark: str) -> str:
    if not expectations:
        return ""
    word = {"failed": "불합격", "met": "통과"}[mark]
    rows = "".join(
        f'<tr class="{mark}"><td>{word}</td><td>{_text(e.description)}</td><td>{_text(e.expected)}</td>'
        f'<td>{_text(e.observed)}</td><td class="ids">{_text(", ".join(e.failed_ids))}</td></tr>'
        for e in expectations
    )
    heads = "".join(f"<th>{name}</th>" for name in ("판정", "항목", "기준", "실제", "해당하는 행(최대 20개)"))
    return f"<h2>{title}</h2><table class='items'><tr>{heads}</tr>{rows}</table>"


def _reasons(report: GateReport) -> str:
    if not report.reasons:
        return ""
    rows = "".join(
        f"<tr><td>{_text(in_korean(reason))}</td><td>{count}</td><td>{_without(report, reason)}</td></tr>"
        for reason, count in sorted(report.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    heads = "<th>사유</th><th>행</th><th>이 사유가 없었다면</th>"
    return f"<h2>사유별 행 수</h2><table class='reasons'><tr>{heads}</tr>{rows}</table>"


def _without(report: GateReport, reason: str) -> str:
    left = report.without.get(reason, ())
    if not left:
        return "통과"
    return f"그래도 불합격: {_text(' / '.join(left))}"


def _text(text: str) -> str:
    return html.escape(text, quote=True)

"""신구조문대비표: the comparison of two revisions as people read it, in Markdown and HTML.

In: a DiffReport. Out: one document of either kind, in Korean. Runs of articles of which only the number changed are
one row. Every text is escaped; the HTML needs no network and folds into one column on a phone.
"""

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regtune.contracts import ArticleChange, DiffReport
from regtune.documents.diff_marks import Stretch, Stretches, cells_of, lines_of, mark_words, unmarked

LABELS = {"changed": "개정", "added": "신설", "removed": "삭제", "renumbered": "번호 변경", "moved": "위치 이동"}
"""In the order in which a summary counts them."""
_ADDED = (Stretch("〈신 설〉", differs=False),)
_REMOVED = (Stretch("〈삭 제〉", differs=False),)
_MARKDOWN = re.compile(r"([\\`*_~\[\]#|!])")
_STYLE = """
body{font:16px/1.7 system-ui,"Apple SD Gothic Neo","Malgun Gothic","Noto Sans KR",sans-serif;margin:0 auto;
max-width:70rem;padding:1rem;color:#1a1a1a;background:#fff;word-break:keep-all;overflow-wrap:anywhere}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;table-layout:fixed}
th,td{border:1px solid #bbb;padding:.5rem .6rem;vertical-align:top;text-align:left}
thead th{background:#f0f2f4}thead th:first-child{width:6.5rem}
td.text p{margin:0}small{display:block;color:#555;font-weight:400}
.wide{overflow-x:auto;margin:.3rem 0}
.wide table{table-layout:auto;font-size:.85rem}.wide td{padding:.2rem .4rem;overflow-wrap:normal}
del{background:#fde7e7;color:#8c1c13}ins{background:#e3f3e6;color:#0b5a24}
@media(max-width:40rem){body{font-size:17px}thead{display:none}
.sides,.sides>tbody,.sides>tbody>tr,.sides>tbody>tr>*{display:block}
.sides>tbody>tr{border:1px solid #bbb;margin-bottom:1rem}.sides>tbody>tr>*{border:0;border-bottom:1px solid #ddd}
td.text::before{content:attr(data-side);display:block;font-weight:600;color:#555}}
"""


@dataclass(frozen=True)
class Row:
    """One row: a change, or a run of articles that only got other numbers."""

    kind: str
    place: str
    """Headings above, of the new side where it has any."""
    old: Stretches
    new: Stretches


def summary(report: DiffReport) -> str:
    """A line a regulation, and one for each row, in Korean."""
    lines = [f"{report.old} → {report.new}"]
    for title, changes in _by_regulation(report):
        counts = ", ".join(f"{label} {sum(c.kind == kind for c in changes)}" for kind, label in LABELS.items())
        lines.append(f"{title}: {counts}")
        lines += [f"  {LABELS[run[0].kind]}  {_named(run)}" for run in _runs(changes)]
    lines.append(f"바뀌지 않은 조문 {report.unchanged}개" if report.changes else "실제로 바뀐 조문이 없습니다.")
    return "\n".join(lines)


def to_markdown(report: DiffReport) -> str:
    """The tables in Markdown: what went is struck through, what came is bold."""
    lines = ["# 신구조문대비표", "", f"- 개정 전: {_plain(report.old)}", f"- 개정 후: {_plain(report.new)}", ""]
    if not report.changes:
        lines += ["실제로 바뀐 조문이 없습니다.", ""]
    for title, changes in _by_regulation(report):
        lines += [f"## {_plain(title)}", "", "| 구분 | 개정 전 | 개정 후 |", "| --- | --- | --- |"]
        for row in map(_row, _runs(changes)):
            place = f"<br>{_plain(row.place)}" if row.place else ""
            cells = (f"{LABELS[row.kind]}{place}", _marked(row.old, "~~"), _marked(row.new, "**"))
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def to_html(report: DiffReport) -> str:
    """The tables as one page that opens offline."""
    parts = [
        '<!doctype html><html lang="ko"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>신구조문대비표</title><style>{_STYLE}</style></head><body><h1>신구조문대비표</h1>",
        f"<p>개정 전: {html.escape(report.old)}<br>개정 후: {html.escape(report.new)}</p>",
    ]
    if not report.changes:
        parts.append("<p>실제로 바뀐 조문이 없습니다.</p>")
    for title, changes in _by_regulation(report):
        counts = ", ".join(f"{label} {sum(c.kind == kind for c in changes)}" for kind, label in LABELS.items())
        parts.append(f"<h2>{html.escape(title)}</h2><p>{counts}</p>")
        parts.append('<table class="sides"><thead><tr><th scope="col">구분</th>')
        parts.append('<th scope="col">개정 전</th><th scope="col">개정 후</th></tr></thead><tbody>')
        for row in map(_row, _runs(changes)):
            parts.append(f'<tr><th scope="row">{LABELS[row.kind]}<small>{html.escape(row.place)}</small></th>')
            parts.append(f'<td class="text" data-side="개정 전">{_in_html(row.old, "del")}</td>')
            parts.append(f'<td class="text" data-side="개정 후">{_in_html(row.new, "ins")}</td></tr>')
        parts.append("</tbody></table>")
    return "".join([*parts, "</body></html>\n"])


def _by_regulation(report: DiffReport) -> Iterator[tuple[str, list[ArticleChange]]]:
    for name, changes in itertools.groupby(report.changes, key=lambda change: change.regulation_id):
        gathered = list(changes)
        yield gathered[0].regulation_title or name, gathered


def _runs(changes: Sequence[ArticleChange]) -> list[list[ArticleChange]]:
    """Join neighbours of which only the number changed; every other change is a run of its own."""
    runs: list[list[ArticleChange]] = []
    for change in changes:
        before = runs[-1][-1] if runs else None
        if before and _only_number(before) and _only_number(change) and before.part == change.part:
            runs[-1].append(change)
        else:
            runs.append([change])
    return runs


def _only_number(change: ArticleChange) -> bool:
    return change.kind == "renumbered" and not change.words_changed and change.part != "heading"


def _row(run: Sequence[ArticleChange]) -> Row:
    change = run[0]
    path = change.new_path or change.old_path
    place = " > ".join(path[:-1])
    if _only_number(change):
        return Row(change.kind, place, unmarked(_range(run, "old")), unmarked(_range(run, "new")))
    if change.kind == "moved":
        return Row(change.kind, "", unmarked(" > ".join(change.old_path)), unmarked(" > ".join(change.new_path)))
    if change.old_text is None:
        return Row(change.kind, place, _ADDED, unmarked(change.new_text or ""))
    if change.new_text is None:
        return Row(change.kind, place, unmarked(change.old_text), _REMOVED)
    return Row(change.kind, place, *mark_words(change.old_text, change.new_text))


def _named(run: Sequence[ArticleChange]) -> str:
    change = run[0]
    if change.kind == "renumbered" or (change.part == "heading" and change.kind == "changed"):
        return f"{_range(run, 'old')} → {_range(run, 'new')}"
    path = change.new_path or change.old_path
    if change.part == "addendum":
        return " ".join(dict.fromkeys((*path[:1], *path[-1:])))
    return path[-1] if path else change.new_article or change.old_article or ""


def _range(run: Sequence[ArticleChange], side: str) -> str:
    first, last = (getattr(change, f"{side}_article") for change in (run[0], run[-1]))
    return str(first) if first == last else f"{first}부터 {last}까지"


def _plain(text: str) -> str:
    escaped = _MARKDOWN.sub(r"\\\1", html.escape(text, quote=False))
    return escaped.replace("\n", "<br>")


def _marked(stretches: Stretches, mark: str) -> str:
    """Marks stand at words, not at blanks, where Markdown would not see them, and not over the end of a line."""
    shown = []
    for stretch in stretches:
        for piece in re.split(r"(\s*\n\s*|^\s+|\s+$)", stretch.text):
            blank = not piece.strip()
            shown.append(_plain(piece) if blank or not stretch.differs else f"{mark}{_plain(piece)}{mark}")
    return "".join(shown)


def _in_html(stretches: Stretches, tag: str) -> str:
    """Paragraphs, and the rows of tables as tables."""
    parts = []
    for is_row, lines in itertools.groupby(lines_of(stretches), key=_is_row):
        if not is_row:
            parts += [f"<p>{_tagged(line, tag)}</p>" for line in lines]
            continue
        rows = ("".join(f"<td>{_tagged(cell, tag)}</td>" for cell in cells_of(line)) for line in lines)
        parts.append(f'<div class="wide"><table>{"".join(f"<tr>{row}</tr>" for row in rows)}</table></div>')
    return "".join(parts)


def _is_row(line: Stretches) -> bool:
    text = "".join(stretch.text for stretch in line).strip()
    return len(text) > 1 and text.startswith("|") and text.endswith("|")


def _tagged(stretches: Stretches, tag: str) -> str:
    shown = []
    for stretch in stretches:
        text = stretch.text.strip()
        before, after = (" " if stretch.text[at].isspace() else "" for at in (0, -1))
        marked = f"<{tag}>{html.escape(text)}</{tag}>" if stretch.differs and text else html.escape(text)
        shown.append(f"{before}{marked}{after}")
    return "".join(shown).strip()

"""`regtune inspect`: a PDF beside what parse reads in it, for a person who checks a new regulation by eye.

In: one PDF. Out: one HTML file that needs nothing else: each page as an image, the provisions that begin on it
coloured by kind, the warnings with their pages, and where every character went.
"""

import argparse
import base64
import html
import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from string import Template

from regtune.artifacts import replacing
from regtune.config import include_path, load_config
from regtune.contracts import Provision, Source
from regtune.documents.parse import Parsed, parse_file
from regtune.documents.report import FileReport
from regtune.errors import PrerequisiteMissingError

_DPI = 80
_KINDS: Mapping[str, tuple[str, str]] = {
    "body": ("본칙", "#1f6feb"),
    "other": ("본칙 중 조가 아닌 글", "#6e7781"),
    "deleted": ("삭제된 조", "#a40e26"),
    "addendum": ("부칙", "#8250df"),
    "annex": ("별표", "#1a7f37"),
    "form": ("별지·서식", "#9a6700"),
    "preamble": ("머리말", "#57606a"),
}
_REMOVED: Mapping[str, str] = {
    "running_head": "머리말·꼬리말",
    "page_mark": "쪽 번호",
    "contents": "목차",
    "line_number": "줄 번호",
    "commentary": "옆 단의 해설",
    "amendment": "개정 이유와 개정문",
    "comparison": "신구조문대비표",
    "end_mark": "끝 표시",
    "repeated_title": "되풀이된 별표 제목",
    "repeated_table_head": "되풀이된 표 머리",
    "struck_twice": "겹쳐 찍은 글자",
    "rotated": "기울거나 돌려 찍은 글자",
    "watermark": "바탕 무늬 글자",
    "struck_out": "취소선이 그어진 글자",
    "translation": "영문 번역",
    "unreadable": "읽을 수 없는 글자",
    "composed": "자모로 나뉘어 찍힌 글자를 합침",
    "heading": "장·절·부칙 제목(경로로)",
    "revision_tag": "개정 표시(revision_tags로)",
}
_COUNTS: Mapping[str, str] = {
    "parts": "편",
    "chapters": "장",
    "sections": "절·관",
    "articles": "본칙의 조",
    "deleted": "그중 삭제",
    "addenda": "부칙",
    "addendum_articles": "부칙의 조",
    "annexes": "별표",
    "forms": "별지·서식",
}
_RULING = re.compile(r"\|(?: *:?-+:? *\|)+")
_CELL_EDGE = re.compile(r"(?<!\\)\|")
_PAGE = Template("""<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><title>$title</title><style>
body{font-family:system-ui,sans-serif;margin:1.5rem;color:#1f2328;line-height:1.5}
section{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:1rem}
section{border-top:1px solid #d0d7de;padding:1rem 0}
img{max-width:100%;border:1px solid #d0d7de;position:sticky;top:1rem}
article{border-left:.4rem solid var(--kind);padding:.2rem .8rem;margin:0 0 .8rem;background:#f6f8fa}
article h3{margin:0;font-size:.9rem;color:var(--kind)}
article p{margin:.2rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
.tags,.on{color:#57606a;font-size:.85rem}.key span{border-left:.4rem solid var(--kind);padding:0 .8rem 0 .3rem}
.read{border-collapse:collapse;font-size:.85rem}.read td{border:1px solid #d0d7de;padding:.1rem .4rem}
.warning{background:#fff8c5;padding:.2rem .6rem}td{padding:0 1rem 0 0}
</style></head><body><h1>$title</h1><p>$summary</p><p class="key">$key</p><table>$characters</table>$warnings
$pages
</body></html>
""")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    command = commands.add_parser("inspect", help="a PDF's pages beside the provisions found on them, as one HTML file")
    command.add_argument("pdf", type=Path, metavar="FILE.pdf")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.html")
    command.add_argument("--config", type=Path, default=include_path("config/pipeline.yaml"), metavar="FILE")
    command.set_defaults(act=act)


def act(arguments: argparse.Namespace) -> None:
    """Parse the PDF and write the page."""
    pdf: Path = arguments.pdf
    if not pdf.is_file():
        raise PrerequisiteMissingError(f"{pdf}: no such file.")
    source = Source(regulation_id=pdf.stem, title="", effective_date=date.min, file=pdf.name, sha256="")
    parsed = parse_file(pdf, source, load_config(arguments.config).parse)
    with replacing(arguments.out) as temporary:
        temporary.write_text(inspection(parsed, list(_images(pdf))), encoding="utf-8")
    print(arguments.out)  # noqa: T201


def inspection(parsed: Parsed, images: list[bytes]) -> str:
    """Return the HTML of one parsed file, given the PNG of each page."""
    report = parsed.report
    numbered = dict(enumerate(images, 1))
    counts = ", ".join(f"{shown} {report.counts[name]}" for name, shown in _COUNTS.items() if report.counts.get(name))
    return _PAGE.substitute(
        title=html.escape(f"{', '.join(report.regulations.values())} ({report.file})"),
        summary=html.escape(f"{report.pages}쪽, 조항 {len(parsed.provisions)}건. {counts}"),
        key="".join(f'<span style="--kind:{colour}">{name}</span>' for name, colour in _KINDS.values()),
        characters=_characters(report),
        warnings="".join(_warning(w.message, w.page) for w in report.warnings if w.page not in numbered),
        pages="\n".join(_section(number, image, parsed) for number, image in numbered.items()),
    )


def _images(pdf: Path) -> Iterator[bytes]:
    import pymupdf

    with pymupdf.open(pdf) as document:
        for page in document:
            dpi = min(_DPI, int(72 * 4000 / max(page.rect.width, page.rect.height, 1)) or 1)
            yield page.get_pixmap(dpi=dpi).tobytes("png")


def _characters(report: FileReport) -> str:
    characters = report.characters
    rows = {"쪽에 찍힌 글자": characters.total, "조항에 남음": characters.kept}
    rows |= {_REMOVED.get(name, name): count for name, count in {**characters.moved, **characters.removed}.items()}
    return "".join(f"<tr><td>{html.escape(name)}<td>{count}" for name, count in rows.items())


def _section(number: int, image: bytes, parsed: Parsed) -> str:
    shown = [_provision(p) for p in parsed.provisions if p.page_first == number]
    on = [_heading(p) for p in parsed.provisions if p.page_first < number <= p.page_last]
    warnings = "".join(_warning(w.message, w.page) for w in parsed.report.warnings if w.page == number)
    goes_on = f'<p class="on">앞쪽에서 이어짐: {html.escape(", ".join(on))}</p>' if on else ""
    source = base64.b64encode(image).decode()
    picture = f'<img alt="{number}쪽" src="data:image/png;base64,{source}">'
    read = f"<h2>{number}쪽</h2>{warnings}{goes_on}{''.join(shown)}"
    return f"<section id=p{number}><div>{picture}</div><div>{read}</div></section>"


def _provision(provision: Provision) -> str:
    loose = provision.part == "body" and provision.number is None
    name, colour = _KINDS["deleted" if provision.deleted else "other" if loose else provision.part]
    tags = f'<p class="tags">{html.escape(" ".join(provision.revision_tags))}</p>' if provision.revision_tags else ""
    head = html.escape(f"{name} · {_heading(provision)}")
    return f'<article style="--kind:{colour}"><h3>{head}</h3>{_text(provision.text)}{tags}</article>'


def _text(text: str) -> str:
    """Prose as it is, the Markdown of tables as tables."""
    parts: list[str] = []
    for is_table, lines in itertools.groupby(text.split("\n"), key=lambda line: line.startswith("|")):
        if is_table:
            rows = [_row(line) for line in lines if not _RULING.fullmatch(line)]
            parts.append(f'<table class="read">{"".join(rows)}</table>')
        else:
            parts.append(f"<p>{html.escape(chr(10).join(lines))}</p>")
    return "".join(parts)


def _row(line: str) -> str:
    cells = _CELL_EDGE.split(line.removeprefix("|").removesuffix("|"))
    return "<tr>" + "".join(f"<td>{html.escape(cell.strip().replace(chr(92) + '|', '|'))}" for cell in cells)


def _heading(provision: Provision) -> str:
    return " > ".join(provision.path) or provision.regulation_title


def _warning(message: str, page: int | None) -> str:
    return f'<p class="warning">{html.escape(f"{page}쪽: {message}" if page else message)}</p>'

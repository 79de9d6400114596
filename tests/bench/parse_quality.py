"""Articles of the real regulations beside the checkout: counts by hand, numbers and titles by another reader of PDFs.

The counts are those of the hand-checked manifest, and of articles printed as `제12조4(…)` for 제12조의4, which it does
not count; of the scan a person read numbers and titles.
"""

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regtune.contracts import Provision

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]
SHARED = REPOSITORY.parent / "shared"
TITLES = REPOSITORY / "tests" / "documents" / "golden" / "article_titles.json"
COLUMNS = {"chapters": "gt_chapters_장", "sections": "gt_sections_절관", "addenda": "gt_부칙", "annexes": "gt_별표"}
COLUMNS |= {"forms": "gt_별지_forms", "articles": "gt_articles_main"}
WITHOUT_UI = {"kca-service": 6, "dongduk-academic-rules": 1, "hansei-undergrad": 1}


def main() -> None:
    """Print a line for each file that differs, then the figures over all text PDFs."""
    from regtune.config import load_config
    from regtune.contracts import Source
    from regtune.documents.parse import parse_file

    manifest = SHARED / "regulations" / "manifest.csv"
    if not manifest.is_file():
        print("parse quality: ../shared with the real regulations is absent")
        return
    config = load_config(REPOSITORY / "include" / "config" / "demo.yaml").parse
    with manifest.open(encoding="utf-8") as file:
        every = list(csv.DictReader(file))
    rows = [row for row in every if row["text_or_scanned"] == "text"]
    titles = json.loads(TITLES.read_text(encoding="utf-8"))
    provisions: dict[str, Sequence[Provision]] = {}
    right = expected_all = found_all = furniture = 0
    listed, titled, both = Counter[str](), Counter[str](), Counter[str]()
    for row in every:
        path = SHARED / row["file"]
        source = Source(regulation_id=path.stem, title="", effective_date=date(2025, 1, 1), file=path.name, sha256="")
        parsed = parse_file(path, source, config)
        provisions.setdefault(row["file"].split("/")[1], parsed.provisions)
        body = [p for p in parsed.provisions if p.part == "body" and p.kind == "article"]
        name = row["file"].split("/", 1)[1]
        known = Counter(titles[name].split())
        read = Counter("".join(f"{p.number}={p.title}".split()) if p.title else str(p.number) for p in body)
        kind = row["text_or_scanned"]
        listed[kind] += known.total()
        titled[kind] += read.total()
        both[kind] += (known & read).total()
        if known != read:
            print(f"parse quality: {name}: not read {sorted(known - read)}, read instead {sorted(read - known)}")
        if row not in rows:
            continue
        found = {p.number for p in body}
        counts = {**parsed.report.counts, "articles": len(found)}
        wanted = {name: int(row[column]) for name, column in COLUMNS.items() if row[column].isdigit()}
        wanted["articles"] += WITHOUT_UI.get(row["file"].split("/")[1], 0)
        wrong = [f"{name} {counts.get(name, 0)} for {n}" for name, n in wanted.items() if counts.get(name, 0) != n]
        if wrong:
            print(f"parse quality: {path.parent.name}: {', '.join(wrong)}")
        # Branch articles are named in the manifest for some files and only counted for others; the numbers without
        # branch are known for all, and a file with the right count has no room for a wrong one.
        numbers = {str(number) for number in range(1, int(row["gt_last_article"]) + 1)}
        branches = sorted(found - numbers, key=str)[: wanted["articles"] - len(numbers)]
        right += len(numbers & found) + len(branches)
        expected_all += wanted["articles"]
        found_all += len(found)
        furniture += _page_marks(Counter(line for p in parsed.provisions for line in p.text.split("\n")))
    f1 = 2 * right / (expected_all + found_all)
    print(f"parse quality: {len(rows)} text PDFs, {expected_all} articles by hand, {found_all} found, F1 {f1:.4f}")
    for kind, count in listed.items():
        shown = (
            f"{count} numbers with titles listed, {both[kind]} right, F1 {2 * both[kind] / (count + titled[kind]):.4f}"
        )
        print(f"parse quality: {kind}: {shown}")
    _print_spaces(provisions)
    print(f"parse quality: page marks that are a line of a provision: {furniture}")


def _print_spaces(provisions: dict[str, "Sequence[Provision]"]) -> None:
    from documents.space_excerpts import count_spaces

    files, words, wrong = count_spaces(provisions.__getitem__)
    share = 100 - 100 * wrong / words
    print(f"parse quality: spaces typed by eye: {files} files, {words} words, {wrong} wrong, {share:.2f}% right")


def _page_marks(lines: Counter[str]) -> int:
    return sum(count for line, count in lines.items() if re.fullmatch(r"[-–•]\s*\d+\s*[-–•]?|\d+\s*•", line))


if __name__ == "__main__":
    main()

"""Where a part of a split article stands, so that it can be understood without the parts before it.

In: the earlier parts and one part. Out: `제2항`, with the 호 that it begins inside and the sentence that its list hangs
on, or the heads of its table; None where the part needs nothing. Of a 별표 with several tables also the caption of the
table that the part begins in.
"""

import difflib
import re
from collections.abc import Sequence

_HEADING = re.compile(r"제\d+조(?:의\d+)?(?:\s*\([^()]*(?:\([^()]*\)[^()]*)*\))?\s*")
_PARAGRAPH = re.compile(r"[①-⑳㉑-㉟]")
_ITEM = re.compile(r"(?P<number>\d+(?:의\d+)?)[.)]\s")
_SUBITEM = re.compile(r"(?P<letter>[가-하])[.)]\s")
_RULING = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")
_LONGEST_CAPTION = 80
_NO_CAPTION = re.compile(
    r"[※*＊★☞|]|\(?\s*(?:단\s*위|비\s*고|주\s*[):]|참\s*고)|[가-하]\.|.*(?:다|것|함|음)\s*\.?$|.*\|$"
)
"""A remark, a unit, a line to fill in, a sentence or the rest of a row."""
_UNIT = re.compile(r"[\[(<]?\s*단\s*위")
_ALIKE = 0.6
"""Of a caption and the title of the 별표: then the title is the caption of its first table."""
_LONGEST_LEAD = 160
"""Characters; a longer sentence is left to the part that holds it."""


def place_of(earlier: Sequence[str], text: str) -> str | None:
    """Name the place where `text` goes on; None for a first part, and for one that opens a 항."""
    if not earlier or _PARAGRAPH.match(text):
        return None
    lines = [line for part in earlier for line in part.split("\n")]
    if text.startswith("|") or _in_row(lines[-1]):
        own_heads = _RULING.fullmatch(text.split("\n")[1]) if text.count("\n") else None
        return None if own_heads else _heads(lines)
    paragraph = item = lead = item_lead = ""
    for line in (_HEADING.sub("", line, count=1) for line in lines):
        if _PARAGRAPH.match(line):
            paragraph, item, lead = f"제{_circled(line[0])}항", "", line[1:].strip()
        elif match := _ITEM.match(line):
            item, item_lead = _item_name(match["number"]), line[match.end() :]
        elif not item and not _SUBITEM.match(line) and not line.startswith("|"):
            lead = line
    if _ITEM.match(text):
        return _with_lead(paragraph, lead)
    if _SUBITEM.match(text):
        return _with_lead(paragraph + item, item_lead)
    return paragraph + item or None


def captioned(path: Sequence[str], earlier: Sequence[str], text: str) -> tuple[str, ...]:
    """The path of a part of a 별표 or form, with the caption of the table that it begins in.

    A caption that is like the title of the 별표 (`…(2023년)` after `…(2022년)`) takes its place, since a title
    that tells one table from the others is wrong above the others; any other follows it.
    """
    lines = [line for part in earlier for line in part.split("\n")]
    if not lines or not path:
        return tuple(path)
    goes_on = text.startswith(("|", "※", "*")) or _in_row(lines[-1])
    found = _caption(lines + text.split("\n"), 1 if goes_on else len(lines), len(lines))
    mark, _, title = path[-1].partition("]")
    if not found or _same_words(found, title or path[-1]):
        return tuple(path)
    alike = difflib.SequenceMatcher(None, "".join(found.split()), "".join(title.split())).ratio() >= _ALIKE
    return (*path[:-1], f"{mark}] {found}") if alike else (*path, found)


def _caption(lines: Sequence[str], first: int, last: int) -> str:
    """The last line of `first` to `last` that stands right above a table as its caption."""
    found = ""
    for i in range(first + 1, min(last + 3, len(lines))):
        if not lines[i].startswith("|") or lines[i - 1].startswith("|"):
            continue
        above = i - 2 if _UNIT.match(lines[i - 1]) else i - 1
        is_short = first <= above <= last and len(lines[above]) <= _LONGEST_CAPTION
        if is_short and not _NO_CAPTION.match(lines[above]):
            found = lines[above].strip()
    return found


def _in_row(line: str) -> bool:
    return line.startswith("|") and (line == "|" or not line.endswith("|"))


def _same_words(one: str, other: str) -> bool:
    return "".join(one.split()) in "".join(other.split())


def _item_name(number: str) -> str:
    main, _, branch = number.partition("의")
    return f"제{main}호의{branch}" if branch else f"제{main}호"


def _heads(lines: Sequence[str]) -> str | None:
    ruling = next((i for i in range(len(lines) - 1, 0, -1) if _RULING.fullmatch(lines[i])), None)
    return lines[ruling - 1].strip("| ") if ruling else None


def _circled(mark: str) -> int:
    return ord(mark) - ord("①") + 1 if mark <= "⑳" else ord(mark) - ord("㉑") + 21


def _with_lead(place: str, lead: str) -> str | None:
    """Join them as in `제2항: 다음 각 호의 서류를 제출하여야 한다`, where there is a lead that is short enough."""
    shown = lead if 0 < len(lead) <= _LONGEST_LEAD else ""
    return ": ".join(filter(None, (place, shown))) or None

"""Where a part of a split article stands, so that it can be understood without the parts before it.

In: the earlier parts and one part. Out: `제2항`, with the 호 that it begins inside and the sentence that its list hangs
on, or the heads of its table; None where the part needs nothing.
"""

import re
from collections.abc import Sequence

_HEADING = re.compile(r"제\d+조(?:의\d+)?(?:\s*\([^()]*(?:\([^()]*\)[^()]*)*\))?\s*")
_PARAGRAPH = re.compile(r"[①-⑳㉑-㉟]")
_ITEM = re.compile(r"(?P<number>\d+(?:의\d+)?)[.)]\s")
_SUBITEM = re.compile(r"(?P<letter>[가-하])[.)]\s")
_RULING = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")
_LONGEST_LEAD = 160
"""Characters; a longer sentence is left to the part that holds it."""


def place_of(earlier: Sequence[str], text: str) -> str | None:
    """Name the place where `text` goes on; None for a first part, and for one that opens a 항."""
    if not earlier or _PARAGRAPH.match(text):
        return None
    lines = [line for part in earlier for line in part.split("\n")]
    if text.startswith("|") or (lines[-1].startswith("|") and not lines[-1].endswith("|")):
        return _heads(lines)
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

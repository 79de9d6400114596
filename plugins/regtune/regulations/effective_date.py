"""The day on which a revision takes effect (시행일), read from its own text.

In: the provisions of one regulation, as parse gives them. Out: the day and where it stands, or why it cannot be told.
The title page's `[시행 2024. 7. 1.]` goes before the 부칙. Of the 부칙 the one that takes effect last counts, by its
first sentence: what follows (`다만, …`) is about single articles. `승인을 받은 날부터`, `공포 후 3개월이 경과한 날` are
reckoned from the day that the 부칙 names in its heading or sentence, else from the last 개정 of the title page.
"""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from regtune.contracts import Provision

_DAY = r"(?P<year>(?:19|20)\d{2})\s*[.년]\s*(?P<month>\d{1,2})\s*[.월]\s*(?P<day>\d{1,2})\s*(?:[.일]|(?!\d))"
_PRINTED = (
    re.compile(rf"시\s*행\s*(?:일(?:자)?)?\s*[:：]?\s*{_DAY}"),
    re.compile(rf"{_DAY}\s*(?:부터\s*)?시\s*행(?!\s*(?:전|령|규칙))"),
)
_REVISED = re.compile(rf"(?:제\s*정|개\s*정|폐\s*지|신\s*설)\s*(?:일(?:자)?)?\s*[:：]?\s*{_DAY}")
_DATED = (
    re.compile(rf"{_DAY}\s*\)?\s*(?:로\s*)?부터\s*(?:그\s*효력|효력|시행|이를\s*시행|적용)"),
    re.compile(rf"(?:시행(?:일)?|효력\s*발생\s*시기)[은는]?\s*{_DAY}\s*(?:로|으로)\s*한다"),
)
_AFTER = re.compile(
    r"(?:공포|공고|발령|고시|의결|승인|개정)(?:일|된\s*날|한\s*날)?(?:로?부터|\s*후|\s*이후)?\s*"
    r"(?P<count>\d{1,3})\s*(?P<unit>개월|월|년|일)[이을]?\s*(?:경과|지난|후)"
)
_ON_THE_DAY = re.compile(
    r"(?:공포|공고|발령|고시|의결|승인|결재|개정|제정|인가|허가)[가-힣]*(?:\s[가-힣]+)?\s*(?:날|즉시|일)"
)
_ANY_DAY = re.compile(_DAY)
_SENTENCE = re.compile(r"^.*?(?:다\s*\.|$)", re.DOTALL)


@dataclass(frozen=True)
class Reading:
    """What the text says."""

    effective_date: date | None
    evidence: str
    """Where the day stands: a heading and a few words of the clause; never more than 80 characters."""
    doubt: str
    """Why the day is not to be trusted, or why there is none; empty when it is clear."""


def read_effective_date(provisions: Sequence[Provision]) -> Reading:
    """Find the day in the title page and the 부칙."""
    front = "\n".join(provision.text for provision in provisions if provision.part == "preamble")
    printed = [day for form in _PRINTED for match in form.finditer(front) if (day := _day(match)) is not None]
    if printed:
        return Reading(max(printed), "표지의 시행일", "")
    revised = max((day for match in _REVISED.finditer(front) if (day := _day(match)) is not None), default=None)
    addenda = [provision for provision in provisions if provision.part == "addendum"]
    found = [(day, provision) for provision in addenda if (day := _clause(provision, None)) is not None]
    if addenda and revised is not None:
        last = next((p for p in reversed(addenda) if _clause(p, revised) is not None), None)
        if last is not None and _clause(last, None) is None:  # `승인을 받은 날부터`, and no day anywhere in the 부칙
            found.append((revised, last))
    if not found:
        return Reading(None, "", "the text names no 시행일 (neither title page nor 부칙)")
    day, provision = max(found, key=lambda pair: pair[0])
    where = f"{' '.join(provision.path)}: {' '.join(provision.text.split())}"[:80]
    if revised is not None and revised > day:
        return Reading(
            day, where, f"the title page names a 개정 of {revised}, after the last 시행일 of the 부칙 ({day})"
        )
    return Reading(day, where, "")


def _clause(provision: Provision, otherwise: date | None) -> date | None:
    """The day of one 부칙 (or of its 제1조); `otherwise` is what `승인을 받은 날` means when the 부칙 names no day."""
    sentence = _first_sentence(provision)
    if "시행" not in sentence and "효력" not in sentence:
        return None
    for form in _DATED:
        dated = form.search(sentence)
        if dated is not None:
            return _day(dated)
    named = [day for text in (sentence, *provision.path) for m in _ANY_DAY.finditer(text) if (day := _day(m))]
    start = named[0] if named else otherwise
    if start is None:
        return None
    after = _AFTER.search(sentence)
    if after is not None:
        return _later(start, int(after["count"]), after["unit"])
    return start if _ON_THE_DAY.search(sentence) else None


def _first_sentence(provision: Provision) -> str:
    """Of the clause on 시행일 when the 부칙 is one text with several; else of the whole."""
    lines = [line for line in provision.text.split("\n") if "시행일" in line] or [provision.text]
    match = _SENTENCE.search(lines[0])
    return match[0] if match else lines[0]


def _later(start: date, count: int, unit: str) -> date:
    """`N개월이 경과한 날` is the day of that number N months on, or the month's last when it has no such day."""
    if unit == "일":
        return start + timedelta(days=count)
    months = start.month - 1 + count * (12 if unit == "년" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None

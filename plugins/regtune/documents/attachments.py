"""What the heading of a 별표, 별지 or 서식 looks like.

In: the text of one line. Out: what attachment it could open, or None. Form only, as in headings.py.
"""

import functools
import re
from dataclasses import dataclass
from typing import Literal

from regtune.documents.hanja import without_hanja

_OPEN, _CLOSE = "[<〈‹＜【〔（(", "]>〉›＞】〕）)"
_ATTACHMENT_OPENINGS = frozenset(_OPEN + "■□▣◆별別서양붙첨")
"""Of all lines few begin so, and this is cheap to tell."""
_LAW_FORM = re.compile(r"[■□▣◆]\s*[^\[\]]{2,60}(?=\[\s*별)")
"""`■ 근로기준법 시행규칙 [별지 제1호서식]`."""
_ANNEX = re.compile(
    rf"(?P<open>[{re.escape(_OPEN)}])?\s*(?:별|부)\s*표\s*(?:제\s*)?"
    rf"(?P<number>\d+(?:\s*(?:의|-)\s*\d+)?|[가나다라마바사ⅠⅡⅢⅣⅤ](?=\s*[{re.escape(_CLOSE)}]))?(?:\s*호)?(?:\s*의\s*(?P<branch>\d+))?"
    rf"(?:\s*(?P<close>[{re.escape(_CLOSE)}]))?(?P<rest>.*)",
    re.DOTALL,
)
_OTHER_ANNEX = re.compile(
    rf"[{re.escape(_OPEN)}]\s*(?P<word>별\s*도|표)\s*(?:제\s*)?(?P<number>\d+(?:\s*(?:의|-)\s*\d+)?)\s*호?\s*"
    rf"[{re.escape(_CLOSE)}](?P<rest>.*)",
    re.DOTALL,
)
"""`[별도 1]`, `<표 1>`."""
_FORM = re.compile(
    rf"(?P<open>[{re.escape(_OPEN)}])?\s*"
    r"(?:(?:별\s*지\s*(?:서\s*식)?|서\s*식|양\s*식|붙\s*임|별\s*첨|첨\s*부)\s*(?:제\s*)?(?P<number>\d+(?:\s*(?:의|-)\s*\d+)?)?\s*호?"
    r"(?:\s*의\s*(?P<branch>\d+))?\s*(?:서\s*식)?)\s*"
    rf"(?P<close>[{re.escape(_CLOSE)}])?(?P<rest>.*)",
    re.DOTALL,
)
_NUMBERED_POINT = re.compile(r"\s*[.:](?=\s)")
"""`별표 6. 직급표`."""
_ANNEX_CITED = re.compile(r"\s*(?:의|과|와|에|을|를|은|는|이|로|중|및|또는|에서|참조|[,·ㆍ])(?=\s|$|[가-힣])")
_IN_SENTENCE = re.compile(r"[가-힣](?:에|을|를|의|은|는|과|와|로|여|며|고)(?=\s|$)|다\s*\.\s*$")


@dataclass(frozen=True)
class Attachment:
    """A line that could open a 별표 or a 별지·서식."""

    part: Literal["annex", "form"]
    number: str | None
    bracketed: bool
    rest: str


@functools.lru_cache(maxsize=4096)  # one line is looked at by many
def attachment(text: str) -> Attachment | None:
    """Read a line as the heading of a 별표, 별지 or 서식; a citation of one is none."""
    if text.lstrip()[:1] not in _ATTACHMENT_OPENINGS:
        return None
    part: Literal["annex", "form"] = "annex"
    text = _LAW_FORM.sub("", without_hanja(text), count=1)
    if (other := _other_annex(text)) and other.number and other.number.startswith("별도"):
        return other
    match = _ANNEX.match(text)
    if not match:
        part, match = "form", _FORM.match(text)
    if not match:
        return None
    bracketed = bool(match["open"] and match["close"])
    rest = match["rest"]
    if _ANNEX_CITED.match(rest) if bracketed else _cited_loosely(rest, match["number"]):
        return None
    number = re.sub(r"\s", "", match["number"]) if match["number"] else None
    if number and match["branch"]:
        number = f"{number}의{match['branch']}"
    return Attachment(part, number, bracketed, _NUMBERED_POINT.sub("", rest, count=1).strip())


def captioned_annex(text: str) -> Attachment | None:
    """Read a line as `<표 1> 직급별 수당`: behind the 부칙 it heads an annex, elsewhere a table."""
    found = _other_annex(text)
    return found if found and found.number and found.number.startswith("표") else None


def _other_annex(text: str) -> Attachment | None:
    """`[별도 1]` and `<표 1>`, whose numbers are `별도 1` and `표 1`."""
    match = _OTHER_ANNEX.match(text)
    if match is None or _ANNEX_CITED.match(match["rest"]):
        return None
    word, number = ("".join(match[name].split()) for name in ("word", "number"))
    return Attachment("annex", f"{word} {number}", bracketed=True, rest=match["rest"].strip())


def _cited_loosely(rest: str, number: str | None) -> bool:
    """Without brackets only `별표 1` alone, or with a title after a blank, is a heading."""
    rest = _NUMBERED_POINT.sub("", rest, count=1)
    if not rest.strip():
        return False
    return number is None or not rest[0].isspace() or bool(_ANNEX_CITED.match(rest) or _IN_SENTENCE.search(rest))

"""Revision tags (`<개정 2024. 7. 1.>`, `[본조신설 2025. 1. 1.]`) taken out of a text.

In: a provision's text. Out: the text without them, and the tags as printed, in order. `<삭제 …>` leaves the word
삭제 behind where it stands, because that word is the rule. Angle brackets that hold something else stay.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPEN, _CLOSE = "<〈‹＜《", ">〉›＞》"
_WORDS = (
    r"(?:(?:일부|전부|전문|본문|제목|단서|후단|본\s?[조항호목장절관편]|종전|별표|서식|[조항호]\s*번호|조문|[조항호목장절관편])\s*)*"
    r"(?:개\s*정|신\s*설|삭\s*제|이\s*동|변\s*경|제\s*정|전\s*문)"
)
_DATE = r"[‘'’]?\d{2,4}\s*[.,년/-]\s*\d{1,2}\s*[.,월/-]\s*\d{1,2}"
_TAG = re.compile(
    rf"(?P<tag>"
    rf"[{_OPEN}]\s*(?:{_WORDS}|{_DATE}|법률\s*제)[^{_OPEN}{_CLOSE}]*[{_CLOSE}]+"
    rf"|[\[【]\s*(?:본\s?[조항호목장절관편]|전문|제목|종전|단서|항|호|제\d+조(?:의\d+)?에서)[^\[\]【】]{{0,80}}"
    rf"(?:신\s*설|개\s*정|삭\s*제|이\s*동)[^\[\]【】]*[\]】]"
    rf"|\[\s*(?:{_WORDS})\s*[^\[\]]{{0,60}}\d{{4}}[^\[\]]{{0,60}}\]"
    rf"|\[\s*시행일\s*:?[^\[\]]*\](?:\s*제\d+조(?:의\d+)?(?:제\d+[항호])*(?=\s*(?:\n|$)))?"
    rf"|\(\s*{_WORDS}\s*{_DATE}[^()]*\)"
    rf")(?:\s*,(?=\s*[{_OPEN}\[]))?"
)
_BRACKET = re.compile(rf"[{_OPEN}\[(【]")
_DELETION = re.compile(rf"[{_OPEN}\[(]\s*(?:{_DATE}\s*[.일]?\s*)?(?:본?\s?[조항호목장절관편]\s*)?삭\s*제")
"""`<삭제 2020. 1. 1.>`, `<2020. 1. 1. 삭제>`."""
_BLANKS = re.compile(r"[ \t]{2,}")


@dataclass(frozen=True)
class Removal:
    """A tag, the half-open range of the text that goes with it, and the word that stays in its place."""

    tag: str
    start: int
    end: int
    left: str


def removals(text: str) -> Iterator[Removal]:
    """Yield what is taken out of a text, in order."""
    end = 0
    for bracket in _BRACKET.finditer(text):
        match = _TAG.match(text, bracket.start()) if bracket.start() >= end else None
        if match is None:
            continue
        deletes = _DELETION.match(match["tag"]) and not text[: match.start()].rstrip().endswith("삭제")
        end = match.end()
        yield Removal(" ".join(match["tag"].split()), match.start(), end, " 삭제" if deletes else "")


def take_tags(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text without its revision tags, and the tags."""
    tags: list[str] = []
    kept: list[str] = []
    end = 0
    for removal in removals(text):
        tags.append(removal.tag)
        kept += [text[end : removal.start].rstrip(), removal.left]
        end = removal.end
    kept.append(text[end:])
    lines = [line.strip() for line in _BLANKS.sub(" ", "".join(kept)).split("\n")]
    return "\n".join([line for line in lines if line]), tuple(tags)

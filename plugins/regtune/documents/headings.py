"""What a heading of a Korean regulation looks like: 편·장·절·관, 조, 부칙, 별표, 별지·서식.

In: the text of one line (or paragraph). Out: what heading it could be, or None. Form only: whether a candidate can
stand where it stands is sequence.py's business, because `제9조(비밀) 제3항에 따라` at a line's start has the form too.
"""

import re
from dataclasses import dataclass
from typing import Literal

Level = Literal["편", "장", "절", "관"]
LEVELS: tuple[Level, ...] = ("편", "장", "절", "관")
Number = tuple[int, int]
"""15 -> (15, 0); 15의2 -> (15, 2)."""

_ARTICLE = re.compile(r"제\s*(?P<main>\d{1,4})\s*조(?:\s*의\s*(?P<branch>\d{1,3})(?!\d))?(?P<rest>.*)", re.DOTALL)
_RANGE = re.compile(
    r"제\s*(?P<main>\d{1,4})\s*조(?:\s*의\s*(?P<branch>\d{1,3}))?\s*(?:부터|내지|및|,|~|∼)\s*"
    r"제\s*(?P<last>\d{1,4})\s*조(?:\s*의\s*(?P<last_branch>\d{1,3}))?\s*(?:까지)?\s*[<〈‹(\[]?\s*삭\s*제",
    re.DOTALL,
)
_CITED_ON = re.compile(
    r"\s*(?:제\s*\d+\s*[항호]|[,、ㆍ·~∼]|(?:및|또는|부터|까지|내지|에\s*따|에\s*의|에\s*관|에\s*규정|에서|에도)"
    r"|(?:의|을|를|과|와|에|중|은|는)(?=\s|$))"
)
_DELETED = re.compile(r"\s*[<〈‹＜(\[【]?\s*삭\s*제")
_TAG_START = re.compile(r"\s*[<〈‹＜]")
_GROUP = re.compile(
    r"제\s*(?P<main>\d{1,3})\s*(?P<level>[편장절관])(?:\s*의\s*(?P<branch>\d{1,2})(?!\d))?(?P<rest>.*)", re.DOTALL
)
_GROUP_CITED = re.compile(
    r"(?:에서|에게|에|의|을|를|과|와|은|는|만|부터|까지|및|이|내지|중)(?=\s|$|[,제])|[,.·ㆍ]|[항호조]"
)
_SENTENCE_END = re.compile(r"다\s*\.\s*$")
_BRACKETED = r"[<〈‹＜(\[【（〔][^<>〈〉\[\]【】()（）〔〕]*[>〉›＞)\]】）〕]"
_ADDENDUM = re.compile(
    rf"[\[<〈【(◎○■]?\s*부\s*칙\s*[\]>〉】)]?\s*(?P<rest>(?:{_BRACKETED}\s*)*|제\s*\d+\s*[호차].{{0,40}}|\d{{4}}\s*\..{{0,30}})"
)
_OPEN, _CLOSE = "[<〈‹＜【〔（(", "]>〉›＞】〕）)"
_ANNEX = re.compile(
    rf"(?P<open>[{re.escape(_OPEN)}])?\s*별\s*표\s*(?:제\s*)?(?P<number>\d+(?:\s*(?:의|-)\s*\d+)?)?\s*호?\s*"
    rf"(?P<close>[{re.escape(_CLOSE)}])?(?P<rest>.*)",
    re.DOTALL,
)
_FORM = re.compile(
    rf"(?P<open>[{re.escape(_OPEN)}])?\s*"
    r"(?:(?:별\s*지\s*(?:서\s*식)?|서\s*식|붙\s*임|별\s*첨)\s*(?:제\s*)?(?P<number>\d+(?:\s*(?:의|-)\s*\d+)?)?\s*호?"
    r"(?:\s*의\s*(?P<branch>\d+))?\s*(?:서\s*식)?)\s*"
    rf"(?P<close>[{re.escape(_CLOSE)}])?(?P<rest>.*)",
    re.DOTALL,
)
_ANNEX_CITED = re.compile(r"\s*(?:의|과|와|에|을|를|은|는|이|로|중|및|또는|에서|참조|[,·ㆍ])(?=\s|$|[가-힣])")


_TO_FILL_IN = frozenset("년월일시분제호인부")
"""Units between blanks of a form."""


@dataclass(frozen=True)
class Article:
    """A line that could open a 조."""

    number: Number
    last: Number
    """The last one of `제8조부터 제10조까지 삭제`, else the same."""
    title: str | None
    rest: str
    """What follows number and title, its leading blanks included."""
    form: Literal["titled", "deleted", "bare"]
    cited: bool
    """Goes on as a citation does: `제1항`, `에 따라`, `및`."""


@dataclass(frozen=True)
class Group:
    """A line that could open a 편, 장, 절 or 관."""

    level: Level
    number: Number
    title: str

    @property
    def heading(self) -> str:
        """`제2장의2 근무`."""
        branch = f"의{self.number[1]}" if self.number[1] else ""
        return f"제{self.number[0]}{self.level}{branch} {self.title}".strip()


@dataclass(frozen=True)
class Attachment:
    """A line that could open a 별표 or a 별지·서식."""

    part: Literal["annex", "form"]
    number: str | None
    bracketed: bool
    rest: str


def article(text: str) -> Article | None:
    """Read a line as an article's heading."""
    if match := _RANGE.match(text):
        number, last = _number(match["main"], match["branch"]), _number(match["last"], match["last_branch"])
        return Article(number, last, None, "삭제", "deleted", cited=False)
    match = _ARTICLE.match(text)
    if not match:
        return None
    number, rest = _number(match["main"], match["branch"]), match["rest"]
    if _DELETED.match(rest):
        return Article(number, number, None, rest, "deleted", cited=False)
    if found := _title(rest):
        title, after = found
        form: Literal["titled", "deleted"] = "deleted" if _DELETED.match(after) else "titled"
        return Article(number, number, title, after, form, cited=bool(_CITED_ON.match(after)))
    if rest and not rest[0].isspace() and not _TAG_START.match(rest):
        return None
    return Article(number, number, None, rest, "bare", cited=bool(_CITED_ON.match(rest)))


def number_text(number: Number) -> str:
    """(15, 2) -> `15의2`."""
    return f"{number[0]}의{number[1]}" if number[1] else str(number[0])


def article_text(number: Number) -> str:
    """(15, 2) -> `제15조의2`."""
    return f"제{number[0]}조의{number[1]}" if number[1] else f"제{number[0]}조"


def group(text: str) -> Group | None:
    """Read a line as the heading of a 편, 장, 절 or 관."""
    match = _GROUP.match(text)
    if not match or len(text) > 60 or _SENTENCE_END.search(text):  # noqa: PLR2004 - headings are short
        return None
    rest = match["rest"]
    if _GROUP_CITED.match(rest):
        return None
    level: Level = next(level for level in LEVELS if level == match["level"])
    return Group(level, _number(match["main"], match["branch"]), gathered(rest))


def addendum(text: str) -> str | None:
    """Return `부칙 <2024. 1. 1.>` when a line is the heading of a 부칙."""
    match = _ADDENDUM.fullmatch(text.strip())
    return f"부칙 {' '.join(match['rest'].split())}".strip() if match else None


def attachment(text: str) -> Attachment | None:
    """Read a line as the heading of a 별표, 별지 or 서식; a citation of one is none."""
    part: Literal["annex", "form"] = "annex"
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
    if number and part == "form" and match["branch"]:
        number = f"{number}의{match['branch']}"
    return Attachment(part, number, bracketed, rest.strip())


def _cited_loosely(rest: str, number: str | None) -> bool:
    """Without brackets only `별표 1` alone, or with a title after a blank, is a heading."""
    if not rest.strip():
        return False
    return number is None or not rest[0].isspace() or bool(_ANNEX_CITED.match(rest)) or bool(_SENTENCE_END.search(rest))


def gathered(text: str) -> str:
    """A title with single spaces, and without those that only spread it: `총 칙` is `총칙`; `년 월 일` stays."""
    words = text.split()
    spread = len(words) > 1 and all(len(word) == 1 and "가" <= word <= "힣" for word in words)
    return "".join(words) if spread and not _TO_FILL_IN.issuperset(words) else " ".join(words)


def _number(main: str, branch: str | None) -> Number:
    return int(main), int(branch) if branch else 0


def _title(rest: str) -> tuple[str, str] | None:
    """Split `(휴가) ① …` into title and what follows; None when no bracket opens, or none closes."""
    stripped = rest.lstrip()
    closing = {"(": ")", "（": "）", "【": "】", "[": "]", "〔": "〕"}.get(stripped[:1])
    if closing is None:
        return None
    depth = 0
    for i, character in enumerate(stripped):
        depth += character == stripped[0]
        depth -= character == closing
        if depth == 0:
            return gathered(stripped[1:i]), stripped[i + 1 :]
    return None

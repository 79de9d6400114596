"""What a heading of a Korean regulation looks like: 편·장·절·관, 조, 부칙.

In: the text of one line (or paragraph). Out: what heading it could be, or None. Form only: whether a candidate can
stand where it stands is sequence.py's business, because `제9조(비밀) 제3항에 따라` at a line's start has the form too.
The headings of 별표 and forms are in attachments.py.
"""

import functools
import re
from dataclasses import dataclass
from typing import Literal

from regtune.documents.hanja import without_hanja

Level = Literal["편", "장", "절", "관"]
LEVELS: tuple[Level, ...] = ("편", "장", "절", "관")
Number = tuple[int, int]
"""15 -> (15, 0); 15의2 -> (15, 2)."""
_ARTICLE = re.compile(
    r"제\s*(?P<main>\d{1,4})\s*조(?:\s*의\s*(?P<branch>\d{1,3})(?!\d)"
    r"|\s?-?(?P<bare_branch>\d{1,2})(?=\s?[(（【\[〔]))?(?P<rest>.*)",
    re.DOTALL,
)
"""`제12조4(임산부의 보호)` and `제12조-4(…)` are 제12조의4."""
_NUMBERED = ("제", "第")
_BULLETS = ("◎", "●", "■", "□", "▣", "◆", "◇", "▶", "▷", "☞", "○")
"""Before a heading: `■ 제1조(목적)`."""
_RANGE = re.compile(
    r"제\s*(?P<main>\d{1,4})\s*조(?:\s*의\s*(?P<branch>\d{1,3}))?\s*(?:부터|내지|및|,|~|∼)\s*"
    r"제\s*(?P<last>\d{1,4})\s*조(?:\s*의\s*(?P<last_branch>\d{1,3}))?\s*(?:까지)?\s*[<〈‹(\[]?\s*삭\s*제",
    re.DOTALL,
)
_CITED_ON = re.compile(
    r"\s*(?:제\s*\d+\s*[항호]|[,、ㆍ·~∼]|(?:및|또는|부터|까지|내지|에\s*따|에\s*의|에\s*관|에\s*규정|에서|에도)"
    r"|(?:의|을|를|과|와|에|중|은|는)(?=\s|$)|관\s*[련계]\s*(?=$|[)\]]))"
)
_DELETED = re.compile(r"\s*[<〈‹＜(\[【-]?\s*삭\s*제")
_POINT = re.compile(r"\s*[.:]\s*(?=[(（【\[〔])")
"""`제1조. (목적)`, `제1조 : (목적)`."""
_BARE_TITLE = re.compile(
    r"(?:(?:[ ]+|\n)(?P<title>[가-힣][가-힣·ㆍ ]{0,18}[가-힣])(?<![다음])\n"
    r"|\s*(?:[:：]|[-–](?=\s))\s*(?P<after_colon>(?!다음)[가-힣][가-힣·ㆍ ]{0,18}[가-힣])(?<!다)(?:\n|$))"
)
"""`제1조 목적`, `제4조 : 휴일`, alone on its line, or the title alone on the next one."""
_REVISED = re.compile(r"개\s*정|신\s*설|삭\s*제|이\s*동|변\s*경|\d")
_TITLE_BRACKETS = {
    "(": ")",
    "（": "）",
    "【": "】",
    "[": "]",
    "〔": "〕",
    "<": ">",
    "〈": "〉",
    "＜": "＞",
    "{": "}",
    "「": "」",
    "『": "』",
    "｛": "｝",
}
_LAW_NAME = re.compile(r"(?:법|법률|령|규정|규칙|지침|조례|정관|요령|기준|세칙|협약|고시|예규|훈령|학칙|헌법)$")
"""`제4조「근로기준법」 제60조에 따라` has no title."""
_TAG_START = re.compile(r"\s*[<〈‹＜]")
_GROUP = re.compile(
    r"제\s*(?:(?P<main>\d{1,3})|(?P<roman>[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ]))\s*(?P<level>[편장절관])(?:\s*의\s*(?P<branch>\d{1,2})(?!\d))?(?P<rest>.*)",
    re.DOTALL,
)
ROMANS = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"
_ROMAN_GROUP = re.compile(rf"(?P<roman>[{ROMANS}])\s?[.．]?\s*(?P<title>[가-힣][^.,;:<>]{{0,28}}[가-힣)])")
_GROUP_CITED = re.compile(
    r"(?:에서|에게|에|의|을|를|과|와|은|는|만|부터|까지|및|이|내지|중)(?=\s|$|[,제])|[,.·ㆍ]|[항호조]"
)
_SENTENCE_END = re.compile(r"다\s*\.\s*$")
_BRACKETED = r"[<〈‹＜(\[【（〔][^<>〈〉\[\]【】()（）〔〕]*[>〉›＞)\]】）〕]"
_ADDENDUM = re.compile(
    rf"[\[<〈【(◎○■]?\s*부\s*칙\s*[\]>〉】)]?\s*(?P<rest>(?:{_BRACKETED}\s*)*|제\s*\d+\s*[호차].{{0,40}}"
    r"|:?\s*(?:(?:제정|개정|시행)\s*)?\d{4}\s*[.년].{0,30})"
)
_ADDENDUM_OPENING = re.compile(r"\s*[\[<〈【(◎○■]?\s*[부附]")
"""Of all lines few come so far, and this is cheap to tell."""
_ADDENDUM_AND_TEXT = re.compile(
    rf"(?P<heading>[\[<〈【]?\s*부\s*칙\s*[\]>〉】]?\s*(?:{_BRACKETED}\s*)*)"
    r"(?P<text>제\s*1\s*조\s*\(.*|①.*|(?:이|본)\s+[가-힣]{1,12}[은는]\s.*)",
    re.DOTALL,
)
_GROUP_AND_TEXT = re.compile(
    r"(?P<heading>제\s*\d{1,3}\s*[편장절관]\s[^()]{1,30}?)\s+(?P<text>제\s*\d{1,4}\s*조\s*\(.*)", re.DOTALL
)
_TO_FILL_IN = frozenset("년월일시분제호인부")
"""Units between blanks of a form."""
_EXPLAINS = re.compile(
    r"[【\[〔<〈(]\s*(?:해\s*설|주\s*석|설\s*명|취\s*지)\s*[】\]〕>〉)]|(?:해\s*설|주\s*석|조문\s*해설)\s*$"
)
"""What opens a remark beside the rule, or stands above all of them."""


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
    roman: str = ""
    """`Ⅱ` of a heading `Ⅱ. 근무`, which stands for a 장."""

    @property
    def heading(self) -> str:
        """`제2장의2 근무`, `Ⅱ. 근무`."""
        if self.roman:
            return f"{self.roman}. {self.title}"
        branch = f"의{self.number[1]}" if self.number[1] else ""
        return f"제{self.number[0]}{self.level}{branch} {self.title}".strip()


@functools.lru_cache(maxsize=4096)  # one line is looked at by many
def article(text: str) -> Article | None:
    """Read a line as an article's heading."""
    if text.startswith(_NUMBERED):
        return _article(text)
    if text.startswith(_BULLETS):
        found = _article(text[1:].lstrip())
        return found if found and found.form != "bare" and not found.cited else None
    return None


def _article(text: str) -> Article | None:
    text = without_hanja(text)
    if match := _RANGE.match(text):
        number, last = _number(match["main"], match["branch"]), _number(match["last"], match["last_branch"])
        return Article(number, last, None, "삭제", "deleted", cited=False)
    match = _ARTICLE.match(text)
    if not match:
        return None
    number, rest = _number(match["main"], match["branch"] or match["bare_branch"]), match["rest"]
    if _DELETED.match(rest):
        return Article(number, number, None, rest, "deleted", cited=False)
    if found := _title(rest):
        title, after = found
        form: Literal["titled", "deleted"] = "deleted" if _DELETED.match(after) else "titled"
        return Article(number, number, title, after, form, cited=bool(_CITED_ON.match(after)))
    if rest and not rest[0].isspace() and not _TAG_START.match(rest):
        return None  # `제15조에 따른`
    return Article(number, number, None, rest, "bare", cited=bool(_CITED_ON.match(rest)))


def is_heading_alone(text: str) -> bool:
    """Whether a text is the heading of an article without any of its words: `제15조(휴가) `."""
    found = article(text)
    return found is not None and found.title is not None and not found.rest.strip()


def number_text(number: Number) -> str:
    """(15, 2) -> `15의2`."""
    return f"{number[0]}의{number[1]}" if number[1] else str(number[0])


def article_text(number: Number) -> str:
    """(15, 2) -> `제15조의2`."""
    return f"제{number[0]}조의{number[1]}" if number[1] else f"제{number[0]}조"


def follows(last: Number, number: Number) -> bool:
    """Whether an article's number is one that can come right after another: 16 or 15의2 after 15, 15의3 after 15의2."""
    if number[1] == 0:
        return number[0] == last[0] + 1
    return number[0] == last[0] and number[1] in ((1, 2) if last[1] == 0 else (last[1] + 1,))


@functools.lru_cache(maxsize=4096)
def group(text: str) -> Group | None:
    """Read a line as the heading of a 편, 장, 절 or 관."""
    if text.startswith(_BULLETS):
        text = text[1:].lstrip()
    if not text.startswith(_NUMBERED):
        return None
    text = without_hanja(text)
    match = _GROUP.match(text)
    if not match or len(text) > 60 or _SENTENCE_END.search(text):  # noqa: PLR2004 - headings are short
        return None
    rest = re.sub(r"^\s*[.:]\s+", " ", match["rest"])
    if _GROUP_CITED.match(rest):
        return None
    level: Level = next(level for level in LEVELS if level == match["level"])
    main = match["main"] or str(ROMANS.index(match["roman"]) + 1)
    return Group(level, _number(main, match["branch"]), gathered(rest))


def roman_group(text: str) -> Group | None:
    """Read a line as `Ⅱ. 근무`, which is a chapter where an article begins below it."""
    match = _ROMAN_GROUP.fullmatch(text)
    if match is None or _SENTENCE_END.search(text):
        return None
    number = ROMANS.index(match["roman"]) + 1
    return Group("장", (number, 0), gathered(match["title"]), match["roman"])


@functools.lru_cache(maxsize=4096)
def addendum(text: str) -> str | None:
    """Return `부칙 <2024. 1. 1.>` when a line is the heading of a 부칙."""
    if not _ADDENDUM_OPENING.match(text):
        return None
    match = _ADDENDUM.fullmatch(without_hanja(text).strip())
    if match and _SENTENCE_END.search(text):
        return None
    return f"부칙 {' '.join(match['rest'].split())}".strip() if match else None


def explains(text: str) -> bool:
    """Whether a line's own words say that it explains the rule beside it: `해설`, `【해설】 …`."""
    return bool(_EXPLAINS.match(text))


def parted(text: str) -> tuple[str, str] | None:
    """Split `부칙(2024. 1. 1.) 제1조(시행일) …` or `제1장 총칙 제1조(목적) …` into heading and text."""
    match = _ADDENDUM_AND_TEXT.fullmatch(text) or _GROUP_AND_TEXT.fullmatch(text)
    return (match["heading"].strip(), match["text"]) if match else None


def gathered(text: str) -> str:
    """A title with single spaces, and without those that only spread it: `총 칙` is `총칙`; `년 월 일` stays."""
    words = text.split()
    spread = 1 < len(words) == sum(map(len, words)) and all("가" <= word <= "힣" for word in words)
    return "".join(words) if spread and not _TO_FILL_IN.issuperset(words) else " ".join(words)


def _number(main: str, branch: str | None) -> Number:
    return int(main), int(branch) if branch else 0


def _title(rest: str) -> tuple[str, str] | None:
    """Split `(휴가) ① …` into title and what follows; None when no bracket opens, or none closes."""
    if match := _BARE_TITLE.match(rest):
        name = match.lastgroup or "title"
        return gathered(match[name]), rest[match.end(name) :]
    stripped = _POINT.sub("", rest, count=1).lstrip() if rest.lstrip()[:1] in (".", ":") else rest.lstrip()
    opening = stripped[:1]
    closing = _TITLE_BRACKETS.get(opening)
    if closing is None:
        return None
    depth = 0
    for i, character in enumerate(stripped):
        depth += character == opening
        depth -= character == closing
        if depth == 0:
            title = stripped[1:i]
            after = stripped[i + 1 :]
            revised = opening in "<〈＜" and _REVISED.search(title)
            quoted = opening in "「『" and (_LAW_NAME.search(title) or _CITED_ON.match(after) or after[:1].isalpha())
            return None if revised or quoted else (gathered(title), after)
    return None

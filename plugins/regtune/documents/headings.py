"""What a heading of a Korean regulation looks like: 편·장·절·관, 조, 부칙, 별표, 별지·서식.

In: the text of one line (or paragraph). Out: what heading it could be, or None. Form only: whether a candidate can
stand where it stands is sequence.py's business, because `제9조(비밀) 제3항에 따라` at a line's start has the form too.
"""

import functools
import re
from dataclasses import dataclass
from typing import Literal

Level = Literal["편", "장", "절", "관"]
LEVELS: tuple[Level, ...] = ("편", "장", "절", "관")
Number = tuple[int, int]
"""15 -> (15, 0); 15의2 -> (15, 2)."""

_HANJA = re.compile(
    r"[\[<〈【(]?\s*(?:[제第]\s*[\d一二三四五六七八九十百]+\s*[條章編篇節款조장편절관](?:\s*之\s*[\d一二三四五六七八九十]+)?|附\s*則"
    r"|別\s*[表紙](?:\s*第?\s*[\d一二三四五六七八九十]+\s*號?)?(?:\s*書\s*式)?)"
)
_HANJA_SIGN = re.compile("[第條章編篇節款附則別表紙書式號之一二三四五六七八九十百]")
_HANJA_REACH = 30
"""Characters within which a heading has its first hanja."""
_HANJA_WORDS = str.maketrans("第條章編篇節款附則別表紙書式號之", "제조장편편절관부칙별표지서식호의")
_HANJA_NUMBER = re.compile(r"[一二三四五六七八九十百]+")
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
    r"제\s*(?P<main>\d{1,3})\s*(?P<level>[편장절관])(?:\s*의\s*(?P<branch>\d{1,2})(?!\d))?(?P<rest>.*)", re.DOTALL
)
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
    if text.startswith(_NUMBERED):
        return _article(text)
    if text.startswith(_BULLETS):
        found = _article(text[1:].lstrip())
        return found if found and found.form != "bare" and not found.cited else None
    return None


@functools.lru_cache(maxsize=4096)  # one line is looked at by many
def _article(text: str) -> Article | None:
    text = _without_hanja(text)
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


def number_text(number: Number) -> str:
    """(15, 2) -> `15의2`."""
    return f"{number[0]}의{number[1]}" if number[1] else str(number[0])


def article_text(number: Number) -> str:
    """(15, 2) -> `제15조의2`."""
    return f"제{number[0]}조의{number[1]}" if number[1] else f"제{number[0]}조"


def group(text: str) -> Group | None:
    """Read a line as the heading of a 편, 장, 절 or 관."""
    if text.startswith(_BULLETS):
        text = text[1:].lstrip()
    if not text.startswith(_NUMBERED):
        return None
    text = _without_hanja(text)
    match = _GROUP.match(text)
    if not match or len(text) > 60 or _SENTENCE_END.search(text):  # noqa: PLR2004 - headings are short
        return None
    rest = re.sub(r"^\s*[.:]\s+", " ", match["rest"])
    if _GROUP_CITED.match(rest):
        return None
    level: Level = next(level for level in LEVELS if level == match["level"])
    return Group(level, _number(match["main"], match["branch"]), gathered(rest))


def addendum(text: str) -> str | None:
    """Return `부칙 <2024. 1. 1.>` when a line is the heading of a 부칙."""
    if not _ADDENDUM_OPENING.match(text):
        return None
    match = _ADDENDUM.fullmatch(_without_hanja(text).strip())
    if match and _SENTENCE_END.search(text):
        return None
    return f"부칙 {' '.join(match['rest'].split())}".strip() if match else None


def attachment(text: str) -> Attachment | None:
    """Read a line as the heading of a 별표, 별지 or 서식; a citation of one is none."""
    if text.lstrip()[:1] not in _ATTACHMENT_OPENINGS:
        return None
    part: Literal["annex", "form"] = "annex"
    text = _LAW_FORM.sub("", _without_hanja(text), count=1)
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


def explains(text: str) -> bool:
    """Whether a line's own words say that it explains the rule beside it: `해설`, `【해설】 …`."""
    return bool(_EXPLAINS.match(text))


def _cited_loosely(rest: str, number: str | None) -> bool:
    """Without brackets only `별표 1` alone, or with a title after a blank, is a heading."""
    rest = _NUMBERED_POINT.sub("", rest, count=1)
    if not rest.strip():
        return False
    return number is None or not rest[0].isspace() or bool(_ANNEX_CITED.match(rest) or _IN_SENTENCE.search(rest))


def parted(text: str) -> tuple[str, str] | None:
    """Split `부칙(2024. 1. 1.) 제1조(시행일) …` or `제1장 총칙 제1조(목적) …` into heading and text."""
    match = _ADDENDUM_AND_TEXT.fullmatch(text) or _GROUP_AND_TEXT.fullmatch(text)
    return (match["heading"].strip(), match["text"]) if match else None


def _without_hanja(text: str) -> str:
    """`第十五條` at the start of a text as `제15조`, `附則` as `부칙`; the rest of it as it is."""
    match = _HANJA.match(text) if _HANJA_SIGN.search(text, 0, _HANJA_REACH) else None
    if match is None:
        return text
    shown = _HANJA_NUMBER.sub(lambda number: str(_hanja_number(number[0])), match[0].translate(_HANJA_WORDS))
    return shown + text[match.end() :]


def _hanja_number(number: str) -> int:
    total = digit = 0
    for character in number:
        if character in "十百":
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = "一二三四五六七八九".index(character) + 1
    return total + digit


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

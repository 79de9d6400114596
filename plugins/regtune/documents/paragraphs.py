"""Lines to paragraphs: what a wrap parted is joined, and every 항, 호 and 목 stands on a line of its own.

In: the lines of one provision, the margins of the file and its wraps. Out: paragraphs. A line goes on in the next
one when the next one's first word would not have fitted on it; an item mark opens a paragraph when its number is
the one that can come next.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from regtune.documents import headings
from regtune.documents.lines import Line
from regtune.documents.wrapping import Wraps

COLUMN_BANDS = frozenset({1, 2, 3, 4})
_EDGE_BIN = 3.0
"""Right edges of justified lines differ by less, in points."""
_EDGE_SHARE = 0.12
"""Share of lines that end at one edge when a text is justified."""
_RAGGED_PERCENTILE = 0.95
_LONG_LINES = 0.75
"""Where the longest lines end short of this share of the page, none is full."""
_STARTS_LEFT = 0.45
"""A line that starts beyond this share of the column is set to the right or centred, and is never wrapped."""
_CENTRED = 0.1
"""Share of the column that stays free on both sides of a line in its middle."""
_BLANK_EM = 0.25
_ENDS = (".", "。", ":", ";", ">", "]", "〉", "›", "】", ")")

_CIRCLED = re.compile(
    r"(?P<mark>[①-⑳㉑-㉟])(?!\s*[,ㆍ·∼~]?\s*[①-⑳]|\s*(?:항|및|또는|내지|부터)(?=\s|$)|항[에의을를은는과와])"
)
_ITEMS = (
    re.compile(r"(?P<number>\d{1,3})(?:의(?P<branch>\d+))?\.(?!\s*\d{1,2}\s*\.)(?!\d)"),
    re.compile(r"(?P<syllable>[가나다라마바사아자차카타파하])\."),
    re.compile(r"(?P<number>\d{1,2})\)"),
    re.compile(r"(?P<syllable>[가나다라마바사아자차카타파하])\)"),
    re.compile(r"\((?P<number>\d{1,2})\)"),
    re.compile(r"\((?P<syllable>[가나다라마바사아자차카타파하])\)"),
)
_OTHER_MARK = re.compile(
    r"\d{1,2}(?:\.\d{1,2}){1,3}\.?(?=\s)(?!\s*\d)|[⁰¹²³⁴⁵⁶⁷⁸⁹]+⁾? "
    r"|[⑴-⒇⒜-⒵㈀-㈛㉠-㉻](?!\s*[,·ㆍ]|의|에)|[ⅰ-ⅹ][.)]\s|\(?[a-z]\)\s"
)
"""`1.2.1` of a guideline, the mark of a footnote, `⑴`, `㉮`, `ⅰ)`, `a)`."""
_CIRCLED_NUMBERS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚㉛㉜㉝㉞㉟"
_SENTENCE_BEFORE = re.compile(r"(?:다|함|음|것)\s?\.(?:\s*[<〈‹\[][^<>〈〉‹›\[\]]*[>〉›\]])*\s*$")
"""Revision tags may stand behind it."""
_SYLLABLES = "가나다라마바사아자차카타파하"
_BULLET = re.compile(r"(?:[-–▪■□▣◆◇○●◦•※∙*ㅇ▶▷☞]|·)\s?(?=\S)(?!\d)")
_DATE_TAIL = re.compile(r"\d\s*\.$")
"""`2024. 1.⏎15.` stops inside a date."""
_CONTACT = re.compile(r"\d{2,4}-\d{3,4}-\d{4}$")
"""An office's telephone number ends its line: `044-202-7530`."""
_AFTER_SENTENCE = re.compile(r"다\.\s*(?:다만|이 경우|그러|단,|또한|이때)")


class Margins:
    """Where the columns of a file begin and end."""

    def __init__(self, lines: Sequence[Line], widths: Mapping[int, float]) -> None:
        """Learn the edges from all lines, by band and by the width of the page."""
        self._widths = {number: round(width) for number, width in widths.items()}
        grouped: dict[tuple[int, int], list[Line]] = {}
        for line in lines:
            grouped.setdefault(self._column(line), []).append(line)
        self._edges = {column: _edges(found, *column) for column, found in grouped.items()}

    def _column(self, line: Line) -> tuple[int, int]:
        return self._widths[line.page], line.band

    def reaches_edge(self, line: Line) -> bool:
        """Whether less than two characters would still have fitted on the line."""
        return line.x1 + 2 * line.size > self._edges[self._column(line)][1]

    def runs_on(self, left: Line, right: Line) -> bool:
        """Whether `right` can be the rest of `left`: its first word would not have fitted there."""
        if left.band != right.band and not {left.band, right.band} <= COLUMN_BANDS:
            return False  # a title over two columns, or another cell; the second column goes on from the first
        start, end = self._edges[self._column(left)]
        if left.x0 > start + _STARTS_LEFT * (end - start):
            return False
        text = right.text
        first_word = text.find(" ") if " " in text else len(text)
        width = (right.x1 - right.x0) * first_word / len(text)
        if left.x1 + _BLANK_EM * left.size + width <= end - 0.1 * left.size:
            return False
        if left.text[-1].isdigit() and _CONTACT.search(left.text):
            return False
        return not (_is_centred(left, start, end) and _is_centred(right, start, end))


def _is_centred(line: Line, start: float, end: float) -> bool:
    off = abs(line.x0 + line.x1 - start - end) / 2
    return off < line.size and line.x0 > start + _CENTRED * (end - start)


def _edges(lines: Sequence[Line], width: int, band: int) -> tuple[float, float]:
    """Left and right edge of a column; a page on which no line is long has margins alike."""
    left, right = _left_edge(lines), _right_edge(lines)
    if band == 0 and right < _LONG_LINES * (width - left):
        right = width - left
    return left, right


def _right_edge(lines: Sequence[Line]) -> float:
    bins = Counter(round(line.x1 / _EDGE_BIN) for line in lines)
    edge, count = max(bins.items(), key=lambda pair: (pair[1], pair[0]))
    if count >= _EDGE_SHARE * len(lines):
        return edge * _EDGE_BIN
    ends = sorted(line.x1 for line in lines)
    return ends[min(len(ends) - 1, int(_RAGGED_PERCENTILE * len(ends)))]


def _left_edge(lines: Sequence[Line]) -> float:
    starts = sorted(line.x0 for line in lines)
    return starts[len(starts) // 20]


def mid_sentence(text: str) -> bool:
    """Whether a text stops before its sentence does."""
    return not text.endswith(_ENDS)


def join_paragraphs(lines: Sequence[Line], margins: Margins, wraps: Wraps) -> list[str]:
    """Join the lines of one provision into paragraphs."""
    paragraphs: list[str] = []
    items = _Items()
    for left, line in zip((None, *lines), lines, strict=False):
        runs_on = left is not None and margins.runs_on(left, line)
        opens = items.opens(line.text, paragraphs[-1] if paragraphs else "", runs_on=runs_on)
        if left is not None and runs_on and not opens:
            paragraphs[-1] += wraps.between(left, line) + line.text
        else:
            paragraphs.append(line.text)
    return [headings.gathered(part) for part in _parted_at_numbers(paragraphs)]


def _parted_at_numbers(paragraphs: Sequence[str]) -> Iterator[str]:
    """The paragraphs, those that hold several 항 parted: at the next circled number behind the end of a sentence.

    `제1항 ②에 따른다.` and `② 또는 ③에 따른다.` cite.
    """
    last = 0
    for paragraph in paragraphs:
        begin = 0
        for match in _CIRCLED.finditer(paragraph):
            number = _CIRCLED_NUMBERS.index(match["mark"]) + 1
            before = paragraph[begin : match.start()]
            if not before or headings.is_heading_alone(before):
                last = number
            elif number == last + 1 and _SENTENCE_BEFORE.search(before) and not _inside_bracket(before):
                yield before.rstrip()
                begin, last = match.start(), number
        yield paragraph[begin:]


def looks_like_item(text: str) -> bool:
    """Whether a text starts with an item mark or a bullet, whatever its number."""
    return any(pattern.match(text) for pattern in (_CIRCLED, *_ITEMS, _BULLET))


class _Items:
    """The last number of each kind of item mark in one provision."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}

    def opens(self, text: str, before: str, *, runs_on: bool) -> bool:
        """Whether a line opens a 항, 호, 목 or bullet, given the paragraph before it."""
        if runs_on and _inside_bracket(before):
            return False
        if _CIRCLED.match(text):
            self._last.clear()
            return True
        unfinished = runs_on and (mid_sentence(before) or bool(_DATE_TAIL.search(before[-5:])))
        article = headings.article(text)
        if article and article.form == "titled" and not article.cited and not unfinished:
            return True  # an article of a contract or of a rule inside an annex
        if "가" <= text[0] <= "힣" and text[1:2] not in (".", ")"):
            return False  # no mark begins so
        for level, pattern in enumerate(_ITEMS):
            if match := pattern.match(text):
                return self._takes(level, match, text, unfinished=unfinished)
        return bool(_BULLET.match(text) or _OTHER_MARK.match(text)) and not unfinished

    def _takes(self, level: int, match: re.Match[str], text: str, *, unfinished: bool) -> bool:
        groups = match.groupdict()
        syllable = groups.get("syllable")
        ordinal = _SYLLABLES.index(syllable) + 1 if syllable else int(groups["number"])
        last = self._last.get(level, 0)
        branch = bool(groups.get("branch")) and ordinal == last
        if not branch and ordinal not in (1, last + 1) and (unfinished or syllable):
            return False
        if unfinished and syllable in ("가", "다"):  # `휴⏎가. 다만`, `한⏎다. 다만`
            return False
        if syllable and _AFTER_SENTENCE.match(text):
            return False
        self._last[level] = ordinal
        for deeper in range(level + 1, len(_ITEMS)):
            self._last.pop(deeper, None)
        return True


def _inside_bracket(text: str) -> bool:
    tail = text[-80:]
    for opening, closing in ("<>", "〈〉", "[]", "()"):
        if opening in tail and tail.rfind(opening) > tail.rfind(closing):
            return True
    return False

"""Numbers that OCR misread, told by what stands beside them: of articles, of citations, and the circled ones of 항.

In: the lines of pages read by OCR, in reading order. Out: the lines to replace. Of `제6조`, `제?조(점검자)` and `제8조`
the middle one is 제7조; of `제11조`, `제13조(폐기)` and `제13조(공개)` it is 제12조. Only a titled heading between
two that leave room for exactly one number is mended, only by as many digits as it has characters, so that every
character of the page stays accounted for. Tesseract knows no circled number: it reads ① as `0`, `(1`, `@)` and so on,
so what stands for one behind an article's title is ①, and the next such mark that opens a line is ②. Between 제 and 조,
항 or 호 stands a number: `제l2조` is 제12조, `제I항` 제1항, and what has no such reading (`제?조`) is told.
"""

import re
from collections.abc import Iterator, Sequence

from regtune.documents import headings
from regtune.documents.lines import Line

HEADING = re.compile(r"(?P<before>제\s?)(?P<number>[^\s가-힣()]{1,3})(?P<after>\s?조\s?\([^()]+\))")
_MARK = r"(?P<mark>[(@©®]{0,2}[0-9OQ@©®]{0,2}\)?|\(\))\s(?=['‘“\"「]?[가-힣])"
_FIRST = re.compile(rf"(?P<before>제\s?\d+\s?조(?:의\s?\d+)?\s?\([^()]+\)\s?){_MARK}")
_NEXT = re.compile(_MARK)
_BRACKETED = re.compile(r"\(\d\)")
"""Possibly printed so."""
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_CITED = re.compile(r"(?P<before>제\s?)(?P<number>[^\s가-힣]{1,3})(?P<after>\s?[조항호](?![가-힣]{2,}서식))")
_LOOK_ALIKES = str.maketrans("lI|!ㅣ]OoQSBZ", "111111000582")
_NUMBER_READ = re.compile(r"[1-9]\d*")
_UNREADABLE = re.compile(r"[?@#$%&*=;:¢£€©®\\^~]|^[Oo]$")
"""`제○조` is a blank that its author left; OCR reads it as O too."""
_ITEM = re.compile(r"\d{1,2}\.(?!\s?\d)")


def cited(lines: Sequence[Line]) -> Iterator[tuple[int, Line, tuple[str, ...], tuple[str, ...]]]:
    """Yield index and new line of each line with a misread number between 제 and 조, 항 or 호.

    And those numbers: as read and as they are, `제l2조 → 제12조`; and those that have no reading and stay.
    """
    for i, line in enumerate(lines):
        if line.text.isascii() or "제" not in line.text:
            continue
        right: list[str] = []
        unread: list[str] = []

        def read(match: re.Match[str], right: list[str] = right, unread: list[str] = unread) -> str:
            number = match["number"].translate(_LOOK_ALIKES)
            if number == match["number"] or not _NUMBER_READ.fullmatch(number):
                if _UNREADABLE.search(match["number"]):
                    unread.append(match[0])
                return match[0]
            now = f"{match['before']}{number}{match['after']}"
            right.append(f"{match[0]} → {now}")
            return now

        text = _CITED.sub(read, line.text)
        if right or unread:
            yield i, line._replace(text=text), tuple(right), tuple(unread)


def mended(lines: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """Yield index and new line of each heading whose number cannot be right."""
    found = [(i, number) for i, line in enumerate(lines) if (number := _number(line.text)) is not None]
    before = 0
    for place, (i, number) in enumerate(found):
        after = found[place + 1][1] if place + 1 < len(found) else 0
        right = str(before + 1)
        match = HEADING.match(lines[i].text)
        if before and match and number != before + 1 and after == before + 2 and len(match["number"]) == len(right):
            text = lines[i].text
            yield i, lines[i]._replace(text=text[: match.start("number")] + right + text[match.end("number") :])
            before += 1
        else:
            before = number


def marked(lines: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """Yield index and new line of each line whose circled number was misread."""
    firsts = [match for line in lines if (match := _FIRST.match(line.text)) and match["mark"]]
    if all(_BRACKETED.fullmatch(match["mark"]) for match in firsts):
        return
    last = 0
    for i, line in enumerate(lines):
        first = _FIRST.match(line.text)
        if first and first["mark"]:
            last = 1
            yield i, line._replace(text=first["before"] + _CIRCLED[0] + line.text[first.end("mark") :])
        elif _number(line.text) is not None:
            last = 0
        elif 0 < last < len(_CIRCLED) and _ended(lines[i - 1]) and (found := _NEXT.match(line.text)) and found["mark"]:
            yield i, line._replace(text=_CIRCLED[last] + line.text[found.end("mark") :])
            last += 1


def out_of_order(lines: Sequence[Line]) -> Iterator[tuple[int, int, int]]:
    """Yield index, number and due number of each item (`3.`) of a list that does not follow the one before it.

    A list begins anew with 1., below any article and below any 항.
    """
    last = 0
    for i, line in enumerate(lines):
        item = _ITEM.match(line.text)
        if item is None:
            last = 0 if _number(line.text) is not None or line.text.startswith(tuple(_CIRCLED)) else last
            continue
        number = int(item[0].rstrip("."))
        if number not in (1, last + 1):
            yield i, number, last + 1
            number = last + 1 if last else number
        last = number


def _ended(line: Line) -> bool:
    """Whether the next line can open a 항: after a sentence or an item of a list."""
    return line.text.endswith((".", ">", "]")) or bool(_ITEM.match(line.text))


def _number(text: str) -> int | None:
    """The number of a line that opens an article, 0 where it cannot be read, None of any other line."""
    article = headings.article(text)
    if article is not None:
        return article.number[0] if article.form != "bare" and not article.cited else None
    return 0 if HEADING.match(text) else None

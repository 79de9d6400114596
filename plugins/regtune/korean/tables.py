"""Tables in Markdown: figures with the unit that is printed once above them, and cells that can be read alone.

In: text with Markdown rows. Out: the same text, in which a bare figure of a row carries its unit; or its cells, each
with the names of its row and of its column.
"""

import re
from collections.abc import Sequence

_UNIT = re.compile(r"\(\s*단위\s*:\s*([^)\s][^)]*?)\s*\)")
_BARE_CELL = re.compile(r"(?<=\|)(\s*)(\d[\d,.]*)(\s*)(?=\|)")
_BOUNDED = re.compile(r"(?<![\d.,])(\d[\d,.]*)(?=\s*(?:이하|이상|초과|미만|이내)(?![가-힣]))")
_RULING = re.compile(r"\|(?:\s*:?-{3,}:?\s*\|)+\s*")
_FEWEST_COLUMNS = 2
_FIGURE = re.compile(r"\d(?!\d*\.\s)")
_MARKS = (re.compile(r"\d+\."), re.compile(r"[가-하]\."))
_HEAD_UNITS = (
    (re.compile(r"일수|\(일\)"), "일"),
    (re.compile(r"시간(?:수)?$|\(시간\)"), "시간"),
    (re.compile(r"인원|정원|\(명\)"), "명"),
    (re.compile(r"횟수|\(회\)"), "회"),
    (re.compile(r"금액|\(원\)"), "원"),
    (re.compile(r"비율|\(%\)"), "%"),
)
"""What a column counts, by its name: `일수` over `5`."""
_IN_BRACKETS = re.compile(
    r"\((?:[^()]*[,\s])?(?P<unit>[백천만억]*원|년|개월|월|주|일|시간|분|명|인|회|점|세|%|km|㎡|kg|건|개|박|배)\)\s*$"
)
_BARE = re.compile(r"\d[\d,.]*")


def with_units(text: str) -> str:
    """Give bare cells the unit of the last `(단위: …)` above: `| 45,000 |` under `(단위: 원)` is `| 45,000원 |`."""
    unit, lines = "", []
    for line in text.split("\n"):
        named = _UNIT.search(line)
        if named:
            unit = re.split(r"[,/]", named[1])[0].split()[-1]  # 미국 달러: the currency's last word is the unit
        is_row = bool(unit) and line.startswith("|")
        bare = _BARE_CELL.sub(rf"\g<1>\g<2>{unit}\g<3>", line)
        lines.append(_BOUNDED.sub(rf"\g<1>{unit}", bare) if is_row else line)
    return "\n".join(lines)


def cells_in(text: str) -> tuple[list[str], str]:
    """Take the tables out of a text.

    Returns:
        one line for each cell that says something of its row (`임원 일비(1일당) 45,000원`), and the text without them.
    """
    cells: list[str] = []
    rest: list[str] = []
    heads: list[str] = []
    body: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        if not line.startswith("|"):
            cells += _read_table(heads, body)
            heads, body = [], []
            rest.append(line)
        elif _RULING.fullmatch(line):
            heads = body.pop() if body else []
        else:
            body.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return cells, "\n".join(rest).rstrip("\n")


def _read_table(heads: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    width = max((len(row) for row in body), default=0)
    if width < _FEWEST_COLUMNS:
        return [cell for row in body for cell in row if cell]
    named = len(_names(body, width))
    found, group = [], ""
    for row in body:
        filled = [cell for cell in row if cell]
        if len(filled) == 1:
            group = filled[0]
            found.append(group)
            continue
        if _same_mark(row[0], group):
            group = ""
        label = " ".join(dict.fromkeys(cell for cell in (group, *row[:named]) if cell))
        words = [cell for cell in row[named:] if not _FIGURE.match(cell)]
        for column, cell in enumerate(row[named:], named):
            if cell:
                head = heads[column] if column < len(heads) else ""
                unit = _unit_of(head) if _BARE.fullmatch(cell) else ""
                remarks = words if _FIGURE.match(cell) else ()
                name = _IN_BRACKETS.sub("", head).strip() if unit else head
                found.append(" ".join(part for part in (label, name, cell + unit, *remarks) if part))
    return found


def _same_mark(name: str, group: str) -> bool:
    """Whether a row is of the same rank as the row above it that names a group: `4. …` after `3. …`."""
    return any(pattern.match(name) and pattern.match(group) for pattern in _MARKS)


def _unit_of(head: str) -> str:
    named = _IN_BRACKETS.search(head)
    if named:
        return "개월" if named["unit"] == "월" else named["unit"]
    return next((unit for pattern, unit in _HEAD_UNITS if pattern.search(head)), "")


def _names(body: Sequence[Sequence[str]], width: int) -> list[int]:
    """The leading columns that name a row: those before the first column of figures, at least one, never all."""
    counted = (
        c
        for pattern in (_FIGURE.match, _FIGURE.search)
        for c in range(width)
        if sum(bool(pattern(row[c])) for row in body if c < len(row)) > len(body) / 2
    )
    figures = next(counted, 1)
    return list(range(max(1, min(figures, width - 1))))

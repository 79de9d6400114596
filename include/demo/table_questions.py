"""Questions about a table of an annex (별표), which the prompt shows as Markdown.

In: the article and one of its rows. Out: Drafts: one for each figure of the row, and one for the row as a whole.
"""

import re
from dataclasses import dataclass

from article import Article
from fact_questions import Draft
from quantity_questions import asked_in_place
from wording import with_particle

_PLAIN_HEADS = ("구분", "대상", "항목", "비위의 유형", "")
_UNIT = re.compile(r"\(단위: ?(?:미국 )?(원|달러|천원|만원)\)")
_BARE_FIGURE = re.compile(r"^\d[\d,.]*$")


@dataclass(frozen=True)
class Row:
    """One row, read with its table's head."""

    keys: tuple[tuple[str, str], ...]
    """(head, cell) of the columns that name the row."""
    values: tuple[tuple[str, str], ...]


def is_row(text: str) -> bool:
    """Whether a passage is a row of a table."""
    return text.startswith("|")


def row_drafts(article: Article, line: str) -> list[Draft]:
    """Return what can be asked about a row; nothing about the head, or a row without a cell of its own."""
    row = _read(article.text, line)
    if row is None or not row.values or not row.keys[0][1]:
        return []
    label = ", ".join(cell if head in _PLAIN_HEADS else f"{head} {cell}" for head, cell in row.keys)
    unit = _UNIT.search(article.text)
    drafts = []
    for head, cell in row.values:
        stated = f"{cell}{unit[1]}" if unit and _BARE_FIGURE.match(cell) else cell
        asked = "얼마" if stated != cell else asked_in_place(re.sub(r"^1(?=\D)", "2", cell))  # a one looks like a rate
        if asked != stated:
            subject = with_particle(f"‘{label}’에 해당하는 {head}", "은/는")
            answer = f"{article.cited}에 따라 {subject} {stated}입니다."
            drafts.append(Draft(f"{article.title}에서 {subject} {asked}인가요?", answer, line))
    same = {cell for _, cell in row.values}
    stated = (
        f"모두 {same.pop()}"
        if len(same) == 1 and len(row.values) > 1
        else ", ".join(
            f"{with_particle(head, '은/는')} {cell}{unit[1] if unit and _BARE_FIGURE.match(cell) else ''}"
            for head, cell in row.values
        )
    )
    whole = Draft(
        f"{article.title}에서 ‘{label}’에 해당하면 어떻게 정해져 있나요?",
        f"{article.cited}에 따라 ‘{label}’에 해당하면 {stated}입니다.",
        line,
    )
    return drafts or [whole]


def _read(text: str, line: str) -> Row | None:
    table = [_cells(row) for row in text.split("\n") if row.lstrip().startswith("|")]
    cells = _cells(line)
    rulings = [index for index, row in enumerate(table) if all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    if not rulings or rulings[0] == 0 or cells not in table[rulings[0] + 1 :]:
        return None
    head = table[rulings[0] - 1]
    body = [row for row in table[rulings[0] + 1 :] if len(row) == len(head)]
    if len(cells) != len(head) or sum(bool(cell) for cell in cells) < 2:  # noqa: PLR2004 - a name and a value
        return None
    named = next((i for i in range(1, len(head)) if any(re.search(r"\d", row[i]) for row in body)), 1)
    pairs = [(name, re.sub(r"^(?:\d+|[가-하])\.\s", "", cell)) for name, cell in zip(head, cells, strict=True)]
    return Row(tuple(pairs[:named]), tuple(pair for pair in pairs[named:] if pair[1]))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]

"""The dataset as a spreadsheet that HR reads and decides in, and what came back in it.

In: rows with their checks and articles. Out: an .xlsx with the sheets 검토 (one row a pair) and 안내 (how to fill it
in, and which dataset it shows); from a filled-in one the decisions, each with its cell. Texts are stored as texts: one
that begins like a formula stays what it is. Nothing but 결정, 수정 질문, 수정 답변 and 메모 is taken from the sheet.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regtune.contracts import Decision
from regtune.errors import PrerequisiteMissingError, UnusableInputError

SHEET, GUIDE = "검토", "안내"
DATASET_LABEL = "데이터셋 지문(고치지 마세요)"
COLUMNS = (
    ("번호", 14),
    ("구분", 10),
    ("유형", 10),
    ("질문", 38),
    ("답변", 48),
    ("조문", 18),
    ("조문 내용", 60),
    ("검사 결과", 10),
    ("검사 사유", 28),
    ("결정", 9),
    ("수정 질문", 38),
    ("수정 답변", 48),
    ("메모", 28),
)
"""Heading and width in characters."""
DECISIONS: dict[str, Decision] = {"채택": "accept", "수정": "edit", "제외": "exclude"}
_FILLED_IN = ("결정", "수정 질문", "수정 답변", "메모")
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_MOST_CHARACTERS = 32_000
_MOST_BYTES = 50 * 2**20
_CUT = "…(이하 줄임)"
_OLE = b"\xd0\xcf\x11\xe0"
_RED, _GREEN, _HEAD, _INPUT = "FDE8E6", "E5F4E9", "DDE5F0", "FFFBE6"
_HELP = (
    "1. ‘검토’ 시트에서 한 줄이 질문·답변 한 쌍입니다. 붉은 줄은 자동 검사에서 걸린 것입니다.",
    "2. ‘결정’ 칸에서 채택·수정·제외 가운데 하나를 고릅니다. 비워 두면 결정하지 않은 것으로 보고 그대로 둡니다.",
    "3. ‘수정’을 고르면 ‘수정 질문’이나 ‘수정 답변’에 고친 글을 적습니다. 원래 질문·답변 칸은 고치지 않습니다.",
    "4. ‘제외’한 쌍은 데이터셋에서 빠지고 자동으로 채워지지 않습니다. 유형별로 정한 비율 안에서만 뺄 수 있습니다.",
    "5. 줄을 지우거나 더하지 않습니다. 저장한 파일을 담당자에게 돌려주면 다시 검사합니다.",
)


@dataclass(frozen=True)
class SheetRow:
    """One pair as the sheet shows it."""

    qa_id: str
    part: str
    type: str
    question: str
    answer: str
    article: str
    article_text: str
    passed: bool | None
    """None where no check looked at it."""
    reasons: str


@dataclass(frozen=True)
class Answered:
    """One row that came back."""

    row: int
    qa_id: str
    question: str
    answer: str
    decision: str
    new_question: str
    new_answer: str
    note: str

    def cell(self, column: str) -> str:
        """Name a cell of this row: `검토!F12`."""
        return cell_name(column, self.row)


def cell_name(column: str, row: int) -> str:
    """Name a cell by its column's heading: `검토!F12`."""
    letter = chr(ord("A") + [name for name, _ in COLUMNS].index(column))
    return f"{SHEET}!{letter}{row}"


def write_sheet(path: Path, rows: Sequence[SheetRow], run_name: str, dataset_sha256: str) -> None:
    """Write the workbook to `path`."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet: Any = book.active
    sheet.title = SHEET
    sheet.append([name for name, _ in COLUMNS])
    wrapped = Alignment(wrap_text=True, vertical="top")
    for column, (_, width) in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        head = sheet.cell(1, column)
        head.font, head.fill, head.alignment = Font(bold=True), PatternFill("solid", _HEAD), wrapped
    for number, row in enumerate(rows, 2):
        verdict = {True: "통과", False: "걸림", None: "검사 안 함"}[row.passed]
        shown = (row.qa_id, row.part, row.type, row.question, row.answer, row.article, row.article_text, verdict)
        fill = PatternFill("solid", _RED if row.passed is False else _GREEN)
        for column, (name, _) in enumerate(COLUMNS, 1):
            cell = sheet.cell(number, column)
            if name not in _FILLED_IN:
                _put(cell, (*shown, row.reasons)[column - 1])
            cell.alignment = wrapped
            cell.fill = PatternFill("solid", _INPUT) if name in _FILLED_IN else fill
    last = len(rows) + 1
    choice = DataValidation(type="list", formula1=f'"{",".join(DECISIONS)}"', allow_blank=True, showErrorMessage=True)
    choice.error, choice.errorTitle = "채택, 수정, 제외 가운데 하나를 고르거나 비워 두세요.", "결정"
    sheet.add_data_validation(choice)
    choice.add(f"{cell_name('결정', 2).split('!')[1]}:{cell_name('결정', max(last, 2)).split('!')[1]}")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{last}"
    guide = book.create_sheet(GUIDE)
    for line in (*((text, "") for text in _HELP), ("", ""), ("실행", run_name), (DATASET_LABEL, dataset_sha256)):
        guide.append(list(line))
    guide.column_dimensions["A"].width, guide.column_dimensions["B"].width = 90, 70
    book.save(path)


def read_sheet(path: Path) -> tuple[str, list[Answered]]:
    """Return the sha256 of the dataset that the sheet shows, and its rows in order.

    Raises:
        UnusableInputError: no workbook, a sheet or column is missing, or a cell holds a formula; the cell is named.
        PrerequisiteMissingError: no such file.
    """
    book = _opened(path)
    missing = [name for name in (SHEET, GUIDE) if name not in book.sheetnames]
    if missing:
        raise UnusableInputError(f"{path}: 시트 {', '.join(missing)}이(가) 없습니다; 내보낸 파일을 그대로 채워 주세요.")
    labels = {str(row[0].value or "").strip(): row[1].value for row in book[GUIDE].iter_rows(max_col=2)}
    sheet = book[SHEET]
    heads = [str(cell.value or "").strip() for cell in next(sheet.iter_rows(min_row=1, max_row=1), ())]
    absent = [cell_name(name, 1) + f"({name})" for name, _ in COLUMNS if name not in heads]
    if absent:
        raise UnusableInputError(f"{path}: 열 이름이 없습니다: {', '.join(absent)}; 첫 줄을 원래대로 되돌려 주세요.")
    places = {name: heads.index(name) for name, _ in COLUMNS}
    rows = list(_rows(path, sheet, places))
    if not rows:
        raise UnusableInputError(f"{path}: {SHEET} 시트에 줄이 하나도 없습니다; 다시 내보내 채워 주세요.")
    return str(labels.get(DATASET_LABEL) or ""), rows


def shown_as(text: str) -> str:
    """A text as it stands in a cell: without characters that a workbook cannot hold, cut at Excel's limit."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + _CUT


def same_text(one: str, other: str) -> bool:
    """Whether two cells read the same; Excel changes line ends and outer spaces."""
    return re.sub(r"\s+", " ", one).strip() == re.sub(r"\s+", " ", other).strip()


def _put(cell: Any, text: str) -> None:  # noqa: ANN401 - openpyxl has no types
    cell.value = shown_as(text)
    cell.data_type = "s"  # openpyxl takes what begins with = for a formula
    if text.startswith(_FORMULA_START):
        cell.quotePrefix = True  # and Excel would when the cell is edited


def _rows(path: Path, sheet: Any, places: dict[str, int]) -> Iterator[Answered]:  # noqa: ANN401 - the same
    for cells in sheet.iter_rows(min_row=2):
        formula = next((name for name in _FILLED_IN if _cell(cells, places[name]).data_type == "f"), None)
        row = cells[0].row
        if formula is not None:
            where = f"{SHEET}!{_cell(cells, places[formula]).coordinate}"
            raise UnusableInputError(f"{path}: {where}: 수식이 있습니다; 글자로 다시 적어 주세요.")
        read = {name: _text_of(_cell(cells, place).value) for name, place in places.items()}
        if any(read.values()):
            yield Answered(
                row=row,
                qa_id=read["번호"],
                question=read["질문"],
                answer=read["답변"],
                decision=read["결정"],
                new_question=read["수정 질문"],
                new_answer=read["수정 답변"],
                note=read["메모"],
            )


def _cell(cells: Sequence[Any], place: int) -> Any:  # noqa: ANN401 - the same
    return cells[place]


def _text_of(value: object) -> str:
    return "" if value is None else str(value).replace("_x000D_", "").strip()


def _opened(path: Path) -> Any:  # noqa: ANN401 - the same
    try:
        with path.open("rb") as file:
            head = file.read(len(_OLE))
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise PrerequisiteMissingError(f"{path}: 파일이 없습니다; 경로를 확인해 주세요.") from error
    if not head:
        raise UnusableInputError(f"{path}: 빈 파일입니다; 다시 내보내 채워 주세요.")
    if head == _OLE:
        raise UnusableInputError(f"{path}: 암호가 걸렸거나 옛 .xls 파일입니다; 암호를 풀고 .xlsx로 저장해 주세요.")
    if size > _MOST_BYTES:
        raise UnusableInputError(f"{path}: {size // 2**20} MiB로 너무 큽니다; 그림 등을 빼고 저장해 주세요.")
    import openpyxl

    try:
        return openpyxl.load_workbook(path)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, SyntaxError, OSError) as error:
        name = type(error).__name__
        raise UnusableInputError(
            f"{path}: .xlsx로 읽을 수 없습니다({name}); 엑셀에서 .xlsx로 저장해 주세요."
        ) from error

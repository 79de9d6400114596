"""`regtune review`: the dataset out to people as a spreadsheet, and their decisions back.

In: a run folder; a filled-in .xlsx. Out: an .xlsx; or the reviewed dataset in the run folder, checked and judged anew.
"""

import argparse
from collections import Counter
from pathlib import Path

from regtune.contracts import Review
from regtune.errors import PrerequisiteMissingError
from regtune.hosts.packages import missing_packages
from regtune.qa.review import export_review, import_review
from regtune.stage_table import STAGES
from regtune.stages import run_stage

_AGAIN = ("validate", "gate")
_PACKAGES = ("openpyxl",)


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    review = commands.add_parser("review", help="the dataset out to people as a spreadsheet, their decisions back")
    actions = review.add_subparsers(required=True, metavar="ACTION")
    out = actions.add_parser("export", help="write the pairs with their checks as an .xlsx to decide in")
    out.add_argument("run_dir", type=Path, metavar="RUN_FOLDER")
    out.add_argument("--out", type=Path, required=True, metavar="FILE.xlsx")
    out.set_defaults(act=act_export)
    back = actions.add_parser("import", help="apply a filled-in .xlsx, then validate and judge again")
    back.add_argument("run_dir", type=Path, metavar="RUN_FOLDER")
    back.add_argument("sheet", type=Path, metavar="FILE.xlsx")
    back.add_argument("--by", required=True, metavar="NAME", help="who decided; kept in review.json")
    back.set_defaults(act=act_import)


def act_export(arguments: argparse.Namespace) -> None:
    """Write the sheet."""
    _need_packages()
    rows = export_review(arguments.run_dir, arguments.out)
    print(f"{arguments.out}: 질문·답변 {rows}쌍을 내보냈습니다. ‘안내’ 시트에 채우는 방법이 있습니다.")  # noqa: T201


def act_import(arguments: argparse.Namespace) -> None:
    """Apply the sheet, say what it did in one line, and check the dataset again.

    Raises:
        PrerequisiteMissingError: the review is applied, but this machine cannot run validate.
        GateRefusedError: the reviewed dataset does not pass.
    """
    _need_packages()
    run_dir: Path = arguments.run_dir
    review = import_review(run_dir, arguments.sheet, arguments.by)
    print(_summary(review))  # noqa: T201
    absent = [name for stage in _AGAIN for name in missing_packages(STAGES[stage].packages)]
    if absent:
        again = " && ".join(f"python -m regtune {stage} {run_dir}" for stage in _AGAIN)
        raise PrerequisiteMissingError(
            f"{run_dir}: the review is applied, but not checked: not installed here: "
            f"{', '.join(dict.fromkeys(absent))}; on a machine with include/hosts/requirements-cpu.txt run: {again}"
        )
    for stage in _AGAIN:
        run_stage(stage, run_dir)


def _summary(review: Review) -> str:
    counts = Counter(row.decision for row in review.rows)
    decided = f"채택 {counts['accept']}, 수정 {counts['edit']}, 제외 {counts['exclude']}쌍"
    line = f"검토 {review.number}({review.reviewer}): {decided}."
    if counts["exclude"]:
        line += (
            " 제외한 쌍은 데이터셋에서 빠지며 다른 쌍으로 채우지 않습니다. "
            "유형별로 gate.max_review_excluded_share까지는 그만큼 적어도 통과할 수 있고, 넘으면 새로 생성해야 합니다."
        )
    return line


def _need_packages() -> None:
    absent = missing_packages(_PACKAGES)
    if absent:
        raise PrerequisiteMissingError(f"review: not installed here: {', '.join(absent)}; install requirements.txt.")

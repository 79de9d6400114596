"""People decide about a dataset: out as a spreadsheet, back as a dataset that every later stage reads.

In: a run folder after generate, with validate's checks where they are there; a filled-in sheet. Out: qa_pairs.jsonl
and evaluation_pool.jsonl with the decisions applied, review.json, and reviews/<n>/ with the sheet and what it replaced.
What was made from the earlier dataset (checks, verdict, parts) moves there too, so that validate and gate start anew
and nothing trains on what a person took out; generate stays finished, for its dataset is now the reviewed one.
"""

import logging
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from regtune.artifacts import (
    RUN_FILE,
    file_record,
    load_spec,
    manifest_path,
    read_json,
    read_jsonl,
    read_manifest,
    replacing,
    sha256_of_file,
    sha256_of_json,
    write_json,
    write_jsonl,
)
from regtune.contracts import Chunk, QACheck, QAPair, Review, ReviewedRow, RunHead
from regtune.errors import ConfigurationError, PrerequisiteMissingError, UnusableInputError
from regtune.korean.normalise import contains_span
from regtune.qa.gate_rows import article_of
from regtune.qa.reasons import in_korean
from regtune.qa.review_sheet import (
    DECISIONS,
    Answered,
    SheetRow,
    cell_name,
    read_sheet,
    same_text,
    shown_as,
    write_sheet,
)

_log = logging.getLogger(__name__)
PAIRS, POOL, REVIEW = "qa_pairs.jsonl", "evaluation_pool.jsonl", "review.json"
_MADE_FROM_IT = (
    "qa_checks.jsonl",
    "duplicates.jsonl",
    "gate_report.json",
    *("train.jsonl", "validation.jsonl", "test.jsonl"),
    *(f"{stage}.manifest.json" for stage in ("validate", "gate", "split")),
)
_MOST_FAULTS = 10
_BY_PERSON = "reviewer"
_TYPES = {"lookup": "사실 조회", "procedure": "절차", "negative": "부정"}


def export_review(run_dir: Path, out: Path) -> int:
    """Write the dataset of a run folder, whichever version opened it, as a spreadsheet; returns its rows, failed first.

    Raises:
        PrerequisiteMissingError: run.json, pairs or chunks are not there.
        ConfigurationError: `out` is no .xlsx.
    """
    if out.suffix.lower() != ".xlsx":
        raise ConfigurationError(f"{out}: the name has to end in .xlsx.")
    head, (pairs, pool, chunks) = read_json(run_dir / RUN_FILE, RunHead), _read(run_dir)
    checks_file = run_dir / "qa_checks.jsonl"
    checks = {c.qa_id: c for c in read_jsonl(checks_file, QACheck)} if checks_file.exists() else {}
    rows = [
        _sheet_row(pair, part, chunks.get(pair.chunk_id), checks.get(pair.qa_id))
        for part, some in (("데이터셋", pairs), ("평가 풀", pool))
        for pair in some
    ]
    rows.sort(key=lambda row: row.passed is not False)  # stable: what failed comes first
    with replacing(out) as temporary:
        write_sheet(temporary, rows, head.run_name, dataset_sha256(run_dir))
    return len(rows)


def import_review(run_dir: Path, sheet: Path, reviewer: str) -> Review:
    """Apply a filled-in sheet to the run folder.

    Raises:
        UnusableInputError: the sheet shows another dataset, or a cell cannot be used; nothing is changed.
        ConfigurationError: nobody is named as the reviewer.
    """
    if not reviewer.strip():
        raise ConfigurationError("--by: give the reviewer's name.")
    load_spec(run_dir)
    pairs, pool, chunks = _read(run_dir)
    shown, answered = read_sheet(sheet)
    before = dataset_sha256(run_dir)
    if shown != before:
        raise UnusableInputError(
            f"{sheet}: 다른 데이터셋의 검토 파일입니다(파일 {shown[:12] or '없음'}, 지금 {before[:12]}); "
            "지금 데이터셋을 다시 내보내 검토해 주세요."
        )
    faults = _faults(answered, {pair.qa_id: pair for pair in (*pairs, *pool)}, chunks)
    if faults:
        more = f" 외 {len(faults) - _MOST_FAULTS}건" if len(faults) > _MOST_FAULTS else ""
        raise UnusableInputError(f"{sheet}: {'; '.join(faults[:_MOST_FAULTS])}{more}")
    decided = {row.qa_id: row for row in answered if row.decision}
    number = _next_number(run_dir)
    folder = run_dir / "reviews" / str(number)
    _keep(run_dir, folder, sheet)
    for name, some in ((PAIRS, pairs), (POOL, pool)):
        if (run_dir / name).exists():
            write_jsonl(run_dir / name, _applied(some, decided))
    review = Review(
        number=number,
        reviewer=reviewer.strip(),
        imported_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        sheet_sha256=sha256_of_file(sheet),
        reviewed_sha256=before,
        result_sha256=dataset_sha256(run_dir),
        rows=_reviewed(run_dir, pairs, pool, decided),
    )
    write_json(folder / REVIEW, review)
    write_json(run_dir / REVIEW, review)
    _follow(run_dir)
    return review


def dataset_sha256(run_dir: Path) -> str:
    """Hash of the pairs and the evaluation pool."""
    return sha256_of_json([sha256_of_file(run_dir / name) for name in (PAIRS, POOL) if (run_dir / name).exists()])


def _read(run_dir: Path) -> tuple[list[QAPair], list[QAPair], dict[str, Chunk]]:
    pairs = read_jsonl(run_dir / PAIRS, QAPair)
    pool = read_jsonl(run_dir / POOL, QAPair) if (run_dir / POOL).exists() else []
    if not pairs and not pool:
        raise PrerequisiteMissingError(f"{run_dir / PAIRS}: holds no pair to review; run generate first.")
    return pairs, pool, {chunk.chunk_id: chunk for chunk in read_jsonl(run_dir / "chunks.jsonl", Chunk)}


def _sheet_row(pair: QAPair, part: str, chunk: Chunk | None, check: QACheck | None) -> SheetRow:
    return SheetRow(
        qa_id=pair.qa_id,
        part=part,
        type=_TYPES[pair.type],
        question=pair.question,
        answer=pair.answer,
        article=article_of(chunk) if chunk else "(조문 없음)",
        article_text=chunk.text if chunk else "",
        passed=check.passed if check else None,
        reasons=", ".join(in_korean(reason) for reason in check.reasons) if check else "",
    )


def _faults(answered: Sequence[Answered], pairs: Mapping[str, QAPair], chunks: Mapping[str, Chunk]) -> list[str]:
    """What is wrong with the sheet, cell by cell, with what to do."""
    faults: list[str] = []
    seen: dict[str, int] = {}
    for row in answered:
        pair = pairs.get(row.qa_id)
        if pair is None:
            faults.append(
                f"{row.cell('번호')}: 데이터셋에 없는 번호 ‘{row.qa_id}’; 원래 번호로 되돌리거나 줄을 지워 주세요"
            )
        elif row.qa_id in seen:
            first = cell_name("번호", seen[row.qa_id])
            faults.append(f"{row.cell('번호')}: {first}과 같은 번호 ‘{row.qa_id}’; 한 줄만 남겨 주세요")
        else:
            faults += _faults_of(row, pair, chunks.get(pair.chunk_id))
        seen.setdefault(row.qa_id, row.row)
    missing = [qa_id for qa_id in pairs if qa_id not in seen]
    if missing:
        faults.append(
            f"검토!A: {len(missing)}개 줄이 없어졌습니다({missing[0]} 등); 줄을 지우지 말고 ‘제외’를 골라 주세요"
        )
    return faults


def _faults_of(row: Answered, pair: QAPair, chunk: Chunk | None) -> list[str]:
    faults = [
        f"{row.cell(column)}: 원래 {column}이 바뀌었습니다; 되돌리고 ‘수정 {column}’에 적어 주세요"
        for column, now, was in (("질문", row.question, pair.question), ("답변", row.answer, pair.answer))
        if not same_text(now, shown_as(was))
    ]
    changed = [
        new
        for new, was in ((row.new_question, pair.question), (row.new_answer, pair.answer))
        if new and not same_text(new, was)
    ]
    if row.decision and row.decision not in DECISIONS:
        faults.append(f"{row.cell('결정')}: ‘{row.decision}’은(는) 쓸 수 없습니다; 채택·수정·제외 가운데 골라 주세요")
    elif row.decision == "수정" and not changed:
        faults.append(f"{row.cell('수정 답변')}: 고친 글이 없습니다; ‘수정 질문’이나 ‘수정 답변’에 적어 주세요")
    elif row.decision != "수정" and changed:
        faults.append(f"{row.cell('결정')}: 고친 글이 있는데 ‘수정’이 아닙니다; ‘수정’을 고르거나 글을 지워 주세요")
    gone = chunk is None or (pair.evidence is not None and not contains_span(chunk.text, pair.evidence))
    if row.decision in ("채택", "수정") and gone:
        faults.append(
            f"{row.cell('조문 내용')}: 근거가 조문에 없습니다; ‘제외’를 고르거나 데이터셋을 다시 만들어 주세요"
        )
    return faults


def _applied(pairs: Sequence[QAPair], decided: Mapping[str, Answered]) -> list[QAPair]:
    """The pairs that stay, in their order."""
    left = []
    for pair in pairs:
        row = decided.get(pair.qa_id)
        decision = DECISIONS[row.decision] if row else None
        if row is not None and decision == "edit":
            texts = {"question": row.new_question or pair.question, "answer": row.new_answer or pair.answer}
            left.append(pair.model_copy(update={**texts, "model": _BY_PERSON}))
        elif decision != "exclude":
            left.append(pair)
    return left


def _reviewed(
    run_dir: Path, pairs: Sequence[QAPair], pool: Sequence[QAPair], decided: Mapping[str, Answered]
) -> tuple[ReviewedRow, ...]:
    rows = {row.qa_id: row for row in read_json(run_dir / REVIEW, Review).rows} if (run_dir / REVIEW).exists() else {}
    for in_pool, some in ((False, pairs), (True, pool)):
        for pair in some:
            row = decided.get(pair.qa_id)
            if row is not None:
                rows[pair.qa_id] = ReviewedRow(
                    qa_id=pair.qa_id,
                    type=pair.type,
                    pool=in_pool,
                    decision=DECISIONS[row.decision],
                    note=row.note,
                )
    return tuple(rows[qa_id] for qa_id in sorted(rows))


def _next_number(run_dir: Path) -> int:
    folders = (run_dir / "reviews").glob("*") if (run_dir / "reviews").is_dir() else ()
    return max((int(folder.name) for folder in folders if folder.name.isdecimal()), default=0) + 1


def _keep(run_dir: Path, folder: Path, sheet: Path) -> None:
    """Copy what is about to be replaced, then move away what was made from it."""
    folder.mkdir(parents=True)
    shutil.copyfile(sheet, folder / "sheet.xlsx")
    for name in (PAIRS, POOL, "generate.manifest.json"):
        if (run_dir / name).exists():
            shutil.copyfile(run_dir / name, folder / name)
    for name in _MADE_FROM_IT:
        if (run_dir / name).exists():
            (run_dir / name).replace(folder / name)


def _follow(run_dir: Path) -> None:
    """Let generate's manifest name the reviewed files: asked again, it would put back what a person changed."""
    manifest = read_manifest(run_dir, "generate")
    if manifest is not None:
        outputs = {name: file_record(run_dir / name) for name in manifest.outputs}
        write_json(manifest_path(run_dir, "generate"), manifest.model_copy(update={"outputs": outputs}))

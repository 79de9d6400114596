"""A dataset goes out to people as a spreadsheet and comes back with their decisions, or is refused by the cell."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl  # noqa: TID253 - a test may
import pytest

from regtune.artifacts import file_record, manifest_path, read_json, read_jsonl, read_manifest, write_json, write_jsonl
from regtune.cli import main
from regtune.contracts import Chunk, Manifest, QACheck, QAPair, Review
from regtune.errors import RegtuneError
from regtune.qa.review import dataset_sha256, export_review, import_review

TOPICS = ("병가", "외출", "출장", "당직")
FORMULA = "=1+1은 며칠 전까지 신청해야 합니까?"


def _pair(number: int) -> QAPair:
    topic = TOPICS[number]
    return QAPair(
        qa_id=f"q{number}",
        type="lookup",
        question=FORMULA if number == 3 else f"{topic}은 며칠 전까지 신청해야 합니까?",
        answer="-3일 전까지" if number == 3 else f"{number + 1}일 전까지 신청합니다.",
        chunk_id=f"c{number}",
        evidence=f"{topic}은 {number + 1}일 전까지 신청하여야 한다.",
        model="m",
        prompt_sha256="",
        request_sha256="",
    )


def _chunk(number: int) -> Chunk:
    text = f"제{number + 1}조({TOPICS[number]}) {TOPICS[number]}은 {number + 1}일 전까지 신청하여야 한다.\x0b"
    return Chunk(
        chunk_id=f"c{number}",
        regulation_id="rules",
        regulation_title="취업규칙",
        article=f"제{number + 1}조",
        path=(),
        text=text,
        token_count=10,
        page_first=1,
        page_last=1,
        text_sha256="",
    )


@pytest.fixture
def reviewed(run_dir: Path) -> Path:
    """A run folder with three pairs, one of which failed, and a pool of one."""
    write_jsonl(run_dir / "qa_pairs.jsonl", [_pair(number) for number in range(3)])
    write_jsonl(run_dir / "evaluation_pool.jsonl", [_pair(3)])
    write_jsonl(run_dir / "qa_rejected.jsonl", [])
    write_jsonl(run_dir / "chunks.jsonl", [_chunk(number) for number in range(4)])
    bad = {1: ("wrong_number",)}
    checks = [QACheck(qa_id=f"q{n}", passed=n not in bad, reasons=bad.get(n, ()), figures={}) for n in range(4)]
    write_jsonl(run_dir / "qa_checks.jsonl", checks)
    outputs = ("qa_pairs.jsonl", "qa_rejected.jsonl", "evaluation_pool.jsonl")
    manifest = Manifest(
        stage="generate",
        run_name="",
        spec_sha256="",
        inputs={},
        outputs={name: file_record(run_dir / name) for name in outputs},
        counts={},
        tokens={},
        seconds=0.0,
        started_at="",
        versions={},
    )
    write_json(manifest_path(run_dir, "generate"), manifest)
    return run_dir


Fill = Callable[[Mapping[str, object]], Path]


@pytest.fixture
def fill(reviewed: Path, tmp_path: Path) -> Fill:
    """Export the sheet, write cells by name, save it."""

    def write(cells: Mapping[str, object]) -> Path:
        path = tmp_path / "sheet.xlsx"
        export_review(reviewed, path)
        book = openpyxl.load_workbook(path)
        for name, value in cells.items():
            book["검토"][name] = value
        book.save(path)
        return path

    return write


def test_a_run_that_another_version_opened_can_be_reviewed(reviewed: Path, tmp_path: Path) -> None:
    """A setting that this version does not know in run.json keeps no dataset from the people who decide about it."""
    recipe = json.loads((reviewed / "run.json").read_text(encoding="utf-8"))
    recipe["config"]["train"]["next_setting"] = recipe["config"]["train"].pop("epochs")
    (reviewed / "run.json").write_text(json.dumps(recipe), encoding="utf-8")
    assert export_review(reviewed, tmp_path / "sheet.xlsx") == 4


def test_the_sheet_shows_what_hr_decides_by(fill: Fill) -> None:
    """Failed rows first, reasons in Korean, the article's text, a drop-down, a frozen head; no text is a formula."""
    sheet: Any = openpyxl.load_workbook(fill({}))["검토"]
    first = [cell.value for cell in sheet[2]]
    assert first[0] == "q1"
    assert first[7:9] == ["걸림", "숫자가 조문과 다름"]
    assert "2일 전까지 신청하여야 한다." in first[6]
    assert sheet.freeze_panes == "B2"
    assert [rule.formula1 for rule in sheet.data_validations.dataValidation] == ['"채택,수정,제외"']
    assert sheet["D5"].value == FORMULA
    assert sheet["D5"].quotePrefix
    assert sheet["A2"].fill.fgColor.rgb != sheet["A3"].fill.fgColor.rgb
    assert sheet["D2"].alignment.wrap_text
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_decisions_become_the_dataset(reviewed: Path, fill: Fill) -> None:
    """Excluded rows go, mended ones change, who and when is kept, and the earlier dataset with what came of it."""
    before = dataset_sha256(reviewed)
    sheet = fill({"J2": "제외", "J3": "수정", "L3": "1일 전까지 신청해야 합니다.", "J4": "채택", "M4": "좋음"})
    review = import_review(reviewed, sheet, " 김인사 ")
    pairs = read_jsonl(reviewed / "qa_pairs.jsonl", QAPair)
    assert [pair.qa_id for pair in pairs] == ["q0", "q2"]
    assert (pairs[0].answer, pairs[0].question) == ("1일 전까지 신청해야 합니다.", _pair(0).question)
    assert read_json(reviewed / "review.json", Review) == review
    assert (review.reviewer, review.reviewed_sha256) == ("김인사", before)
    assert review.result_sha256 == dataset_sha256(reviewed)
    assert {row.qa_id: row.decision for row in review.rows} == {"q0": "edit", "q1": "exclude", "q2": "accept"}
    assert read_jsonl(reviewed / "reviews" / "1" / "qa_pairs.jsonl", QAPair)[1] == _pair(1)
    assert not (reviewed / "qa_checks.jsonl").exists()
    assert (reviewed / "reviews" / "1" / "qa_checks.jsonl").exists()


def test_generate_stays_finished_after_a_review(reviewed: Path, fill: Fill) -> None:
    """Its manifest names the reviewed files, so that the chain run again does not put back what a person took out."""
    import_review(reviewed, fill({"J2": "제외"}), "김인사")
    manifest = read_manifest(reviewed, "generate")
    assert manifest is not None
    assert all(file_record(reviewed / name) == record for name, record in manifest.outputs.items())


def test_a_second_review_adds_to_the_first(reviewed: Path, fill: Fill) -> None:
    """It is exported anew; earlier decisions stay known, and each review has its folder."""
    import_review(reviewed, fill({"J2": "제외"}), "김인사")
    review = import_review(reviewed, fill({"J2": "채택"}), "박인사")
    assert (review.number, review.reviewer) == (2, "박인사")
    assert {row.decision for row in review.rows} == {"exclude", "accept"}
    assert (reviewed / "reviews" / "2" / "sheet.xlsx").exists()


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        pytest.param({"A2": "없는 번호"}, "검토!A2", id="unknown-id"),
        pytest.param({"A3": "q1"}, "검토!A3", id="duplicate-id"),
        pytest.param({"J2": "보류"}, "검토!J2", id="wrong-decision"),
        pytest.param({"J2": "수정"}, "검토!L2", id="nothing-changed"),
        pytest.param({"J2": "채택", "L2": "다른 답"}, "검토!J2", id="text-without-edit"),
        pytest.param({"D2": "바꾼 질문?"}, "검토!D2", id="original-changed"),
        pytest.param({"J1": "결론"}, "검토!J1", id="missing-column"),
        pytest.param({"J2": "수정", "L2": "=A1"}, "검토!L2", id="formula"),
    ],
)
def test_a_refused_sheet_names_the_cell(cells: Mapping[str, object], told: str, reviewed: Path, fill: Fill) -> None:
    """Nothing of it is applied, and one line says where and what to do."""
    before = dataset_sha256(reviewed)
    with pytest.raises(RegtuneError, match=told) as refused:
        import_review(reviewed, fill(cells), "김인사")
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 4
    assert dataset_sha256(reviewed) == before
    assert not (reviewed / "reviews").exists()


def test_a_row_whose_evidence_is_gone_is_refused(reviewed: Path, fill: Fill) -> None:
    """A pair that rests on an article that no longer says so can only be excluded."""
    write_jsonl(reviewed / "chunks.jsonl", [_chunk(0).model_copy(update={"text": "제1조 삭제"}), _chunk(1), _chunk(2)])
    with pytest.raises(RegtuneError, match="검토!G3: 근거가 조문에 없습니다"):
        import_review(reviewed, fill({"J3": "채택"}), "김인사")


def test_a_sheet_of_another_dataset_is_refused(reviewed: Path, fill: Fill) -> None:
    """A sheet that was exported before the dataset changed decides about nothing."""
    sheet = fill({"J2": "제외"})
    write_jsonl(reviewed / "qa_pairs.jsonl", [_pair(0)])
    with pytest.raises(RegtuneError, match="다른 데이터셋"):
        import_review(reviewed, sheet, "김인사")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "빈 파일", id="empty"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "암호", id="password"),
        pytest.param("번호,결정\n".encode(), "읽을 수 없습니다", id="csv"),
        pytest.param(b"PK\x03\x04broken", "읽을 수 없습니다", id="broken-zip"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused(content: bytes, told: str, reviewed: Path, tmp_path: Path) -> None:
    """Each says what the file is and what to do."""
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(content)
    with pytest.raises(RegtuneError, match=told):
        import_review(reviewed, path, "김인사")


def test_the_command_needs_a_name_and_an_xlsx(reviewed: Path, tmp_path: Path, fill: Fill) -> None:
    """Wrong arguments are configuration errors: exit 2."""
    assert main(["review", "export", str(reviewed), "--out", str(tmp_path / "x.csv")]) == 2
    assert main(["review", "import", str(reviewed), str(fill({})), "--by", " "]) == 2
    assert main(["review", "import", str(reviewed), str(tmp_path / "none.xlsx"), "--by", "김인사"]) == 4


def test_a_machine_without_the_tagger_says_what_to_run(
    reviewed: Path, fill: Fill, capsys: pytest.CaptureFixture[str]
) -> None:
    """The review is applied, and the line names both commands."""
    from regtune.hosts.packages import missing_packages

    if not missing_packages(("konlpy",)):
        pytest.skip("this environment has KoNLPy")
    shutil.rmtree(reviewed / "reviews", ignore_errors=True)
    assert main(["review", "import", str(reviewed), str(fill({"J2": "제외"})), "--by", "김인사"]) == 4
    error = capsys.readouterr().err
    assert f"regtune validate {reviewed}" in error
    assert f"regtune gate {reviewed}" in error
    assert (reviewed / "review.json").exists()

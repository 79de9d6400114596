"""The gate accepts what meets every expectation, refuses all else with exit 3, and always says why."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("great_expectations", reason="this environment has no Great Expectations")

from regtune.artifacts import read_json, write_jsonl
from regtune.cli import main
from regtune.contracts import Chunk, Expectation, GateReport, QACheck, QAPair

REPOSITORY = Path(__file__).resolve().parents[2]
QUOTA = {"lookup": 4, "procedure": 3, "negative": 2}
POOL = {"lookup": 1, "procedure": 1, "negative": 1}
TOPICS = ["병가", "외출", "출장", "숙박", "당직", "승진", "정년", "휴직", "복직", "조퇴", "교육", "표창"]


def _chunks() -> list[Chunk]:
    return [
        Chunk(
            chunk_id=f"c{number}",
            regulation_id="rules",
            regulation_title="취업규칙",
            article=f"제{number}조",
            path=(f"제{number}조({topic})",),
            text=f"제{number}조({topic}) {topic}은 {number}일 전까지 신청하여야 한다.",
            token_count=20,
            page_first=1,
            page_last=1,
            text_sha256="",
        )
        for number, topic in enumerate(TOPICS[:7], 1)
    ]


def _pair(qa_id: str, qa_type: str, number: int) -> QAPair:
    topic = TOPICS[number]
    negative = qa_type == "negative"
    return QAPair.model_validate(
        {
            "qa_id": qa_id,
            "type": qa_type,
            "question": f"{topic}은 며칠 전까지 신청해야 합니까?",
            "answer": "없음. 규정에 관련 내용이 없습니다." if negative else f"{number + 1}일 전까지 신청합니다.",
            "chunk_id": f"c{number % 7 + 1}",
            "evidence": None if negative else f"{topic}은 {number + 1}일 전까지 신청하여야 한다.",
            "model": "",
            "prompt_sha256": "",
            "request_sha256": "",
        }
    )


def _check(pair: QAPair) -> QACheck:
    figures: dict[str, float | int | str | None] = {"grounding": 0.95}
    if pair.type == "negative":
        figures = {"negative_evidence": 0.1}
    return QACheck(qa_id=pair.qa_id, passed=True, reasons=(), figures=figures)


def _dataset() -> tuple[list[QAPair], list[QAPair], list[QACheck]]:
    """Nine pairs and a pool of three that meet every expectation."""
    types = [qa_type for qa_type, count in QUOTA.items() for _ in range(count)]
    pairs = [_pair(f"q{number}", qa_type, number) for number, qa_type in enumerate(types)]
    pool = [_pair(f"p{number}", qa_type, 9 + number) for number, qa_type in enumerate(POOL)]
    return pairs, pool, [_check(pair) for pair in (*pairs, *pool)]


@pytest.fixture
def gate(tmp_path: Path) -> Callable[..., tuple[int, GateReport]]:
    """Run the command on plain files; returns its exit code and the report."""
    settings = yaml.safe_load((REPOSITORY / "include/config/demo.yaml").read_text(encoding="utf-8"))
    settings["generate"].update(quota=QUOTA, evaluation_pool=POOL)
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")

    def run(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> tuple[int, GateReport]:
        options = []
        for name, records in (("qa", pairs), ("pool", pool), ("checks", checks), ("chunks", _chunks())):
            if records:
                write_jsonl(tmp_path / f"{name}.jsonl", records)
                options += [f"--{name}", str(tmp_path / f"{name}.jsonl")]
        code = main(["gate", *options, "--config", str(config), "--out", str(tmp_path / "out")])
        return code, read_json(tmp_path / "out" / "gate_report.json", GateReport)

    return run


def _failed(report: GateReport) -> dict[tuple[str, str | None], Expectation]:
    return {(e.name, e.column): e for e in report.expectations if not e.success}


def test_a_sound_dataset_passes(gate: Callable[..., tuple[int, GateReport]], tmp_path: Path) -> None:
    """Exit 0, every expectation met and described in Korean, and Data Docs that open at index.html."""
    code, report = gate(*_dataset())
    assert code == 0
    assert report.passed
    assert (report.rows, report.pool_rows) == (9, 3)
    assert all(e.success and re.search("[가-힣]", e.description) for e in report.expectations)
    assert not any(e.failed_ids for e in report.expectations)
    site = tmp_path / "out" / "data_docs"
    assert (site / "index.html").is_file()
    pages = [path.read_text(encoding="utf-8") for path in site.rglob("*.html")]
    assert any("두 번 있어서는 안 됩니다" in page for page in pages)


def _without_check(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    return pairs, pool, [check for check in checks if check.qa_id != "q1"]


def _one_failed(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    bad = {"passed": False, "reasons": ("wrong_number",)}
    return pairs, pool, [c.model_copy(update=bad) if c.qa_id == "q1" else c for c in checks]


def _twin(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    return [pairs[0], pairs[1].model_copy(update={"question": pairs[0].question}), *pairs[2:]], pool, checks


def _leak(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    return pairs, [pool[0].model_copy(update={"question": pairs[0].question + " "}), *pool[1:]], checks


def _one_less(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    return [pair for pair in pairs if pair.qa_id != "q1"], pool, checks


def _ungrounded(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    low = {"figures": {"grounding": 0.3, "negative_evidence": 0.1}}
    return pairs, pool, [check.model_copy(update=low) for check in checks]


def _no_figures(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    return pairs, pool, [check.model_copy(update={"figures": {}}) for check in checks]


def _with_evidence(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    return [p.model_copy(update={"evidence": "근거"}) if p.qa_id == "q8" else p for p in pairs], pool, checks


def _answered(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    return [p.model_copy(update={"answer": "사흘입니다."}) if p.qa_id == "q8" else p for p in pairs], pool, checks


def _one_article(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    return [pair.model_copy(update={"chunk_id": "c1"}) for pair in pairs], pool, checks


def _english(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    return [p.model_copy(update={"question": "How many days?"}) if p.qa_id == "q1" else p for p in pairs], pool, checks


def _long(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    return [p.model_copy(update={"answer": "가" * 601}) if p.qa_id == "q1" else p for p in pairs], pool, checks


@pytest.mark.parametrize(
    ("change", "name", "column", "ids"),
    [
        pytest.param(_without_check, "expect_column_values_to_not_be_null", "passed", ("q1",), id="check-missing"),
        pytest.param(_one_failed, "expect_column_values_to_be_in_set", "passed", ("q1",), id="failed-share"),
        pytest.param(_twin, "expect_column_values_to_be_null", "duplicate_of", ("q1",), id="duplicate"),
        pytest.param(_leak, "expect_column_values_to_be_null", "leaks_from", ("p0",), id="leak-into-the-pool"),
        pytest.param(_one_less, "expect_qa_type_count_to_equal", "lookup", (), id="type-count"),
        pytest.param(_ungrounded, "expect_column_mean_to_be_between", "grounding", (), id="mean-grounding"),
        pytest.param(_no_figures, "expect_column_mean_to_be_between", "grounding", (), id="no-figures"),
        pytest.param(_with_evidence, "expect_column_values_to_be_null", "evidence", ("q8",), id="negative-evidence"),
        pytest.param(_answered, "expect_column_values_to_be_in_set", "says_absent", ("q8",), id="negative-answered"),
        pytest.param(_one_article, "expect_article_coverage_to_be_at_least", None, (), id="coverage"),
        pytest.param(_english, "expect_column_values_to_be_korean", "question", ("q1",), id="hangul-share"),
        pytest.param(_long, "expect_column_value_lengths_to_be_between", "answer", ("q1",), id="length"),
    ],
)
def test_one_fault_is_refused(
    change: Callable[..., Any],
    name: str,
    column: str | None,
    ids: tuple[str, ...],
    gate: Callable[..., tuple[int, GateReport]],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Exit 3; the expectation that failed is named with its rows, on one line, and report and Data Docs are there."""
    code, report = gate(*change(*_dataset()))
    assert code == 3
    assert not report.passed
    failed = _failed(report)[(name, column)]
    assert failed.failed_ids == ids
    assert failed.expected
    assert failed.observed
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert name in error
    assert (tmp_path / "out" / "data_docs" / "index.html").is_file()
    assert not (tmp_path / "out" / "gate.manifest.json").exists()


def test_the_report_counts_reasons(gate: Callable[..., tuple[int, GateReport]]) -> None:
    """Rows by reason, so that nothing is dropped silently."""
    _, report = gate(*_one_failed(*_dataset()))
    assert report.reasons == {"wrong_number": 1}


def _judged(frame: Any, tmp_path: Path) -> list[Expectation]:
    from datetime import datetime, timezone

    from regtune.config import load_config
    from regtune.qa.expectations import Held
    from regtune.qa.gate import judge

    config = load_config(REPOSITORY / "include/config/demo.yaml")
    when = datetime(2025, 1, 1, tzinfo=timezone.utc)
    return judge(frame, config, Held(pool=True, articles=["취업규칙 제1조"]), tmp_path / "docs", ("run", when))


def test_no_rows_at_all_are_refused(tmp_path: Path) -> None:
    """A check that looked at nothing accepts nothing."""
    from regtune.qa.gate import frame_of

    failed = {(e.name, e.column) for e in _judged(frame_of([], [], [], [], []), tmp_path) if not e.success}
    assert ("expect_table_row_count_to_be_between", None) in failed
    assert ("expect_column_mean_to_be_between", "grounding") in failed
    assert ("expect_article_coverage_to_be_at_least", None) in failed


def test_a_missing_column_is_refused_and_named(tmp_path: Path) -> None:
    """An expectation whose column is not there fails and says which."""
    from regtune.qa.gate import frame_of

    frame = frame_of(*_dataset(), _chunks(), []).drop(columns=["grounding"])
    failed = {(e.name, e.column): e for e in _judged(frame, tmp_path) if not e.success}
    assert failed[("expect_column_mean_to_be_between", "grounding")].observed == "no column grounding"


def test_nothing_but_pairs_and_checks_is_needed(tmp_path: Path) -> None:
    """Without chunks and pool the command still judges, by what it has; fields that a row lacks are not asked for."""
    pairs, _, checks = _dataset()
    rows = [json.loads(pair.model_dump_json(exclude={"model", "prompt_sha256", "request_sha256"})) for pair in pairs]
    (tmp_path / "qa.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    write_jsonl(tmp_path / "checks.jsonl", checks)
    files = ["--qa", str(tmp_path / "qa.jsonl"), "--checks", str(tmp_path / "checks.jsonl")]
    config = str(REPOSITORY / "include/config/demo.yaml")
    assert main(["gate", *files, "--config", config, "--out", str(tmp_path / "out")]) == 3
    report = read_json(tmp_path / "out" / "gate_report.json", GateReport)
    assert {e.name for e in report.expectations if not e.success} == {"expect_qa_type_count_to_equal"}

"""The gate accepts what meets every expectation, refuses all else with exit 3, and always says why."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("great_expectations", reason="this environment has no Great Expectations")

from qa.gate_samples import POOL, QUOTA, chunks_of_seven_articles, sound_dataset

from regtune.artifacts import read_json, write_json, write_jsonl
from regtune.cli import main
from regtune.config import PipelineConfig, load_config
from regtune.contracts import Expectation, GateReport, QACheck, QAPair, Review
from regtune.qa.gate import _held
from regtune.qa.gate_rows import Judged, frame_of
from regtune.qa.gate_suite import Judgement

REPOSITORY = Path(__file__).resolve().parents[2]


Gate = Callable[..., tuple[int, GateReport]]


@pytest.fixture(scope="module")
def config_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's settings with small quotas."""
    settings = yaml.safe_load((REPOSITORY / "include/config/demo.yaml").read_text(encoding="utf-8"))
    settings["generate"].update(quota=QUOTA, evaluation_pool=POOL)
    config = tmp_path_factory.mktemp("settings") / "config.yaml"
    config.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return config


@pytest.fixture(scope="module")
def small(config_file: Path) -> PipelineConfig:
    """Those settings, loaded."""
    return load_config(config_file)


@pytest.fixture(scope="module")
def judgement(small: PipelineConfig) -> Judgement:
    """Great Expectations, started once."""
    return Judgement(small)


@pytest.fixture
def gate(tmp_path: Path, config_file: Path) -> Gate:
    """Run the command on plain files; returns its exit code and the report."""

    def run(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> tuple[int, GateReport]:
        options = []
        for name, records in (
            ("qa", pairs),
            ("pool", pool),
            ("checks", checks),
            ("chunks", chunks_of_seven_articles()),
        ):
            if records:
                write_jsonl(tmp_path / f"{name}.jsonl", records)
                options += [f"--{name}", str(tmp_path / f"{name}.jsonl")]
        code = main(["gate", *options, "--config", str(config_file), "--out", str(tmp_path / "out")])
        return code, read_json(tmp_path / "out" / "gate_report.json", GateReport)

    return run


def _failed(report: GateReport) -> dict[tuple[str, str | None], Expectation]:
    return {(e.name, e.column): e for e in report.expectations if not e.success}


def test_a_sound_dataset_passes(gate: Gate, tmp_path: Path) -> None:
    """Exit 0, every expectation met and described in Korean, and Data Docs that open at index.html."""
    code, report = gate(*sound_dataset())
    assert code == 0
    assert report.passed
    assert (report.rows, report.pool_rows) == (9, 3)
    assert all(e.success and re.search("[가-힣]", e.description) for e in report.expectations)
    site = tmp_path / "out" / "data_docs"
    pages = [path.read_text(encoding="utf-8") for path in site.rglob("*.html")]
    assert any("두 번 있어서는 안 됩니다" in page for page in pages)


def _without_check(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    return pairs, pool, [check for check in checks if check.qa_id != "q1"]


def _one_failed(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    bad = {"passed": False, "reasons": ("ungrounded",)}
    return pairs, pool, [c.model_copy(update=bad) if c.qa_id == "q1" else c for c in checks]


def _wrong_number(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    bad = {"passed": False, "reasons": ("wrong_number",)}
    return pairs, pool, [c.model_copy(update=bad) if c.qa_id == "q2" else c for c in checks]


def _answerable(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    bad = {"passed": False, "reasons": ("answerable_negative",)}
    return pairs, pool, [c.model_copy(update=bad) if c.qa_id == "q8" else c for c in checks]


def _markup(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    text = "<script>alert(1)</script> <b>사흘</b> 전까지 신청합니다. <script>"
    return [p.model_copy(update={"answer": text}) if p.qa_id == "q1" else p for p in pairs], pool, checks


def _one_sentence(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    same = {"evidence": "같은 문장", "chunk_id": "c1"}
    return [pair.model_copy(update=same) for pair in pairs], pool, checks


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
        pytest.param(_wrong_number, "expect_reason_share_to_be_at_most", None, ("q2",), id="wrong-number"),
        pytest.param(_answerable, "expect_reason_share_to_be_at_most", None, ("q8",), id="answerable-negative"),
        pytest.param(_markup, "expect_column_values_to_not_match_regex", "answer", ("q1",), id="markup"),
        pytest.param(
            _one_sentence,
            "expect_column_values_to_not_be_null",
            "split_into",
            tuple(f"q{number}" for number in range(9)),
            id="no-split-without-leakage",
        ),
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
def test_one_fault_fails_its_expectation(
    change: Callable[..., Any],
    name: str,
    column: str | None,
    ids: tuple[str, ...],
    judgement: Judgement,
    small: PipelineConfig,
) -> None:
    """The expectation that the fault is about fails and names its rows, what was expected and what was found."""
    pairs, pool, checks = change(*sound_dataset())
    judged = Judged(pairs=pairs, pool=pool, checks=checks, chunks=chunks_of_seven_articles())
    verdicts = judgement.of(frame_of(judged, small), _held(judged, small, None))
    failed = {(e.name, e.column): e for e in verdicts if not e.success}[(name, column)]
    assert failed.failed_ids == ids
    assert failed.expected
    assert failed.observed


def test_a_refusal_is_one_line_with_report_and_data_docs(
    gate: Gate, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit 3; every expectation that failed is named on one line, report and Data Docs are there, no manifest is."""
    code, report = gate(*_leak(*_english(*sound_dataset())))
    assert code == 3
    assert not report.passed
    failed = _failed(report)
    assert failed.keys() >= {("expect_column_values_to_be_korean", "question")}
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(f"{name}({column})" in error for name, column in failed)
    assert (tmp_path / "out" / "data_docs" / "index.html").is_file()
    assert not (tmp_path / "out" / "gate.manifest.json").exists()


def _refusals(frame: Any) -> dict[tuple[str, str | None], Expectation]:
    from regtune.qa.expectations import Held

    held = Held(pool=True, articles=["취업규칙 제1조"], excluded={}, previous=None)
    verdicts = Judgement(load_config(REPOSITORY / "include/config/demo.yaml")).of(frame, held)
    return {(e.name, e.column): e for e in verdicts if not e.success}


def _frame(pairs: list[QAPair], pool: list[QAPair], checks: list[QACheck]) -> Any:
    config = load_config(REPOSITORY / "include/config/demo.yaml")
    return frame_of(Judged(pairs=pairs, pool=pool, checks=checks, chunks=chunks_of_seven_articles()), config)


def test_no_rows_at_all_are_refused() -> None:
    """A check that looked at nothing accepts nothing, and says that it looked at nothing."""
    failed = _refusals(_frame([], [], []))
    assert ("expect_table_row_count_to_be_between", None) in failed
    assert ("expect_column_mean_to_be_between", "grounding") in failed
    assert ("expect_article_coverage_to_be_at_least", None) in failed
    assert ("expect_reason_share_to_be_at_most", None) in failed
    assert failed[("expect_column_values_to_be_in_set", "passed")].observed == "살펴본 행이 하나도 없습니다"


def test_a_missing_column_is_refused_and_named() -> None:
    """An expectation whose column is not there fails and says which."""
    failed = _refusals(_frame(*sound_dataset()).drop(columns=["grounding"]))
    assert failed[("expect_column_mean_to_be_between", "grounding")].observed == "grounding 항목(열)이 없습니다"
    assert "grounding" in failed[("expect_table_columns_to_match_set", None)].observed


def test_the_report_says_what_would_have_been_without_a_reason(gate: Gate) -> None:
    """Rows by reason, each with the expectations that would fail all the same; none: the gate would have passed."""
    _, report = gate(*_one_failed(*sound_dataset()))
    assert report.reasons == {"ungrounded": 1}
    assert report.without == {"ungrounded": ()}
    pairs, pool, checks = _one_failed(*sound_dataset())
    _, report = gate(pairs[1:], pool, checks)
    assert report.without == {"ungrounded": ("데이터셋의 사실 조회 질문은 정확히 4개여야 합니다.",)}


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data", "action"}]
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_data_docs_ask_no_other_host_for_anything(gate: Gate, tmp_path: Path) -> None:
    """Every page opens offline, runs no script, links to what is there, and shows markup of the dataset as text."""
    gate(*_markup(*sound_dataset()))
    site = tmp_path / "out" / "data_docs"
    pages = sorted(site.rglob("*.html"))
    assert len(pages) >= 3
    for page in pages:
        text = page.read_text(encoding="utf-8")
        loads = _Loads()
        loads.feed(text)
        assert not loads.tags & {"script", "link", "img", "iframe"}
        assert "url(" not in text
        assert "@import" not in text
        for address in loads.addresses:
            assert "://" not in address
            assert not address.startswith("//")
            target = address.split("#")[0].split("?")[0]
            assert not target or (page.parent / target).exists(), f"{page.name} -> {address}"
    (record,) = (site / "validations").rglob("*.html")
    told = record.read_text(encoding="utf-8")
    assert not re.search(r"&lt;/?(?:span|i|table|strong|div)\b", told)  # its own markup stood there as text
    assert '<i class="fas fa-times text-danger">불합격</i>' in told
    assert "alert(1)&lt;/script&gt; &lt;b&gt;사흘&lt;/b&gt;" in told.rpartition("says_absent")[0]
    first = (site / "index.html").read_text(encoding="utf-8")
    assert first.index("불합격: ") < first.index("기준에 미치지 못한 항목") < first.index("만족한 항목")


def test_the_same_dataset_gives_the_same_site(gate: Gate, tmp_path: Path) -> None:
    """Report and pages name no time but the run's."""

    def written() -> dict[str, str]:
        files = [tmp_path / "out" / "gate_report.json", *(tmp_path / "out" / "data_docs").rglob("*.html")]
        ids = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}")
        return {file.name: ids.sub("", file.read_text(encoding="utf-8")) for file in files}

    gate(*sound_dataset())
    first = written()
    (tmp_path / "out" / "gate.manifest.json").unlink()
    gate(*sound_dataset())
    assert written() == first


def test_a_dataset_unlike_the_last_accepted_one_is_refused(gate: Gate, tmp_path: Path) -> None:
    """Lengths, types and articles are held against previous_gate_report.json; without one the report says so."""
    _, report = gate(*sound_dataset())
    assert any("비교할 지난 데이터셋이 없어" in note for note in report.not_checked)
    assert report.profile is not None
    previous = tmp_path / "out" / "previous_gate_report.json"
    write_json(previous, report)
    code, report = gate(*sound_dataset())
    assert code == 0
    assert {e.column for e in report.expectations if e.name == "expect_shift_to_be_at_most"} == {
        "types",
        "articles",
        "question_lengths",
        "answer_lengths",
    }
    other = report.profile.model_copy(update={"question_lengths": (0, 0, 0, 0, 0, 0, 0, 0, 9), "types": {"lookup": 9}})
    write_json(previous, report.model_copy(update={"profile": other}))
    code, report = gate(*sound_dataset())
    assert code == 3
    assert {column for _, column in _failed(report)} == {"types", "question_lengths"}
    write_json(previous, report)
    code, report = gate(*sound_dataset())
    assert code == 0
    assert any("통과하지 못했거나" in note for note in report.not_checked)


def _review(decision: str, qa_id: str) -> Review:
    row = {"qa_id": qa_id, "type": "lookup", "pool": False, "decision": decision, "note": ""}
    names = ("imported_at", "sheet_sha256", "reviewed_sha256", "result_sha256")
    return Review.model_validate({"number": 1, "reviewer": "김인사", "rows": [row], **dict.fromkeys(names, "")})


def test_a_row_that_a_reviewer_accepted_counts_as_passed(gate: Gate, tmp_path: Path) -> None:
    """Its reason stays in the report, beside how many were overruled; a mended row is checked like any other."""
    (tmp_path / "out").mkdir()
    write_json(tmp_path / "out" / "review.json", _review("accept", "q1"))
    code, report = gate(*_one_failed(*sound_dataset()))
    assert code == 0
    assert report.reasons == {"review_overruled": 1, "ungrounded": 1}
    write_json(tmp_path / "out" / "review.json", _review("edit", "q1"))
    assert gate(*_one_failed(*sound_dataset()))[0] == 3


def test_too_many_excluded_rows_are_refused_and_counted(gate: Gate, tmp_path: Path) -> None:
    """One of four is above the shipped 5%: the type count refuses, and without the exclusion it would not have."""
    (tmp_path / "out").mkdir()
    write_json(tmp_path / "out" / "review.json", _review("exclude", "q1"))
    code, report = gate(*_one_less(*sound_dataset()))
    assert code == 3
    assert report.reasons == {"review_excluded": 1}
    assert report.without == {"review_excluded": ()}


def test_nothing_but_pairs_and_checks_is_needed(tmp_path: Path) -> None:
    """Without chunks and pool the command still judges, by what it has; fields that a row lacks are not asked for."""
    pairs, _, checks = sound_dataset()
    rows = [json.loads(pair.model_dump_json(exclude={"model", "prompt_sha256", "request_sha256"})) for pair in pairs]
    (tmp_path / "qa.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    write_jsonl(tmp_path / "checks.jsonl", checks)
    files = ["--qa", str(tmp_path / "qa.jsonl"), "--checks", str(tmp_path / "checks.jsonl")]
    config = str(REPOSITORY / "include/config/demo.yaml")
    assert main(["gate", *files, "--config", config, "--out", str(tmp_path / "out")]) == 3
    report = read_json(tmp_path / "out" / "gate_report.json", GateReport)
    assert {e.name for e in report.expectations if not e.success} == {"expect_qa_type_count_to_equal"}

"""Claims about the whole stage, on a tiny model and the stand-in endpoint."""

import html
import json
import re
from pathlib import Path

import pytest
from chat_server import chat_server

from regtune.artifacts import file_record, read_json, read_jsonl, write_jsonl
from regtune.benchmark.benchmark import read_asked, run
from regtune.benchmark.metrics import METRICS
from regtune.benchmark.results import Benchmark
from regtune.benchmark.rows import Answer, Verdict
from regtune.config import EndpointConfig
from regtune.contracts import HeldOutPair, QAPair, RunSpec
from regtune.errors import UnusableInputError
from regtune.stages import run_stage


def test_every_system_answers_every_row_and_every_answer_is_judged(run_folder: tuple[Path, RunSpec]) -> None:
    """Six rows and four systems make 24 answers, 24 ratings and 24 comparisons; the report opens with the headline."""
    run_dir, spec = run_folder
    manifest = run_stage("benchmark", run_dir)
    answers, verdicts = read_jsonl(run_dir / "answers.jsonl", Answer), read_jsonl(run_dir / "verdicts.jsonl", Verdict)
    benchmark = read_json(run_dir / "benchmark.json", Benchmark)
    assert (len(answers), [v.kind for v in verdicts].count("rating"), len(verdicts)) == (24, 24, 48)
    assert all(answer.failure is None and answer.scores is not None for answer in answers)
    assert {record.system for record in benchmark.efficiency} == set(spec.config.benchmark.systems)
    assert {score.metric for score in benchmark.scores} <= set(METRICS)
    assert (benchmark.test_rows, benchmark.pool_rows, benchmark.articles) == (4, 2, 2)
    assert len(benchmark.stand_ins) == 4
    assert manifest.tokens["judge_calls"] > 0
    page = (run_dir / "report.html").read_text(encoding="utf-8")
    assert html.escape(benchmark.headline, quote=False) in page
    assert "대역 사용" in page
    assert not list(run_dir.glob(".benchmark.*.jsonl")), "the journal is gone"


def test_tuned_is_the_base_with_the_adapter(run_folder: tuple[Path, RunSpec]) -> None:
    """The adapter changes what is answered, and base and open book answer without it."""
    run_dir, spec = run_folder
    run(run_dir, spec)
    texts: dict[str, list[str]] = {}
    for answer in read_jsonl(run_dir / "answers.jsonl", Answer):
        texts.setdefault(answer.system, []).append(answer.answer)
    assert texts["tuned"] != texts["base"]
    update = {"systems": ("base",)}
    alone = spec.config.model_copy(update={"benchmark": spec.config.benchmark.model_copy(update=update)})
    run(run_dir, spec.model_copy(update={"config": alone}))
    assert [a.answer for a in read_jsonl(run_dir / "answers.jsonl", Answer)] == texts["base"]
    assert "튜닝한 모델은 이번 평가에 없습니다" in read_json(run_dir / "benchmark.json", Benchmark).headline


def test_a_second_run_gives_the_same_scores_and_asks_the_judge_nothing(run_folder: tuple[Path, RunSpec]) -> None:
    """But for times, the results of one recipe are the same, and every verdict comes from the cache."""
    run_dir, spec = run_folder
    first = run(run_dir, spec)
    verdicts, scores = (
        (run_dir / "verdicts.jsonl").read_bytes(),
        read_json(run_dir / "benchmark.json", Benchmark).scores,
    )
    second = run(run_dir, spec)
    assert 0 < first.tokens["judge_calls"] <= len(verdicts.splitlines())
    assert (second.tokens["judge_calls"], second.tokens["reference_calls"]) == (0, 0)
    assert (run_dir / "verdicts.jsonl").read_bytes() == verdicts
    assert read_json(run_dir / "benchmark.json", Benchmark).scores == scores


def refusing(_prompt: str, _request: dict[str, object]) -> str:
    """Answer every request with 400."""
    raise ConnectionError


def with_endpoint(spec: RunSpec, name: str, endpoint: EndpointConfig) -> RunSpec:
    """Put another model behind `judge` or `reference`."""
    update = {name: endpoint.model_copy(update={"model": f"broken-{name}"})}
    endpoints = spec.config.endpoints.model_copy(update=update)
    return spec.model_copy(update={"config": spec.config.model_copy(update={"endpoints": endpoints})})


def test_a_reference_that_refuses_everything_costs_no_report(run_folder: tuple[Path, RunSpec]) -> None:
    """Its rows are failures with their reason, a warning names it, and the other systems are scored and compared."""
    run_dir, spec = run_folder
    with chat_server(refusing) as endpoint:
        run(run_dir, with_endpoint(spec, "reference", endpoint))
    answers, benchmark = read_jsonl(run_dir / "answers.jsonl", Answer), read_json(run_dir / "benchmark.json", Benchmark)
    assert [("BadRequestError" in (a.failure or ""), a.scores) for a in answers if a.system == "reference"] == [
        (True, None)
    ] * 6
    assert "비교용 대형 모델: 6문항 모두 답변을 얻지 못해" in " ".join(benchmark.warnings)
    assert benchmark.score("tuned", "correct") is not None
    assert benchmark.score("reference", "correct") is None
    assert "대형 모델이 한 문항도 답하지 못해" in (run_dir / "report.html").read_text(encoding="utf-8")


def test_a_judge_that_nobody_can_read_costs_no_report(run_folder: tuple[Path, RunSpec]) -> None:
    """Every verdict is unscored and counted; the deterministic scores are there."""
    run_dir, spec = run_folder
    with chat_server(lambda _prompt, _request: "모르겠습니다.") as endpoint:
        run(run_dir, with_endpoint(spec, "judge", endpoint))
    benchmark = read_json(run_dir / "benchmark.json", Benchmark)
    assert benchmark.unscored_verdicts == len(read_jsonl(run_dir / "verdicts.jsonl", Verdict))
    assert benchmark.score("tuned", "correct") is not None
    assert benchmark.score("tuned", "judge_correctness") is None
    assert "하나도 읽지 못해" in " ".join(benchmark.warnings)
    assert (run_dir / "report.html").exists()


@pytest.mark.parametrize(
    ("update", "message"),
    [
        pytest.param({"chunk_id": "nowhere"}, "nowhere, not in chunks.jsonl", id="no such chunk"),
        pytest.param({"qa_id": "a"}, "qa_id a is used twice", id="twice the same id"),
    ],
)
def test_rows_that_do_not_fit_are_refused(
    run_folder: tuple[Path, RunSpec], update: dict[str, str], message: str
) -> None:
    """A row without its article, and a qa_id used twice, are named before any model is loaded."""
    run_dir, _ = run_folder
    pool = read_jsonl(run_dir / "evaluation_pool.jsonl", QAPair)
    write_jsonl(run_dir / "evaluation_pool.jsonl", [pool[0].model_copy(update=update), *pool[1:]])
    with pytest.raises(UnusableInputError, match=re.escape(message)):
        read_asked(run_dir)


def test_an_article_is_seen_when_any_training_row_is_about_it(run_folder: tuple[Path, RunSpec]) -> None:
    """Rows about 제15조 are seen, rows about 제16조 are not."""
    asked = read_asked(run_folder[0])
    assert {row.chunk.article: row.article_seen for row in asked.values()} == {"제15조": True, "제16조": False}
    assert json.dumps([row.in_test for row in asked.values()]) == "[true, true, true, true, false, false]"


def test_what_split_said_of_a_row_counts(run_folder: tuple[Path, RunSpec]) -> None:
    """A test row that says whether its article was seen is believed; the others are looked up."""
    run_dir, _ = run_folder
    rows = read_jsonl(run_dir / "test.jsonl", HeldOutPair)
    before = read_asked(run_dir)[rows[0].qa_id].article_seen
    write_jsonl(run_dir / "test.jsonl", [rows[0].model_copy(update={"article_seen": not before}), *rows[1:]])
    assert read_asked(run_dir)[rows[0].qa_id].article_seen is not before


def test_the_adapters_card_gets_the_scores(run_folder: tuple[Path, RunSpec]) -> None:
    """What the card said stays, its scores are the benchmark's, and the adapter is the same: nothing is run again."""
    run_dir, _ = run_folder
    adapter = run_dir / "adapter"
    (adapter / "README.md").write_text("# mine\n\n## Scores · 점수\n\nlater\n", encoding="utf-8")
    before = file_record(adapter)
    first = run_stage("benchmark", run_dir)
    card = (adapter / "README.md").read_text(encoding="utf-8")
    benchmark = read_json(run_dir / "benchmark.json", Benchmark)
    assert card.startswith("# mine\n\n## Scores")
    assert "later" not in card
    assert benchmark.headline in card
    assert card.count("\n| ") == 1 + len(benchmark.systems)
    assert file_record(adapter) == before
    assert run_stage("benchmark", run_dir) == first


def test_labels_revisions_and_history_reach_report_and_scores(run_folder: tuple[Path, RunSpec]) -> None:
    """The three optional files show: kappa, a slice by revision, the changed article's words, and earlier runs."""
    run_dir, _ = run_folder
    labels = [
        {"qa_id": q, "system": s, "correct": q in "bd", "rater": "kim"} for q in "abcdef" for s in ("tuned", "base")
    ]
    elsewhere = {"qa_id": "of another run", "system": "tuned", "correct": True}
    (run_dir / "labels.jsonl").write_text("\n".join(map(json.dumps, [*labels, elsewhere])), encoding="utf-8-sig")
    article = {
        "kind": "changed",
        "regulation_id": "work-rules",
        "regulation_title": "취업규칙",
        "old_article": "제16조",
    }
    texts = {"new_article": "제16조", "old_text": "병가는 연 20일 <b>이내</b>", "new_text": "병가는 연 30일 이내"}
    changes = {
        "previous_run": "2024-01-01-aaaaaaaaaaaa",
        "articles": [{**article, **texts}, 7],
        "summary": "하나 변경.",
    }
    (run_dir / "changes.json").write_text(json.dumps(changes), encoding="utf-8")
    scores = {"tuned": {"value": 0.4, "low": 0.3, "high": 0.5, "rows": 9, "articles": 5}}
    past = {"run_name": "2024-01-01-aaaaaaaaaaaa", "as_of": "2024-01-01", "rows": 9, "scores": scores, "champion": True}
    (run_dir / "history.json").write_text(json.dumps({"runs": [past, {"junk": 1}]}), encoding="utf-8")
    run_stage("benchmark", run_dir)
    benchmark = read_json(run_dir / "benchmark.json", Benchmark)
    assert benchmark.agreement is not None
    assert benchmark.agreement.labels == 12
    assert "라벨 13건 가운데 1건은 이 실행의 답변이 아니어서 쓰지 않았습니다." in benchmark.warnings
    assert {part.part for part in benchmark.slices if part.dimension == "revision"} == {
        "이번에 바뀐 조문",
        "그대로인 조문",
    }
    page = (run_dir / "report.html").read_text(encoding="utf-8")
    assert "연 20일 &lt;b&gt;이내&lt;/b&gt;" in page
    assert "40.0% (30.0~50.0)" in page
    assert {"changes.json", "history.json", "labels.jsonl"} <= set(benchmark.inputs)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param(['{"qa_id": "a"}'], r"labels\.jsonl:1: not a Label", id="a field is missing"),
        pytest.param(
            ['{"qa_id": "a", "system": "tuned", "correct": "yes"}'], r"labels\.jsonl:1: .*correct", id="yes is not true"
        ),
        pytest.param(
            [f'{{"qa_id": "a", "system": "tuned", "correct": {said}}}' for said in ("true", "false")],
            "tuned a is labelled both right and wrong",
            id="two labels of one answer",
        ),
    ],
)
def test_a_line_that_is_no_label_is_told_before_anything_is_asked(
    run_folder: tuple[Path, RunSpec], lines: list[str], message: str
) -> None:
    """No model is loaded, no endpoint is asked, no journal is begun."""
    run_dir, spec = run_folder
    (run_dir / "labels.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with chat_server(refusing) as endpoint:
        nowhere = endpoint
    for name in ("judge", "reference"):
        spec = with_endpoint(spec, name, nowhere)
    with pytest.raises(UnusableInputError, match=message):
        run(run_dir, spec)
    assert not (run_dir / ".benchmark.answers.jsonl").exists()

"""compare: what is new since the last accepted run, and when a run ends there."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from regtune.artifacts import load_spec, read_json, write_json, write_jsonl
from regtune.compare import run
from regtune.config import PipelineConfig, load_config
from regtune.contracts import Changes, Chunk, GateReport, Provision, QAPair, RunSpec
from regtune.errors import ConfigurationError, PrerequisiteMissingError
from regtune.open_run import RunRequest, add_previous, new_spec
from regtune.publish import Publication
from regtune.publish import run as publish

CONFIG = load_config(Path(__file__).resolve().parents[1] / "include/config/demo.yaml")
LEAVE = "제2조(휴가) ① 직원은 1년에 15일의 휴가를 쓸 수 있다."
LONGER_LEAVE = LEAVE.replace("15일", "17일")
PURPOSE = "제1조(목적) 이 규칙은 근로조건을 정함을 목적으로 한다."


def provision(text: str, number: str) -> Provision:
    """An article of 취업규칙."""
    title = text[text.index("(") + 1 : text.index(")")]
    return Provision(
        regulation_id="work-rules",
        regulation_title="취업규칙",
        part="body",
        kind="article",
        number=number,
        title=title,
        path=(f"제{number}조({title})",),
        text=text,
        revision_tags=(),
        page_first=1,
        page_last=1,
        deleted=False,
    )


def chunk(text: str) -> Chunk:
    """Make the chunk of an article; its id is its text."""
    place = {"regulation_id": "work-rules", "regulation_title": "취업규칙", "article": "제1조", "path": ()}
    pages = {"token_count": 1, "page_first": 1, "page_last": 1, "text_sha256": ""}
    return Chunk.model_validate({**place, **pages, "chunk_id": text, "text": text})


def pair(text: str, qa_id: str) -> QAPair:
    """Ask something about an article."""
    asked = {"type": "lookup", "question": "며칠?", "answer": "15일", "evidence": None, "model": "m"}
    return QAPair.model_validate({**asked, "qa_id": qa_id, "chunk_id": text, "prompt_sha256": "", "request_sha256": ""})


def open_folder(folder: Path, day: str, articles: Sequence[str], config: PipelineConfig = CONFIG, **asked: Any) -> Path:
    """Make a run folder with its provisions and chunks."""
    request = RunRequest(as_of=date.fromisoformat(day), **asked)
    write_json(folder / "run.json", new_spec(request, [], config, {"lookup": "x"}))
    write_jsonl(folder / "provisions.jsonl", [provision(text, str(n)) for n, text in enumerate(articles, 1)])
    write_jsonl(folder / "chunks.jsonl", [chunk(text) for text in articles])
    return folder


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """Give the folder of an accepted run of 2024-01-01."""
    return accepted(open_folder(tmp_path / "earlier", "2024-01-01", [PURPOSE, LEAVE]))


def accepted(folder: Path) -> Path:
    """Add what a run leaves when it is published."""
    pairs = [pair(PURPOSE, "lookup-1"), pair(LEAVE, "lookup-2")]
    write_jsonl(folder / "qa_pairs.jsonl", pairs)
    for name, rows in (("train", pairs), ("validation", []), ("test", [])):
        write_jsonl(folder / f"{name}.jsonl", rows)
    write_jsonl(folder / "evaluation_pool.jsonl", [pair(LEAVE, "lookup-3")])
    write_json(folder / "gate_report.json", GateReport(passed=True, rows=2, pool_rows=1, expectations=(), reasons={}))
    told = {"run_name": "r", "as_of": "2024-01-01", "headline": "정답률 80%.", "decision": "champion", "reason": ""}
    figures = {"figures": {"correct_tuned": 0.8}, "stand_ins": (), "warnings": ()}
    write_json(folder / "publish.json", Publication.model_validate({**told, **figures}))
    return folder


def compared(folder: Path) -> Changes:
    """Run the stage."""
    run(folder, load_spec(folder))
    return read_json(folder / "changes.json", Changes)


def test_a_revised_article_is_named_and_its_pairs_retire(tmp_path: Path, earlier: Path) -> None:
    """The article is there before and after; pairs of the unchanged one stay, those of the revised one are counted."""
    folder = open_folder(tmp_path / "now", "2024-07-01", [PURPOSE, LONGER_LEAVE])
    add_previous(folder, earlier)
    changes = compared(folder)
    [article] = changes.articles
    assert (article.kind, article.new_article) == ("changed", "제2조")
    assert "15일" in (article.old_text or "")
    assert "17일" in (article.new_text or "")
    assert (changes.short_cut, changes.retired_pairs, changes.retired_pool) == (False, 1, 1)
    assert changes.previous_pairs == ("lookup-1", "lookup-2")
    assert changes.previous_figures == {"correct_tuned": 0.8}
    assert changes.summary == "앞선 실행(2024-01-01)과 비교해 조문 1개가 바뀌었습니다(변경 1)."


def test_the_gate_gets_the_earlier_report(tmp_path: Path, earlier: Path) -> None:
    """previous_gate_report.json lies in the run folder, word for word."""
    folder = open_folder(tmp_path / "now", "2024-07-01", [PURPOSE, LONGER_LEAVE])
    add_previous(folder, earlier)
    assert (folder / "previous_gate_report.json").read_bytes() == (earlier / "gate_report.json").read_bytes()


def test_a_dataset_of_another_shape_is_no_measure(tmp_path: Path, earlier: Path) -> None:
    """After a run with other quotas the gate has nothing to hold lengths, types and articles against.

    It refused a run of one regulation because the run before it had been of all.
    """
    quota = CONFIG.generate.quota.model_copy(update={"lookup": 7})
    config = CONFIG.model_copy(update={"generate": CONFIG.generate.model_copy(update={"quota": quota})})
    folder = open_folder(tmp_path / "now", "2024-07-01", [PURPOSE, LONGER_LEAVE], config)
    add_previous(folder, earlier)
    assert (folder / "previous" / "provisions.jsonl").is_file()
    assert not (folder / "previous_gate_report.json").exists()


def test_a_first_run_is_compared_with_nothing(tmp_path: Path) -> None:
    """Without an earlier run there is nothing to cut short."""
    changes = compared(open_folder(tmp_path / "now", "2024-07-01", [PURPOSE]))
    assert (changes.previous_run, changes.articles, changes.short_cut) == (None, (), False)


def _other_rate() -> PipelineConfig:
    return CONFIG.model_copy(update={"train": CONFIG.train.model_copy(update={"learning_rate": 0.5})})


def _other_store() -> PipelineConfig:
    return CONFIG.model_copy(update={"publish": CONFIG.publish.model_copy(update={"store": "elsewhere"})})


@pytest.mark.parametrize(
    ("articles", "asked", "short_cut"),
    [
        pytest.param([PURPOSE, LEAVE], {}, True, id="the same text"),
        pytest.param([PURPOSE, LEAVE.replace("있다.", "있다.  ")], {}, True, id="only blanks differ"),
        pytest.param([PURPOSE, LEAVE], {"config": _other_store()}, True, id="only a place differs"),
        pytest.param([PURPOSE, LONGER_LEAVE], {}, False, id="one number differs"),
        pytest.param([PURPOSE], {}, False, id="an article is gone"),
        pytest.param([PURPOSE, LEAVE], {"force": "again"}, False, id="forced"),
        pytest.param([PURPOSE, LEAVE], {"config": _other_rate()}, False, id="a setting of training differs"),
    ],
)
def test_only_a_run_that_would_make_the_same_again_is_cut_short(
    tmp_path: Path, earlier: Path, articles: list[str], asked: dict[str, Any], *, short_cut: bool
) -> None:
    """The text as it reads, the settings that shape the result and nobody's wish: all three have to be the same."""
    folder = open_folder(tmp_path / "now", "2024-07-01", articles, **asked)
    add_previous(folder, earlier)
    assert compared(folder).short_cut is short_cut


def test_a_run_that_did_not_train_stands_for_none_that_shall(tmp_path: Path) -> None:
    """After a dataset without an adapter, an unchanged corpus is still trained on."""
    earlier = accepted(open_folder(tmp_path / "earlier", "2024-01-01", [PURPOSE, LEAVE], skip_training=True))
    folder = open_folder(tmp_path / "now", "2024-07-01", [PURPOSE, LEAVE])
    add_previous(folder, earlier)
    assert not compared(folder).short_cut


def test_a_run_cut_short_is_published_all_the_same(tmp_path: Path, earlier: Path) -> None:
    """The note says that nothing changed and whose results hold; nothing is promoted."""
    folder = open_folder(tmp_path / "now", "2024-07-01", [PURPOSE, LEAVE])
    add_previous(folder, earlier)
    compared(folder)
    counts = publish(folder, load_spec(folder)).counts
    assert counts["decision"] == "unchanged"
    previous = RunSpec.model_validate_json((earlier / "run.json").read_text(encoding="utf-8")).run_name
    assert "바뀐 조문이 없어" in str(counts["headline"])
    assert previous in str(counts["headline"])


@pytest.mark.parametrize(
    ("day", "error"),
    [
        pytest.param("2023-12-31", ConfigurationError, id="a later date's"),
        pytest.param("2024-01-01", ConfigurationError, id="its own"),
    ],
)
def test_what_cannot_come_before_is_refused(tmp_path: Path, earlier: Path, day: str, error: type[Exception]) -> None:
    """A run is not compared with one of a later date, nor with itself."""
    with pytest.raises(error):
        add_previous(open_folder(tmp_path / "now", day, [PURPOSE]), earlier)


def test_an_unfinished_run_is_no_measure(tmp_path: Path) -> None:
    """A folder without publish.json is refused with the names of what it lacks."""
    unfinished = open_folder(tmp_path / "earlier", "2024-01-01", [PURPOSE])
    with pytest.raises(PrerequisiteMissingError, match=r"qa_pairs\.jsonl.*publish\.json"):
        add_previous(open_folder(tmp_path / "now", "2024-07-01", [PURPOSE]), unfinished)

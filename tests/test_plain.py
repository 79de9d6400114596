"""plain: somebody's own files become a run folder, and stay as they were."""

import json
from pathlib import Path

import pytest

from regtune.artifacts import load_spec, read_jsonl
from regtune.config import PipelineConfig
from regtune.contracts import Chunk, QAPair
from regtune.errors import ConfigurationError, PrerequisiteMissingError, UnusableInputError
from regtune.plain import open_plain

CHUNK = {
    "chunk_id": "c1",
    "regulation_id": "work-rules",
    "regulation_title": "취업규칙",
    "article": "제15조",
    "path": ["제2장 근무", "제15조(휴가)"],
    "text": "제15조(휴가) 휴가는 5일로 한다.",
}
PAIR = {
    "qa_id": "q1",
    "type": "lookup",
    "question": "휴가는 며칠인가요?",
    "answer": "5일입니다.",
    "chunk_id": "c1",
    "evidence": "휴가는 5일로 한다",
}
PROMPTS = {"persona": "p"}


def written(path: Path, *records: dict) -> Path:
    """Write records as JSON Lines."""
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    return path


def test_missing_fields_get_neutral_values(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """Validate's six fields of a pair and six of a chunk are enough; unknown ones are left out."""
    files = {
        "qa": written(tmp_path / "mine.jsonl", {**PAIR, "note": "by hand"}),
        "chunks": written(tmp_path / "texts.jsonl", CHUNK),
    }
    open_plain(tmp_path / "out", files, [], demo_config, PROMPTS)
    assert read_jsonl(tmp_path / "out" / "qa_pairs.jsonl", QAPair)[0].model == ""
    assert len(read_jsonl(tmp_path / "out" / "chunks.jsonl", Chunk)[0].text_sha256) == 64
    assert load_spec(tmp_path / "out").prompts == PROMPTS
    assert "note" in files["qa"].read_text(encoding="utf-8")


def test_an_input_is_never_overwritten(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """A file that lies in --out under the contract's name, in another shape, is refused."""
    path = written(tmp_path / "qa_pairs.jsonl", {**PAIR, "note": "by hand"})
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="another --out"):
        open_plain(tmp_path, {"qa": path}, [], demo_config, PROMPTS)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "holds no record", id="empty"),
        pytest.param("{}", "qa_id", id="needed field missing"),
        pytest.param("nonsense", "mine.jsonl:1", id="no JSON"),
        pytest.param("[1]", "mine.jsonl:1", id="no object"),
        pytest.param(json.dumps({**PAIR, "type": "other"}), "type", id="no such type"),
    ],
)
def test_a_bad_file_names_its_line(tmp_path: Path, demo_config: PipelineConfig, text: str, says: str) -> None:
    """Exit 4 with file, line and field."""
    path = tmp_path / "mine.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnusableInputError) as caught:
        open_plain(tmp_path / "out", {"qa": path}, [], demo_config, PROMPTS)
    assert says in str(caught.value)


def test_all_missing_files_are_named_together(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """One look tells everything that is not there."""
    with pytest.raises(PrerequisiteMissingError) as caught:
        open_plain(tmp_path / "out", {"qa": tmp_path / "a", "chunks": tmp_path / "b"}, [], demo_config, PROMPTS)
    assert str(tmp_path / "a") in str(caught.value)
    assert str(tmp_path / "b") in str(caught.value)

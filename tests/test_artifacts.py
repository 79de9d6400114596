"""artifacts: what a crash, a half file or an edited recipe does to a run folder."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtune.artifacts import (
    file_record,
    is_recorded,
    load_spec,
    read_jsonl,
    replacing,
    replacing_folder,
    sha256_of_file,
    sha256_of_json,
    write_jsonl,
)
from regtune.contracts import DuplicatePair
from regtune.errors import ConfigurationError, PrerequisiteMissingError, UnusableInputError


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path: Path) -> None:
    """An exception in the middle of writing keeps what was there and leaves nothing half made."""
    path = tmp_path / "chunks.jsonl"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(FileNotFoundError), replacing(path) as temporary:
        temporary.write_bytes(b"half" + (tmp_path / "absent").read_bytes())
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["chunks.jsonl"]


def test_a_failed_folder_leaves_the_old_one(tmp_path: Path) -> None:
    """The old adapter is there until the new one is whole."""
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "weights").write_text("old", encoding="utf-8")
    with pytest.raises(FileNotFoundError), replacing_folder(folder) as temporary:
        (temporary / "weights").write_bytes(b"half" + (tmp_path / "absent").read_bytes())
    assert (folder / "weights").read_text(encoding="utf-8") == "old"
    with replacing_folder(folder) as temporary:
        (temporary / "weights").write_text("new", encoding="utf-8")
    assert (folder / "weights").read_text(encoding="utf-8") == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["adapter"]


def test_a_file_where_a_folder_goes_is_replaced_every_time(tmp_path: Path) -> None:
    """It was kept as the old folder, and the next writing failed on it."""
    folder = tmp_path / "adapter"
    for _ in range(2):
        folder.write_text("a file", encoding="utf-8")
        with replacing_folder(folder) as temporary:
            (temporary / "weights").write_text("new", encoding="utf-8")
        assert [p.name for p in tmp_path.rglob("*")] == ["adapter", "weights"]
        (folder / "weights").unlink()
        folder.rmdir()


@given(st.lists(st.tuples(st.text(), st.text(), st.floats(0, 1))))
def test_records_survive_the_round_trip(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple]) -> None:
    """What is written as JSON Lines is read back equal, line separators and Korean included."""
    path = tmp_path_factory.mktemp("round") / "duplicates.jsonl"
    records = [DuplicatePair(a=a, b=b, score=score) for a, b, score in rows]
    assert write_jsonl(path, records) == len(records)
    assert read_jsonl(path, DuplicatePair) == records


def test_korean_is_not_escaped(tmp_path: Path) -> None:
    """A person can read the file."""
    path = tmp_path / "duplicates.jsonl"
    write_jsonl(path, [DuplicatePair(a="연차", b="휴가", score=1.0)])
    assert "연차" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("{", "JSON", id="broken"),
        pytest.param('{"a": "x", "b": "y"}', "score", id="missing field"),
        pytest.param('{"a": "x", "b": "y", "score": 1, "c": 2}', "c", id="unknown field"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    """The error names the file, the line and the field."""
    path = tmp_path / "duplicates.jsonl"
    path.write_text('{"a": "x", "b": "y", "score": 1}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(UnusableInputError, match=r"duplicates\.jsonl:2") as caught:
        read_jsonl(path, DuplicatePair)
    assert says in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """Exit 4: run the stage that makes it."""
    with pytest.raises(PrerequisiteMissingError, match="run the stage that makes it"):
        read_jsonl(tmp_path / "chunks.jsonl", DuplicatePair)


def test_a_folder_has_one_hash_over_names_and_contents(tmp_path: Path) -> None:
    """Renaming or changing a file inside changes the record."""
    folder = tmp_path / "data_docs"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "index.html").write_text("x", encoding="utf-8")
    first = file_record(folder)
    (folder / "a" / "index.html").rename(folder / "a" / "other.html")
    assert file_record(folder).sha256 != first.sha256


def test_a_readme_is_no_part_of_its_folder(tmp_path: Path) -> None:
    """It may be written anew; a record of an earlier version, which counted it, still holds."""
    (tmp_path / "weights").write_bytes(b"1")
    before = file_record(tmp_path)
    (tmp_path / "README.md").write_text("scores", encoding="utf-8")
    assert file_record(tmp_path) == before
    counted = [[name, sha256_of_file(tmp_path / name)] for name in ("README.md", "weights")]
    assert is_recorded(tmp_path, before.sha256)
    assert is_recorded(tmp_path, sha256_of_json(counted))
    assert not is_recorded(tmp_path, "0" * 64)


def test_canonical_json_ignores_key_order() -> None:
    """Equal content has one hash."""
    assert sha256_of_json({"a": 1, "나": [1, 2]}) == sha256_of_json(json.loads('{"나": [1, 2], "a": 1}'))


def test_an_edited_recipe_is_refused(run_dir: Path) -> None:
    """run.json is frozen: its own hash gives an edit away."""
    path = run_dir / "run.json"
    assert load_spec(run_dir).spec_sha256
    before = sha256_of_file(path)
    path.write_text(path.read_text(encoding="utf-8").replace('"seed": ', '"seed": 1'), encoding="utf-8")
    assert sha256_of_file(path) != before
    with pytest.raises(ConfigurationError, match="edited after the run was opened"):
        load_spec(run_dir)


def test_a_folder_without_a_recipe_is_no_run_folder(tmp_path: Path) -> None:
    """Exit 2, not a traceback."""
    with pytest.raises(ConfigurationError, match=r"no run\.json here"):
        load_spec(tmp_path)

"""Chunks: how they are cited, what is left out, and ids that stay."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regtune.cli import main
from regtune.contracts import Provision
from regtune.documents.chunk import chunk_provisions, cited_as


def _provision(text: str = "제1조(목적) 정한다.", **fields: Any) -> Provision:
    return Provision.model_validate(
        {
            "regulation_id": "rule",
            "regulation_title": "규정",
            "part": "body",
            "kind": "article",
            "number": "1",
            "title": "목적",
            "path": ("제1장 총칙", "제1조(목적)"),
            "text": text,
            "revision_tags": (),
            "page_first": 1,
            "page_last": 1,
            "deleted": False,
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("fields", "article"),
    [
        pytest.param({"number": "15"}, "제15조", id="article"),
        pytest.param({"number": "15의2"}, "제15조의2", id="branch"),
        pytest.param({"part": "addendum", "number": "1"}, "부칙 제1조", id="article of a 부칙"),
        pytest.param({"part": "addendum", "number": None, "kind": "other"}, "부칙", id="부칙 without articles"),
        pytest.param({"part": "annex", "number": "1", "kind": "other"}, "별표 1", id="annex"),
        pytest.param({"part": "annex", "number": None, "kind": "other"}, "별표", id="only annex"),
        pytest.param({"part": "form", "number": "1", "kind": "other"}, "별지 제1호서식", id="form"),
        pytest.param({"part": "form", "number": "1의2", "kind": "other"}, "별지 제1호의2서식", id="branch of a form"),
        pytest.param({"number": None, "title": None, "path": ()}, "본문", id="text without articles"),
    ],
)
def test_cited_as(fields: dict[str, Any], article: str) -> None:
    """A chunk names its article as a reader cites it."""
    assert cited_as(_provision(**fields)) == article


_LINES = st.lists(st.text(alphabet="가나다①②1.가. |", min_size=1, max_size=50), min_size=1, max_size=12).map("\n".join)
_PROVISIONS = st.lists(
    st.builds(
        lambda text, part, deleted: _provision(text, part=part, deleted=deleted),
        _LINES,
        st.sampled_from(["body", "addendum", "annex", "form", "preamble"]),
        st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=100, deadline=None)
@given(provisions=_PROVISIONS, limit=st.integers(min_value=5, max_value=60))
def test_every_character_in_exactly_one_chunk(provisions: list[Provision], limit: int) -> None:
    """Chunks hold the provisions in force, all of them and once; none is over the limit; ids are distinct."""
    chunks = chunk_provisions(provisions, limit, len)
    in_force = [p.text for p in provisions if p.part != "preamble" and not p.deleted]
    assert "".join("".join(c.text.split()) for c in chunks) == "".join("".join(text.split()) for text in in_force)
    assert all(c.token_count == len(c.text) <= limit for c in chunks)
    assert len({c.chunk_id for c in chunks}) == len(chunks)


def test_an_id_survives_changes_elsewhere() -> None:
    """The same text at the same place keeps its id when articles before it come, go or change."""
    kept = _provision("제3조(신청) 신청한다.", number="3", path=("제3조(신청)",))
    before = chunk_provisions([_provision(), kept], 100, len)[-1]
    after = chunk_provisions([_provision("제1조(목적) 다르게 정한다."), _provision(number="2"), kept], 100, len)[-1]
    assert before == after
    assert (
        chunk_provisions([kept.model_copy(update={"text": "제3조(신청) 바뀐다."})], 100, len)[0].chunk_id
        != before.chunk_id
    )


def test_parts_of_a_split_article_say_where_they_stand() -> None:
    """Parts share the article; one that starts inside 제2항, or inside a table, carries that in its path."""
    items = "\n".join(f"{i}. 다음 서류를 제출하여야 한다." for i in range(1, 13))
    parts = chunk_provisions([_provision(f"제1조(서류) ① 제출한다.\n② 서류는 다음과 같다.\n{items}")], 80, len)
    assert {part.article for part in parts} == {"제1조"}
    assert parts[0].path == ("제1장 총칙", "제1조(목적)")
    assert parts[-1].path == ("제1장 총칙", "제1조(목적)", "제2항")
    rows = "\n".join(f"| 사망 | 가족 {i} | {i}일 |" for i in range(12))
    table = f"[별표 1]\n| 구분 | 대상 | 일수 |\n| --- | --- | --- |\n{rows}"
    parts = chunk_provisions([_provision(table, part="annex", path=("[별표 1]",))], 120, len)
    assert parts[-1].path == ("[별표 1]", "구분 | 대상 | 일수")


def test_command(tmp_path: Path) -> None:
    """`chunk --provisions FILE --out DIR` writes chunks, and refuses when nothing is in force."""
    source = tmp_path / "provisions.jsonl"
    line = {
        "regulation_id": "rule",
        "text": "제1조(목적) 정한다.",
        "number": "1",
        "title": "목적",
        "path": ["제1조(목적)"],
    }
    source.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    assert main(["chunk", "--provisions", str(source), "--out", str(tmp_path / "out")]) == 0
    (chunk,) = map(json.loads, (tmp_path / "out" / "chunks.jsonl").read_text(encoding="utf-8").splitlines())
    assert (chunk["article"], chunk["text"]) == ("제1조", "제1조(목적) 정한다.")
    source.write_text(json.dumps({**line, "deleted": True}, ensure_ascii=False) + "\n", encoding="utf-8")
    assert main(["chunk", "--provisions", str(source), "--out", str(tmp_path / "out")]) == 4

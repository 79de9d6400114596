"""Chunks: how they are cited, what is left out, and ids that stay."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regtune.cli import main
from regtune.config import ChunkConfig, load_config
from regtune.contracts import Chunk, Provision
from regtune.documents.chunk import chunk_provisions
from regtune.documents.naming import cited_as, provision_ids
from regtune.documents.references import find_citations
from regtune.errors import ConfigurationError


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


def _config(most: int, **fields: Any) -> ChunkConfig:
    settings = {"part_tokens": max(1, most * 5 // 8), "part_variation": 0.13, "merge_below_tokens": 0}
    return ChunkConfig(max_tokens=most, tokenizer="qwen", **{**settings, **fields})


def _chunks(provisions: list[Provision], most: int, **fields: Any) -> list[Chunk]:
    return chunk_provisions(provisions, find_citations(provisions), _config(most, **fields), len)


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


@settings(max_examples=150, deadline=None)
@given(provisions=_PROVISIONS, limit=st.integers(min_value=5, max_value=60), merged=st.sampled_from([0, 1]))
def test_every_character_in_exactly_one_chunk(provisions: list[Provision], limit: int, merged: int) -> None:
    """Chunks hold the provisions in force, all of them and once; none is over the limit; ids are distinct."""
    chunks = _chunks(provisions, limit, merge_below_tokens=limit * merged)
    in_force = [p.text for p in provisions if p.part != "preamble" and not p.deleted]
    assert "".join("".join(c.text.split()) for c in chunks) == "".join("".join(text.split()) for text in in_force)
    assert all(c.token_count == len(c.text) <= limit for c in chunks)
    assert len({c.chunk_id for c in chunks}) == len(chunks)


def test_an_id_survives_changes_elsewhere() -> None:
    """The same text at the same place keeps its id when articles before it come, go or change."""
    kept = _provision("제3조(신청) 신청한다.", number="3", path=("제3조(신청)",))
    before = _chunks([_provision(), kept], 100)[-1]
    after = _chunks([_provision("제1조(목적) 다르게 정한다."), _provision(number="2"), kept], 100)[-1]
    assert before == after
    assert _chunks([kept.model_copy(update={"text": "제3조(신청) 바뀐다."})], 100)[0].chunk_id != before.chunk_id


_ITEMS = "\n".join(f"{i}. 다음 서류를 제출하여야 한다." for i in range(1, 13))
_ROWS = "\n".join(f"| 사망 | 가족 {i} | {i}일 |" for i in range(12))
_SUBITEMS = "\n".join(f"{letter}. 서류를 갖춘 사람" for letter in "가나다라마바사아자차")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param(
            f"제1조(서류) ① 제출한다.\n② 서류는 다음과 같다.\n{_ITEMS}", "제2항: 서류는 다음과 같다.", id="호"
        ),
        pytest.param(f"제1조(서류) 서류는 다음과 같다.\n{_ITEMS}", "서류는 다음과 같다.", id="호 without 항"),
        pytest.param(
            f"제1조(서류) ① 다음과 같다.\n1. 짧은 호\n2. 다음 각 목의 사람\n{_SUBITEMS}",
            "제1항제2호: 다음 각 목의 사람",
            id="목",
        ),
        pytest.param("제1조(서류) ① 짧다.\n② " + "서류를 제출하여야 한다. " * 20, "제2항", id="inside a 항"),
        pytest.param("\n".join(f"{mark} 서류를 모두 제출한다." * 2 for mark in "①②③④⑤⑥"), None, id="a 항 opens it"),
        pytest.param(
            f"[별표 1]\n| 구분 | 대상 | 일수 |\n| --- | --- | --- |\n{_ROWS}", "구분 | 대상 | 일수", id="table"
        ),
    ],
)
def test_parts_of_a_split_article_say_where_they_stand(text: str, place: str | None) -> None:
    """Parts share article and path; to the path each adds what it needs to be understood without the parts before."""
    parts = _chunks([_provision(text)], 100)
    assert {part.article for part in parts} == {"제1조"}
    assert parts[0].path == ("제1장 총칙", "제1조(목적)")
    assert parts[-1].path == ("제1장 총칙", "제1조(목적)", *([place] if place else []))


def test_a_part_of_a_split_article_has_its_own_references() -> None:
    """What an article cites is told by the part whose text cites it."""
    sentences = "직원은 휴가를 신청하여야 한다. " * 6
    long = _provision(f"제1조(휴가) ① 제2조에 따른다. {sentences}\n② 별표 1에 따른다. {sentences}")
    others = [_provision("제2조(신청) 신청한다.", number="2"), _provision("[별표 1]", part="annex", kind="other")]
    parts = [chunk for chunk in _chunks([long, *others], 150) if chunk.article == "제1조"]
    assert parts[0].references == ("rule/body/2",)
    assert [name for part in parts for name in part.references] == ["rule/body/2", "rule/annex/1"]


def test_short_neighbours_are_joined_when_configured() -> None:
    """Short articles below the same headings become one chunk up to the size; others, and by default all, stay."""
    short = [_provision(f"제{i}조(가) 짧다.", number=str(i), path=("제1장", f"제{i}조(가)")) for i in (1, 2, 3)]
    far = _provision("제4조(나) 짧다.", number="4", path=("제2장", "제4조(나)"))
    assert [chunk.article for chunk in _chunks([*short, far], 100)] == ["제1조", "제2조", "제3조", "제4조"]
    joined = _chunks([*short, far], 100, merge_below_tokens=24)
    assert [(chunk.article, chunk.path) for chunk in joined] == [
        ("제1조, 제2조", ("제1장",)),
        ("제3조", ("제1장", "제3조(가)")),
        ("제4조", ("제2장", "제4조(나)")),
    ]


@pytest.mark.parametrize("name", ["part_tokens", "merge_below_tokens"])
def test_sizes_over_the_limit_are_refused(tmp_path: Path, name: str) -> None:
    """A part, or a joined chunk, cannot be configured longer than the longest chunk."""
    text = (Path(__file__).parents[2] / "include/config/demo.yaml").read_text(encoding="utf-8")
    lines = [f"  {name}: 513" if line.startswith(f"  {name}:") else line for line in text.split("\n")]
    (tmp_path / "config.yaml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"{name} is 513"):
        load_config(tmp_path / "config.yaml")


def test_ids_of_provisions() -> None:
    """An id names regulation, part and number; a 부칙 its date or place; a second one of a name is told apart."""
    dated = {"part": "addendum", "path": ("부칙 <2024. 7. 1.>", "제1조")}
    provisions = [
        _provision(),
        _provision(number="15의2"),
        _provision(number="15의2"),
        _provision(number=None, kind="other", part="annex"),
        _provision(**dated),
        _provision(part="addendum", path=("부칙", "제1조")),
        _provision(part="addendum", path=("부칙", "제1조")),
    ]
    assert provision_ids(provisions) == (
        "rule/body/1",
        "rule/body/15의2",
        "rule/body/15의2~2",
        "rule/annex/-",
        "rule/addendum/2024-07-01/1",
        "rule/addendum/1/1",
        "rule/addendum/2/1",
    )


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


def _table(rows: str) -> str:
    return "| 대학 | 학위 |\n| --- | --- |\n" + "\n".join(f"| {name}대학 | {name}학사 |" for name in rows)


@pytest.mark.parametrize(
    ("title", "second", "shown"),
    [
        pytest.param(
            "수여 학위명(2022학년도 이전)", "수여 학위명 (2023학년도)", "[별표 2] 수여 학위명 (2023학년도)", id="alike"
        ),
        pytest.param("여비 지급표", "2. 국외 출장", "2. 국외 출장", id="another"),
    ],
)
def test_later_table_of_an_annex_has_not_the_heading_of_the_first(title: str, second: str, shown: str) -> None:
    """A part of the second table is told by the caption of this table, one of the first as before."""
    rows = "가나다라마바사아자차카타파하"
    text = f"[별표 2]\n{title}\n{_table(rows)}\n{second}\n{_table(rows.translate({0xAC00: 0xAC01}))}\n※ 비고"
    fields = {"part": "annex", "number": "2", "kind": "other", "path": (f"[별표 2] {title}",)}
    chunks = _chunks([_provision(text, **fields)], 120)
    at = next(i for i, chunk in enumerate(chunks) if second in chunk.text)
    assert {chunk.path[0] for chunk in chunks[:at]} == {f"[별표 2] {title}"}
    assert len(chunks) > at + 2
    assert all(shown in chunk.path for chunk in chunks[at + 1 :])


def test_a_part_names_its_own_pages() -> None:
    """A part of a long article that stands on its second page says so, not where the article begins."""
    text = "제1조(목적)\n" + "\n".join(f"{mark} {'가' * 40}한다." for mark in "①②③④")
    halves = len("".join(text.split("\n③")[0].split()))
    provision = _provision(text, page_first=3, page_last=5, page_starts=((5, halves),))
    pages = [(chunk.page_first, chunk.page_last) for chunk in _chunks([provision], 60)]
    assert pages == [(3, 3), (3, 3), (5, 5), (5, 5)]
    assert [(c.page_first, c.page_last) for c in _chunks([provision], 400)] == [(3, 5)]

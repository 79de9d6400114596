"""신구조문대비표: what is marked, what is escaped, how it reads."""

import re
from html.parser import HTMLParser

import pytest
from documents.provision_samples import attachment, provision
from hypothesis import given
from hypothesis import strategies as st

from regtune.contracts import DiffReport, Provision
from regtune.documents.diff import compare, report
from regtune.documents.diff_marks import Stretches, mark_words
from regtune.documents.diff_tables import summary, to_html, to_markdown


def _report(old: list[Provision], new: list[Provision]) -> DiffReport:
    return report("old.pdf", "new.pdf", new, compare(old, new))


def _marked(stretches: Stretches) -> list[str]:
    return [stretch.text.strip() for stretch in stretches if stretch.differs]


@pytest.mark.parametrize(
    ("old", "new", "gone", "come"),
    [
        pytest.param("15일의 휴가를 준다.", "16일의 휴가를 준다.", ["15일의"], ["16일의"], id="word"),
        pytest.param("휴가를 준다.", "유급 휴가를 준다.", [], ["유급"], id="word added"),
        pytest.param("휴가를 쓸 수있다.", "휴가를 쓸 수 있다.", [], [], id="space"),
        pytest.param("“회사”가 3일 준다.", "회사가 5일 준다.", ["3일"], ["5일"], id="quotation marks"),
        pytest.param("① 가.\n② 나.\n③ 다.", "① 가.\n③ 다.", ["② 나."], [], id="line gone"),
        pytest.param(
            "| 임원 | 40 |\n| --- | --- |\n| 사원 | 30 |\n| 촉탁 | 20 |",
            "| 임원 | 45 |\n| --- | --- |\n| 사원 | 35 |\n| 촉탁 | 25 |",
            ["40", "30", "20"],
            ["45", "35", "25"],
            id="cells of rows",
        ),
        pytest.param(
            "| 책임 | 30 | 120 | 100 |",
            "| 책임 | 35 | 140 | 120 |",
            ["30", "120", "100"],
            ["35", "140", "120"],
            id="same figure in another column",
        ),
    ],
)
def test_marked_words(old: str, new: str, gone: list[str], come: list[str]) -> None:
    """Just the words that really differ are marked."""
    before, after = mark_words(old, new)
    assert (_marked(before), _marked(after)) == (gone, come)


_TEXT = st.text(alphabet="가나다 .\n①|-<&*~_", max_size=60)


@given(old=_TEXT, new=_TEXT)
def test_marking_loses_nothing(old: str, new: str) -> None:
    """Joined, the stretches are the texts, but for the rulings of tables and blank lines."""
    for text, stretches in zip((old, new), mark_words(old, new), strict=True):
        kept = "".join(line for line in text.split("\n") if not re.fullmatch(r"\|(?:\s*:?-+:?\s*\|)+", line.strip()))
        assert "".join("".join(s.text for s in stretches).split()) == "".join(kept.split())


class _Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


_ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>[링크](javascript:alert(1)) | </td>"


def test_everything_is_escaped() -> None:
    """A document, a title or a file name that holds markup is shown as text, in HTML and in Markdown."""
    fields = {"regulation_title": _ATTACK}
    old = [provision("제1조(가) 나.", f"제1장 {_ATTACK}", **fields)]
    new = [provision(f"제1조(가) {_ATTACK}", f"제1장 {_ATTACK}", **fields)]
    found = report(_ATTACK, _ATTACK, new, compare(old, new))
    page = _Page()
    page.feed(to_html(found))
    assert not {"script", "img", "a"} & set(page.tags)
    assert not [name for name, _value in page.attributes if name.startswith("on") or name in {"src", "href"}]
    assert page.text.count("<script>alert(1)</script>") == 5
    markdown = to_markdown(found)
    assert "<script>" not in markdown
    assert "<img" not in markdown
    assert "[링크](" not in markdown
    rows = [line for line in markdown.split("\n") if line.startswith("| 개정")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [4]


def test_html_opens_offline_and_on_a_phone() -> None:
    """One Korean page without a script or a request, that folds at phone width and marks with del and ins."""
    page = to_html(_report([provision("제1조(가) 3일")], [provision("제1조(가) 5일")]))
    assert page.startswith('<!doctype html><html lang="ko">')
    assert 'name="viewport" content="width=device-width' in page
    assert "default-src 'none'" in page
    assert "@media(max-width:40rem)" in page
    assert not re.search(r"https?:|url\(|@import", page)
    assert "<del>3일</del>" in page
    assert "<ins>5일</ins>" in page


def test_tables_inside_a_cell() -> None:
    """Rows of a 별표 are rows in HTML, with the cell marked that changed."""
    old, new = (attachment(f"[별표 1]\n| 임원 | {n} |\n| --- | --- |\n| 사원 | 30 |\n비고") for n in (40, 45))
    page = to_html(_report([old], [new]))
    assert "<tr><td>임원</td><td><ins>45</ins></td></tr><tr><td>사원</td><td>30</td></tr></table>" in page
    assert "<p>비고</p>" in page


def test_rows_of_each_kind() -> None:
    """Added and removed say so; a run of new numbers is one row; the table names the place of each article."""
    texts = [
        "제1조(목적) 목적을 정한다.",
        *(f"제{i}조(업무{w}) {w} 부서가 {w}를 맡는다." for i, w in enumerate("가나다라", 2)),
    ]
    shifted = [re.sub(r"제(\d+)조", lambda m: f"제{int(m[1]) + 1}조", text) for text in texts[1:]]
    old = [*(provision(text, "제1장 총칙") for text in texts), attachment("[별표 1] 기준")]
    new = [provision(text, "제1장 총칙") for text in (texts[0], "제2조(안식) 20일을 쉬게 한다.", *shifted)]
    found = _report(old, new)
    assert summary(found).split("\n") == [
        "old.pdf → new.pdf",
        "취업규칙: 개정 0, 신설 1, 삭제 1, 번호 변경 4, 위치 이동 0",
        "  신설  제2조(안식)",
        "  번호 변경  제2조부터 제5조까지 → 제3조부터 제6조까지",
        "  삭제  [별표 1] 기준",
        "바뀌지 않은 조문 1개",
    ]
    markdown = to_markdown(found)
    assert "| 신설<br>제1장 총칙 | 〈신 설〉 | 제2조(안식) 20일을 쉬게 한다. |" in markdown
    assert "| 번호 변경<br>제1장 총칙 | 제2조부터 제5조까지 | 제3조부터 제6조까지 |" in markdown
    assert "| 삭제 | \\[별표 1\\] 기준 | 〈삭 제〉 |" in markdown


def test_nothing_changed_is_said() -> None:
    """Without a real change the documents say so."""
    same = [provision("제1조(가) 3일")]
    found = _report(same, same)
    for text in (summary(found), to_markdown(found), to_html(found)):
        assert "실제로 바뀐 조문이 없습니다." in text

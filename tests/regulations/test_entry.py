"""A revision in or out of the register, and what contradicts."""

from datetime import date
from typing import Any

import pytest

from regtune.errors import ConfigurationError
from regtune.regulations.entry import Proposal, added, regulation_of, removed, rendered
from regtune.regulations.register import Register, Revision, parse_register

TEXT = f"""\
# 우리 회사의 규정
regulations:
  # 인사팀 담당
  - regulation_id: work-rules
    title: 취업규칙
    revisions:
      - {{effective_date: 2024-01-01, file: a.pdf, sha256: {"a" * 64}}}
      # 2024년 7월 개정
      - {{effective_date: 2024-07-01, file: b.pdf, sha256: {"b" * 64}}}
  - regulation_id: travel
    title: "여비: 규정"
    revisions:
      - {{effective_date: 2024-01-01, file: c.pdf, sha256: "{"1" * 64}"}}
# 끝
"""
REGISTER = parse_register(TEXT, "register.yaml")


def proposal(day: str, sha: str = "e", regulation_id: str = "work-rules", **more: Any) -> Proposal:
    """A revision of a day."""
    revision = Revision(effective_date=date.fromisoformat(day), file="new.pdf", sha256=sha * 64)
    return Proposal(regulation_id, more.pop("title", "취업규칙"), revision, **more)


def days(register: Register, regulation_id: str = "work-rules") -> list[str]:
    """Effective dates of a regulation."""
    [found] = [r for r in register.regulations if r.regulation_id == regulation_id]
    return [str(revision.effective_date) for revision in found.revisions]


@pytest.mark.parametrize(
    ("proposed", "says"),
    [
        pytest.param(proposal("2024-07-01"), "is registered with another file", id="same date twice"),
        pytest.param(proposal("2024-03-01"), "before the last revision (2024-07-01)", id="before the last"),
        pytest.param(proposal("2025-01-01", "a"), "this very file is registered, in force from 2024-01-01", id="file"),
        pytest.param(proposal("2025-01-01", title="여비규정"), "title reads '여비규정'", id="another title"),
        pytest.param(proposal("2025-01-01", regulation_id="Work Rules"), "small letters", id="no id"),
        pytest.param(proposal("2024-07-01", "b", correct=True), "this very file", id="same file, even corrected"),
    ],
)
def test_what_contradicts_is_refused(proposed: Proposal, says: str) -> None:
    """One line that says what is there and what to give instead."""
    with pytest.raises(ConfigurationError) as caught:
        added(REGISTER, proposed)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("proposed", "expected"),
    [
        pytest.param(proposal("2025-01-01"), ["2024-01-01", "2024-07-01", "2025-01-01"], id="the next one"),
        pytest.param(
            proposal("2024-03-01", correct=True), ["2024-01-01", "2024-03-01", "2024-07-01"], id="inserted by --correct"
        ),
        pytest.param(proposal("2024-07-01", correct=True), ["2024-01-01", "2024-07-01"], id="replaced by --correct"),
        pytest.param(
            proposal("2025-01-01", title="취 업 규 칙"), ["2024-01-01", "2024-07-01", "2025-01-01"], id="blanks"
        ),
    ],
)
def test_a_revision_takes_its_place(proposed: Proposal, expected: list[str]) -> None:
    """Dates ascend, and the new file is the one of its date."""
    register = added(REGISTER, proposed)
    assert days(register) == expected
    shas = {r.effective_date: r.sha256 for r in register.regulations[0].revisions}
    assert shas[proposed.revision.effective_date] == "e" * 64


def test_a_regulation_is_found_by_its_title() -> None:
    """Blanks do not matter; an unknown title names what is known and the likeliest."""
    assert regulation_of(REGISTER, "취업 규칙", None) == "work-rules"
    assert regulation_of(REGISTER, "무엇이든", "travel") == "travel"
    with pytest.raises(ConfigurationError, match=r"취업규칙 is work-rules.*--regulation ID"):
        regulation_of(REGISTER, "취업규칙집", None)


def test_a_revision_is_taken_out() -> None:
    """The regulation goes with its last revision; the register never becomes empty."""
    assert days(removed(REGISTER, "work-rules", date(2024, 7, 1))) == ["2024-01-01"]
    smaller = removed(REGISTER, "travel", date(2024, 1, 1))
    assert [r.regulation_id for r in smaller.regulations] == ["work-rules"]
    with pytest.raises(ConfigurationError, match="no such revision"):
        removed(REGISTER, "travel", date(2024, 1, 2))
    alone = removed(smaller, "work-rules", date(2024, 7, 1))
    with pytest.raises(ConfigurationError, match="holds at least one"):
        removed(alone, "work-rules", date(2024, 1, 1))


def test_what_is_written_is_what_is_read() -> None:
    """The text reads back as the register, its comments are where they were, and a second writing changes no byte."""
    register = added(REGISTER, proposal("2025-01-01"))
    text = rendered(register, TEXT)
    assert parse_register(text, "again") == register
    assert rendered(register, text) == text
    lines = text.splitlines()
    assert lines[0] == "# 우리 회사의 규정"
    assert lines[lines.index("  # 인사팀 담당") + 1] == "  - regulation_id: work-rules"
    assert "2024-07-01" in lines[lines.index("      # 2024년 7월 개정") + 1]
    assert lines[-1] == "# 끝"


@pytest.mark.parametrize(
    "title", ["여비: 규정", "- x", "[1]", "2024", "true", "null", "규정 # 1", "'", '"', "가\t나", "no"]
)
def test_any_title_survives_writing(title: str) -> None:
    """A title that YAML would take for something else is quoted."""
    register = added(REGISTER, proposal("2024-01-01", regulation_id="new", title=title))
    assert parse_register(rendered(register, TEXT), "again").regulations[-1].title == title

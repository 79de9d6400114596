"""The day a revision takes effect, read from its text."""

from datetime import date
from pathlib import Path

import pytest

from regtune.config import PipelineConfig
from regtune.contracts import Provision, Source
from regtune.documents.parse import parse_file
from regtune.regulations.effective_date import read_effective_date


def provision(part: str, text: str, heading: str = "부칙") -> Provision:
    """A title page or a 부칙."""
    facts = {"regulation_id": "r", "regulation_title": "취업규칙", "kind": "other", "number": None, "title": None}
    pages = {"page_first": 1, "page_last": 1, "deleted": False, "revision_tags": (), "path": (heading,)}
    return Provision.model_validate({**facts, **pages, "part": part, "text": text})


FRONT = "취업규칙\n제정 2020. 1. 2.\n개정 2024. 6. 20."


@pytest.mark.parametrize(
    ("front", "addenda", "expected"),
    [
        pytest.param("", [("부칙", "이 규정은 2024년 7월 1일부터 시행한다.")], "2024-07-01", id="dated"),
        pytest.param("", [("부칙", "이 규정은 2024. 7. 1.부터 시행한다.")], "2024-07-01", id="dated with points"),
        pytest.param("", [("부칙", "규칙의 시행은 2019년3월 27 일로 한다.")], "2019-03-27", id="시행은 …로 한다"),
        pytest.param("", [("부칙", "정관의 효력발생 시기는 2004년 1월 19일로 한다.")], "2004-01-19", id="효력발생"),
        pytest.param(
            "", [("부칙", "원장의 승인을 받은 날(2022. 7. 27.)부터 시행한다.")], "2022-07-27", id="in brackets"
        ),
        pytest.param(
            "", [("부칙 <2024. 6. 3.>", "이 규칙은 공포한 날부터 시행한다.")], "2024-06-03", id="the day in the heading"
        ),
        pytest.param(FRONT, [("부칙", "이사회의 의결을 받은 날부터 시행한다.")], "2024-06-20", id="the last 개정"),
        pytest.param(
            "",
            [("부칙 <2023. 11. 30.>", "이 규칙은 공포 후 3개월이 경과한 날부터 시행한다.")],
            "2024-02-29",
            id="months on, to a month that is shorter",
        ),
        pytest.param("", [("부칙 <2024. 1. 1.>", "공고 후 30일이 지난 날부터 시행한다.")], "2024-01-31", id="days on"),
        pytest.param(
            "",
            [("부칙", "이 규정은 2024년 1월 1일부터 시행한다. 다만, 제5조는 2026년 1월 1일부터 시행한다.")],
            "2024-01-01",
            id="a proviso is about single articles",
        ),
        pytest.param(
            "",
            [("부칙", "1. (적용례) 2030년 1월 1일부터 적용한다.\n2. (시행일) 2024년 3월 1일부터 시행한다.")],
            "2024-03-01",
            id="the clause on 시행일 of several",
        ),
        pytest.param(
            "",
            [("부칙", "2025년 1월 1일부터 시행한다."), ("부칙", "2024년 1월 1일부터 시행한다.")],
            "2025-01-01",
            id="newest 부칙 first",
        ),
        pytest.param("[시행 2025. 2. 23.]", [("부칙", "2024년 1월 1일부터 시행한다.")], "2025-02-23", id="title page"),
        pytest.param(
            "", [("부칙", "이 규정 시행 전에 받은 허가는 2024년 6월 30일까지 효력을 가진다.")], None, id="none"
        ),
        pytest.param("", [("부칙", "이 규정은 2024년 13월 41일부터 시행한다.")], None, id="no such day"),
        pytest.param("", [], None, id="no 부칙"),
    ],
)
def test_the_day_is_read(front: str, addenda: list[tuple[str, str]], expected: str | None) -> None:
    """The forms that Korean regulations use; None where the text names no day."""
    provisions = [provision("preamble", front), *(provision("addendum", text, heading) for heading, text in addenda)]
    found = read_effective_date(provisions)
    assert found.effective_date == (date.fromisoformat(expected) if expected else None)
    assert bool(found.doubt) is (expected is None)


def test_a_title_page_that_knows_a_later_revision_is_doubted() -> None:
    """A 개정 after the last 시행일 means that a 부칙 was not read; a person has to say the date."""
    found = read_effective_date(
        [provision("preamble", FRONT), provision("addendum", "이 규칙은 2020년 1월 2일부터 시행한다.")]
    )
    assert "2024-06-20" in found.doubt


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("dongduk-academic-rules", "2026-04-15", id="title page"),
        pytest.param("kca-service", "2025-06-27", id="이사회 의결을 받은 날, in the heading"),
        pytest.param("kcopa-childcare-time", "2022-07-27", id="승인을 받은 날, in brackets"),
        pytest.param("kwu-charter", "2019-08-21", id="효력발생 and dated"),
    ],
)
def test_real_regulations_name_their_day(shared: Path, name: str, expected: str, demo_config: PipelineConfig) -> None:
    """Real PDFs of four issuers, each with another way of saying it."""
    path = min((shared / "regulations" / name).glob("*.pdf"))
    source = Source(regulation_id="r", title="", effective_date=date(2024, 1, 1), file=path.name, sha256="")
    parsed = parse_file(path, source, demo_config.parse)
    assert str(read_effective_date(parsed.provisions).effective_date) == expected

"""Whatever file is given, parse ends in a result or one clear line: never a hang, a crash or silence."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from documents.layouts import SAMPLES, parsed
from documents.test_layouts import pages_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regtune.documents.isolated import Failure, Tell, run_isolated
from regtune.errors import UnusableInputError

Write = Callable[..., Path]
_SHARED = SAMPLES.parents[2] / "shared" / "regulations"
_DAMAGED = 12
_SECONDS = 60.0


def _damaged(folder: Path) -> list[Path]:
    """Samples, and real regulations where they are, cut off or with bytes flipped."""
    whole = [*sorted(SAMPLES.glob("*.pdf")), *sorted(_SHARED.glob("k*/*.pdf"))]
    draw = random.Random(3)
    files: list[Path] = []
    for i in range(_DAMAGED):
        content = bytearray(whole[i % len(whole)].read_bytes())
        if i % 3 == 0:
            content = content[: draw.randrange(len(content))]
        else:
            for _ in range(20 if i % 3 == 1 else 2000):
                content[draw.randrange(len(content))] = draw.randrange(256)
        files.append(folder / f"규정 {i} (개정).pdf")
        files[-1].write_bytes(content)
    return files


def _outcome(path: Path, _: Tell | None = None) -> tuple[int, int]:
    try:
        report = parsed(path).report
    except UnusableInputError as error:
        assert str(error).startswith(f"{path.name}: ")  # noqa: PT017 - one of two good ends
        assert "\n" not in str(error)  # noqa: PT017
        return 0, 1
    characters = report.characters
    assert characters.total == characters.kept + sum(characters.moved.values()) + sum(characters.removed.values())
    return characters.kept, len(report.warnings)


def test_damaged_files(tmp_path: Path) -> None:
    """Each truncated or altered file is parsed with its characters accounted for, or refused in one line."""
    files = _damaged(tmp_path)
    found = dict(run_isolated(_outcome, files, min(2, os.cpu_count() or 1), _SECONDS))
    assert len(found) == _DAMAGED
    assert [result for result in found.values() if isinstance(result, Failure) or result == (0, 0)] == []


@pytest.mark.parametrize(("width", "height"), [(3, 3), (14000, 14000), (1e6, 842)])
def test_absurd_page_sizes(tmp_path: Path, width: float, height: float) -> None:
    """A page of three points or of an acre has a result or is refused."""
    import pymupdf

    with pymupdf.open() as document:
        page = document.new_page(width=width, height=height)
        page.insert_text((1, 2), "제1조(목적) 정한다.", fontname="korea", fontsize=1)
        document.save(tmp_path / "a.pdf")
    assert _outcome(tmp_path / "a.pdf") != (0, 0)  # neither text nor a word about it


def test_pages_without_anything(tmp_path: Path) -> None:
    """Empty pages by the hundred are one line, not one each; beside text they are one warning."""
    import pymupdf

    with pymupdf.open() as document:
        for _ in range(300):
            document.new_page()
        document.save(tmp_path / "빈 쪽.pdf")
        document[150].insert_text((70, 200), "제1조(목적) 정한다.", fontname="korea")
        document.save(tmp_path / "한 쪽.pdf")
    with pytest.raises(UnusableInputError, match=r"no text on any of its 300 pages; give a PDF with text\.$"):
        parsed(tmp_path / "빈 쪽.pdf")
    (warning,) = parsed(tmp_path / "한 쪽.pdf").report.warnings
    assert warning.message == "글자가 없습니다: 1, 2, 3, 4, 5쪽 등 모두 299쪽."


_TEXTS = st.sampled_from(
    [
        "제1조(목적) 정한다.",
        "제2조 삭제",
        "부 칙",
        "[별표 1] 표",
        "1. 하나",
        "① 첫째",
        "제1장 총 칙",
        "- 3 -",
        "복무규정",
        "휴가",
    ]
)
_PAGES = st.lists(st.lists(_TEXTS, max_size=12), min_size=1, max_size=4)


@given(pages=_PAGES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_characters_of_any_layout_are_accounted_for(write_pdf: Write, pages: list[list[str]]) -> None:
    """Kept, moved and removed characters add up to what is printed, and the kept ones are those of the provisions."""
    printed = sum(len("".join(text.split())) for page in pages for text in page)
    if not printed:
        return
    found = parsed(write_pdf("a.pdf", pages_of(*pages)))
    characters = found.report.characters
    assert characters.total == printed
    assert characters.kept == sum(len("".join(provision.text.split())) for provision in found.provisions)
    assert characters.total == characters.kept + sum(characters.moved.values()) + sum(characters.removed.values())

"""Article numbers that OCR misread are told by their neighbours."""

import pytest
from documents.layouts import lines_of

from regtune.documents.ocr_numbers import mended


@pytest.mark.parametrize(
    ("texts", "right"),
    [
        pytest.param(["제6조(작성)", "제?조(점검자)", "제8조(역할)"], {1: "제7조(점검자)"}, id="unreadable"),
        pytest.param(["제11조(공개)", "제13조(폐기)", "글", "제13조(전자)"], {1: "제12조(폐기)"}, id="read twice"),
        pytest.param(["제6조(작성)", "제7조(점검자)", "제8조(역할)"], {}, id="nothing wrong"),
        pytest.param(["제6조(작성)", "제20조(벌칙) 제1항에 따라", "제8조(역할)"], {}, id="a citation"),
        pytest.param(["제6조(작성)", "제?조(점검자)", "제9조(역할)"], {}, id="room for two"),
        pytest.param(["제9조(작성)", "제?조(점검자)", "제11조(역할)"], {}, id="not as many digits"),
    ],
)
def test_mended(texts: list[str], right: dict[int, str]) -> None:
    """A titled heading between N and N+2 is N+1; where that is not certain the line stays as OCR read it."""
    assert {i: line.text for i, line in mended(lines_of(*texts))} == right

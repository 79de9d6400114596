"""Tokens are counted as Qwen3 counts them."""

from pathlib import Path

import pytest
from documents.layouts import SAMPLES

from regtune.documents.tokens import load_counter
from regtune.errors import ConfigurationError

_TEXTS = (
    "제15조의2(거점오피스 근무) ① 직원은 1주 3일 이내로 근무할 수 있다.\n② 「근로기준법」 제60조에 따른다.",
    "| 구분 | 일수 |\n| --- | --- |\n| 결혼 | 7일 |\n\n※ 비고: 1,340원(50%) ~ 2,000원",
    "It's 'quoted' text, 2024. 7. 1.   with   blanks \n\n and hanja 勤務 (ⓛ①)",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",  # decomposed Hangul
)


def test_qwen_equals_the_tokenizer_of_qwen3(shared: Path) -> None:
    """The vocabulary of dashscope counts exactly what Qwen3's tokenizer.json counts, on all the sample regulations."""
    ours = load_counter("qwen")
    theirs = load_counter(str(shared / "tokenizer" / "qwen3" / "tokenizer.json"))
    lines = [
        line
        for path in sorted((SAMPLES / "sources").glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    texts = [*_TEXTS, *lines]
    assert [ours(text) for text in texts] == [theirs(text) for text in texts]
    assert ours(_TEXTS[0]) > 20


@pytest.mark.parametrize("content", [None, "no tokenizer"])
def test_a_path_that_names_no_tokenizer(tmp_path: Path, content: str | None) -> None:
    """A missing file, or one that is no tokenizer.json, is a configuration error that names it."""
    path = tmp_path / "tokenizer.json"
    if content:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"chunk\.tokenizer: .*tokenizer\.json"):
        load_counter(str(path))

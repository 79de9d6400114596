"""What progress.py claims."""

import io
import logging
import sys

import pytest

from regtune import progress
from regtune.progress import Progress

PARTS = {"lookup": 2, "procedure": 1}


class Terminal(io.StringIO):
    """Standard error of somebody who watches."""

    def isatty(self) -> bool:
        """It is a terminal."""
        return True


def test_a_log_gets_a_line_every_few_seconds_by_part(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Done and total of each part, a note, and the time left; nothing in between."""
    monkeypatch.setattr(progress.time, "monotonic", iter([0.0, 1.0, 2.0, 10.0, 10.5, 12.0]).__next__)
    caplog.set_level(logging.INFO)
    work = Progress("generate", PARTS)
    work.advance(part="lookup")
    work.tick()
    work.tick("300 tokens/s")
    assert [r.message for r in caplog.records] == [
        "generate: lookup 1/2, procedure 0/1; 1/3, 0.1/s, 20 s left, 300 tokens/s"
    ]
    work.advance(part="lookup")
    work.advance(part="procedure")
    assert caplog.records[-1].message.startswith("generate: lookup 2/2, procedure 1/1; 3/3, ")
    assert len(caplog.records) == 2


def test_a_log_hears_of_work_that_stands_still(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing gets done the line still comes, without a time left that nobody knows."""
    monkeypatch.setattr(progress.time, "monotonic", iter([0.0, 11.0]).__next__)
    caplog.set_level(logging.INFO)
    Progress("verdicts", 5).tick()
    assert caplog.records[0].message == "verdicts: 0/5, 0.0/s, time left unknown"


def test_a_terminal_shows_a_bar_for_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bars are drawn over the last ones, and are full at the end."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_REDRAWN_EVERY_SECONDS", 0.0)
    work = Progress("generate", PARTS)
    for part in ("lookup", "procedure", "lookup"):
        work.advance(part=part)
    drawn = terminal.getvalue()
    assert drawn.count("\x1b[3F") == 2
    last = drawn.rpartition("\x1b[3F")[2]
    assert f"lookup     {'█' * 30} 2/2" in last
    assert f"procedure  {'█' * 30} 1/1" in last

"""The ledger says how long an endpoint was asked, and how full it was kept."""

import pytest

from regtune.ledger import Ledger
from regtune.replies import Reply


def test_what_was_under_way_is_counted_without_the_gaps() -> None:
    """Two that overlap by a second; nothing for ten seconds; then one alone."""
    ledger = Ledger()
    for seconds, at in ((2.0, 102.0), (2.0, 103.0), (1.0, 114.0)):
        ledger.add(Reply("", "stop", 1, 1, seconds, cached=False, request_sha256=""), {"at": at, "retries": {}})
    assert ledger.seconds() == pytest.approx(4.0)
    assert ledger.at_once() == pytest.approx(5 / 4)

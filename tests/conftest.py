"""Fixtures that more than one folder of tests uses."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real regulations beside the checkout; tests that need it skip where it is absent."""
    if not (SHARED / "regulations" / "manifest.csv").is_file():
        pytest.skip("../shared with the real regulations is absent")
    return SHARED

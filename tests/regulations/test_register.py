"""register: which revision is in force on a day, and what a wrong register says."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from regtune.errors import ConfigurationError
from regtune.regulations.register import effective_dates, in_force, load_register

REGISTER = Path(__file__).resolve().parents[2] / "include" / "regulations" / "register.yaml"


@pytest.mark.parametrize(
    ("day", "in_force_since"),
    [
        pytest.param("2024-01-01", ("2024-01-01", "2024-01-01", "2024-01-01"), id="first day"),
        pytest.param("2024-06-30", ("2024-01-01", "2024-01-01", "2024-01-01"), id="day before"),
        pytest.param("2024-07-01", ("2024-01-01", "2024-01-01", "2024-07-01"), id="day itself"),
        pytest.param("2030-01-01", ("2025-01-01", "2025-07-01", "2024-07-01"), id="far on"),
    ],
)
def test_the_latest_revision_that_took_effect_is_chosen(day: str, in_force_since: tuple[str, str, str]) -> None:
    """A revision holds from its day on, until the next one's."""
    sources = in_force(load_register(REGISTER), REGISTER.parent, date.fromisoformat(day))
    assert [source.regulation_id for source in sources] == ["service", "travel", "work-rules"]
    assert tuple(str(source.effective_date) for source in sources) == in_force_since


def test_the_dates_are_those_on_which_something_changes() -> None:
    """Four days in the sample register, ascending, each once."""
    dates = effective_dates(load_register(REGISTER))
    assert [str(day) for day in dates] == ["2024-01-01", "2024-07-01", "2025-01-01", "2025-07-01"]


def test_before_the_first_date_nothing_is_in_force() -> None:
    """The message says when the first revision takes effect."""
    with pytest.raises(ConfigurationError, match="2024-01-01"):
        in_force(load_register(REGISTER), REGISTER.parent, date(2023, 12, 31))


def test_an_unknown_regulation_is_named() -> None:
    """A params value is checked against the register, never passed on."""
    with pytest.raises(ConfigurationError, match=r"\$\(touch x\)"):
        in_force(load_register(REGISTER), REGISTER.parent, date(2024, 1, 1), ["$(touch x)"])


ENTRY = {"effective_date": "2024-01-01", "file": "a.pdf", "sha256": "0" * 64}


@pytest.mark.parametrize(
    ("register", "says"),
    [
        pytest.param([("a", [ENTRY, ENTRY])], "ascending", id="same date twice"),
        pytest.param([("a", [{**ENTRY, "effective_date": "2024-13-40"}])], "effective_date", id="no date"),
        pytest.param([("a", [{**ENTRY, "sha256": "abc"}])], "sha256", id="no hash"),
        pytest.param([("a", [ENTRY]), ("a", [ENTRY])], "listed twice", id="same regulation twice"),
        pytest.param([("../a", [ENTRY])], "regulation_id", id="id that leaves the folder"),
        pytest.param([], "regulations", id="empty"),
    ],
)
def test_a_wrong_register_is_one_line(tmp_path: Path, register: list, says: str) -> None:
    """Exit 2 names the file and what is wrong in it."""
    path = tmp_path / "register.yaml"
    entries = [{"regulation_id": key, "title": "규정", "revisions": revisions} for key, revisions in register]
    path.write_text(yaml.safe_dump({"regulations": entries}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"register\.yaml") as caught:
        load_register(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_changed_under_the_register_is_refused(tmp_path: Path) -> None:
    """The content hash in the register is what was approved."""
    path = tmp_path / "register.yaml"
    entries = [{"regulation_id": "a", "title": "규정", "revisions": [ENTRY]}]
    path.write_text(yaml.safe_dump({"regulations": entries}), encoding="utf-8")
    register = load_register(path)
    with pytest.raises(ConfigurationError, match="not there"):
        in_force(register, tmp_path, date(2024, 1, 1))
    (tmp_path / "a.pdf").write_bytes(b"%PDF changed")
    with pytest.raises(ConfigurationError, match="the register says 000000000000"):
        in_force(register, tmp_path, date(2024, 1, 1))

"""What is advised when the register and the runs do not agree."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from regtune.regulations.advice import KnownRun, advise
from regtune.regulations.register import Register, load_register, revisions_in_force

REGISTER = load_register(Path(__file__).resolve().parents[2] / "include" / "regulations" / "register.yaml")
DAYS = ("2024-01-01", "2024-07-01", "2025-01-01", "2025-07-01")
TODAY = date(2026, 1, 1)


def run_of(day: str, register: Register = REGISTER, only: Sequence[str] = ()) -> KnownRun:
    """A run of a day on the files that the register names."""
    as_of = date.fromisoformat(day)
    sources = {regulation.regulation_id: r.sha256 for regulation, r in revisions_in_force(register, as_of)}
    return KnownRun(as_of, {name: sources[name] for name in only or sources})


def with_other_file(day: str) -> KnownRun:
    """A run of a day whose travel rules were another file."""
    run = run_of(day)
    return KnownRun(run.as_of, {**run.sources, "travel": "0" * 64})


def unfinished(day: str) -> KnownRun:
    """A run of a day that never came to its end."""
    return replace(run_of(day), published=False)


@pytest.mark.parametrize(
    ("runs", "advised"),
    [
        pytest.param([run_of(day) for day in DAYS], [], id="all made"),
        pytest.param([], [("2024-01-01", "2025-07-01", "none")], id="nothing made: one command for all"),
        pytest.param([run_of(day) for day in DAYS[:3]], [("2025-07-01", "2025-07-01", "none")], id="last one missing"),
        pytest.param(
            [run_of(DAYS[1]), run_of(DAYS[3])],
            [("2024-01-01", "2024-01-01", "none"), ("2025-01-01", "2025-01-01", "none")],
            id="two gaps: two commands",
        ),
        pytest.param(
            [run_of(DAYS[0]), run_of(DAYS[1]), with_other_file(DAYS[2]), run_of(DAYS[3])],
            [("2025-01-01", "2025-01-01", "completed")],
            id="a file was corrected since",
        ),
        pytest.param(
            [run_of(DAYS[0]), run_of(DAYS[1]), with_other_file(DAYS[2])],
            [("2025-01-01", "2025-07-01", "completed")],
            id="corrected, and the next one missing",
        ),
        pytest.param(
            [run_of(day) for day in DAYS[:3]] + [run_of(DAYS[3], only=["travel"])],
            [("2025-07-01", "2025-07-01", "completed")],
            id="a run of one regulation does not stand for the day",
        ),
        pytest.param(
            [run_of(day) for day in DAYS] + [with_other_file(DAYS[3])], [], id="an older run of the day does no harm"
        ),
        pytest.param([run_of(day) for day in DAYS] + [KnownRun(date(2025, 3, 3), {})], [], id="a run of another day"),
        pytest.param(
            [run_of(DAYS[0]), *(unfinished(day) for day in DAYS[1:3]), run_of(DAYS[3])],
            [("2024-07-01", "2025-01-01", "failed")],
            id="cancelled, or refused by the gate",
        ),
        pytest.param(
            [*(run_of(day) for day in DAYS[:2]), unfinished(DAYS[2])],
            [("2025-01-01", "2025-07-01", "failed")],
            id="refused, and the next one missing",
        ),
        pytest.param(
            [unfinished(day) for day in DAYS] + [run_of(day) for day in DAYS], [], id="made after it was refused"
        ),
    ],
)
def test_the_command_makes_what_is_missing(runs: list[KnownRun], advised: list[tuple[str, str, str]]) -> None:
    """Each gap is one command with both ends and the behaviour that Airflow needs; what is made is not asked again."""
    found = advise(REGISTER, runs, TODAY)
    assert [(str(a.days[0]), str(a.days[-1]), a.reprocess) for a in found] == advised
    for a in found:
        assert a.command == (
            f"airflow backfill create --dag-id regtune"
            f" --from-date {a.days[0]}T00:00:00+00:00 --to-date {a.days[-1]}T00:00:00+00:00"
            f" --max-active-runs 1 --reprocess-behavior {a.reprocess}"
        )


def test_a_date_to_come_is_announced_and_needs_nothing() -> None:
    """Today's and later dates run by themselves; no command is given for them."""
    found = advise(REGISTER, [run_of(day) for day in DAYS[:2]], date(2025, 1, 1))
    assert [(a.kind, a.days, a.command) for a in found] == [
        ("upcoming", (date(2025, 1, 1),), None),
        ("upcoming", (date(2025, 7, 1),), None),
    ]
    assert "오늘 오전 9시" in found[0].text
    assert "여비규정" in found[1].text


def test_a_revision_inserted_in_the_past_makes_later_days_anew() -> None:
    """A travel revision registered late changes the corpus of every day until the next one of its regulation."""
    [service, travel, work] = REGISTER.regulations
    late = travel.revisions[0].model_copy(update={"effective_date": date(2024, 10, 1), "sha256": "1" * 64})
    revised = travel.model_copy(update={"revisions": (travel.revisions[0], late, travel.revisions[1])})
    register = Register(regulations=(service, revised, work))
    [found] = advise(register, [run_of(day) for day in DAYS], TODAY)
    assert (found.days, found.reprocess) == ((date(2024, 10, 1), date(2025, 1, 1)), "completed")
    assert "2024-10-01: 여비규정" in found.text

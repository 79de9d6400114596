"""What operations should start by hand: a register and the runs there are become advice in Korean.

In: the register, the runs in the store, today. Out: for each day that no run of it was published as the register now
reads, which `airflow backfill create` makes it. The page, the alert and `regtune register add` show the same words.
Pure: it reads no store and no clock.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from regtune.regulations.register import Register, effective_dates, revisions_in_force

DAG_ID = "regtune"
_MIDNIGHT = "T00:00:00+00:00"
"""When the timetable starts the run of a day."""
Reprocess = Literal["none", "failed", "completed"]
_State = Literal["made", "missing", "unfinished", "changed"]
_BACKFILLS: tuple[tuple[Literal["changed", "unfinished", "missing"], Reprocess, str], ...] = (
    ("changed", "completed", "등록된 규정과 다른 파일로 만들었거나 실행이 빠진 시행일이 있습니다"),
    (
        "unfinished",
        "failed",
        "실행이 없거나 끝까지 가지 못한 시행일이 있습니다. 돌고 있으면 기다리고, 실패·취소·거절이면 원인을 고치십시오",
    ),
    ("missing", "none", "이미 지난 시행일인데 실행이 없습니다"),
)
"""What is told of days of these states, and what makes them; the first that one of the days has."""


@dataclass(frozen=True)
class KnownRun:
    """A run that was opened, whatever became of it."""

    as_of: date
    sources: Mapping[str, str]
    """sha256 of the PDF by regulation_id, as run.json has it."""
    published: bool = True
    """False: it runs still, was cancelled, failed, or the gate refused it."""


@dataclass(frozen=True)
class Advice:
    """One thing to know or to do."""

    kind: Literal["missing", "unfinished", "changed", "upcoming"]
    """`missing`: no run for these days; `unfinished`: one that did not come to its end; `changed`: one of other files;
    `upcoming`: runs by itself. Of several days together the last of them."""
    days: tuple[date, ...]
    """Effective dates, ascending."""
    text: str
    """Korean, one sentence or two."""
    command: str | None
    """What to type on a machine with Airflow; None where nothing is to be done."""
    reprocess: Reprocess | None
    """The same for the UI's form and the REST API (`reprocess_behavior`)."""


def advise(register: Register, runs: Iterable[KnownRun], today: date) -> tuple[Advice, ...]:
    """Compare the register with the runs.

    Days that stand together are made by one backfill, so that each is begun by one command; Airflow takes one backfill
    of a DAG at a time, so that several are started one after another, in the order given.

    Args:
        register: as it is now.
        runs: every run that was opened for an effective date; those for other days say nothing here.
        today: in UTC, as the timetable counts. A run of today is still about to begin by itself.
    """
    known: dict[date, list[KnownRun]] = {}
    for run in runs:
        known.setdefault(run.as_of, []).append(run)
    days = effective_dates(register)
    past = [day for day in days if day < today]
    states = [(day, _state(register, known.get(day, ()), day)) for day in past]
    advice = [
        _backfill(register, tuple(day for day, _ in group), {state for _, state in group})
        for done, group in ((done, list(group)) for done, group in itertools.groupby(states, lambda s: s[1] == "made"))
        if not done
    ]
    upcoming = [day for day in days if day >= today]
    return (*advice, *(_upcoming(register, day, today) for day in upcoming))


def backfill_command(first: date, last: date, reprocess: Reprocess) -> str:
    """Return the command for a range of days, both ends included.

    The dates carry their zone: a bare one is midnight in Airflow's default time zone, which in Korea lies before the
    run of that day. One run at a time, so that a cancelled backfill has the runs that have not begun still to cancel.
    """
    return (
        f"airflow backfill create --dag-id {DAG_ID} --from-date {first}{_MIDNIGHT} --to-date {last}{_MIDNIGHT}"
        f" --max-active-runs 1 --reprocess-behavior {reprocess}"
    )


def _state(register: Register, runs: Sequence[KnownRun], day: date) -> _State:
    wanted = {regulation.regulation_id: r.sha256 for regulation, r in revisions_in_force(register, day)}
    if any(run.published and dict(run.sources) == wanted for run in runs):
        return "made"
    if any(run.published for run in runs):
        return "changed"
    return "unfinished" if runs else "missing"


def _backfill(register: Register, days: tuple[date, ...], states: set[_State]) -> Advice:
    kind, reprocess, what = next(facts for facts in _BACKFILLS if facts[0] in states)
    names = "; ".join(f"{day}: {_changes(register, day)}" for day in days)
    return Advice(
        kind=kind,
        days=days,
        text=f"{what} ({names}). 지난 날짜는 저절로 실행되지 않으므로 백필을 시작하십시오.",
        command=backfill_command(days[0], days[-1], reprocess),
        reprocess=reprocess,
    )


def _upcoming(register: Register, day: date, today: date) -> Advice:
    when = "오늘" if day == today else str(day)
    return Advice(
        kind="upcoming",
        days=(day,),
        text=f"{when} 오전 9시(한국 시각)에 저절로 실행됩니다: {_changes(register, day)}.",
        command=None,
        reprocess=None,
    )


def _changes(register: Register, day: date) -> str:
    """Titles of the regulations that change on a day."""
    return ", ".join(r.title for r in register.regulations if any(x.effective_date == day for x in r.revisions))

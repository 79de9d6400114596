"""The advice of regulations/advice.py for the register and the store as they are now.

In: the register, the store. Out: what the page shows and the watcher tells.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime, timezone

from regtune.errors import PrerequisiteMissingError, UnusableInputError
from regtune.orchestration.store import Store
from regtune.regulations.advice import Advice, KnownRun, advise
from regtune.regulations.register import Register, effective_dates

_log = logging.getLogger(__name__)
PUBLISHED = "publish.json"
"""There when a run has come to its end."""


def open_advice(register: Register, store: Store, today: date | None = None) -> tuple[Advice, ...]:
    """Return what should be started by hand, and what will start by itself; empty when all is made.

    Args:
        register: as it is now.
        store: of the runs; read of the runs for past effective dates are run.json and whether they were published.
        today: in UTC; None for the clock's.
    """
    today = today or datetime.now(timezone.utc).date()
    return advise(register, known_runs(store, {day for day in effective_dates(register) if day < today}), today)


def known_runs(store: Store, days: set[date]) -> Iterator[KnownRun]:
    """Every run in the store for one of these days; one that cannot be read was made of other files than it should."""
    wanted = {str(day) for day in days}
    for name in store.run_names():
        if name[:10] in wanted:
            try:
                sources = {source.regulation_id: source.sha256 for source in store.spec(name).sources}
            except UnusableInputError as error:
                _log.warning("%s", error)
                sources = {}
            except PrerequisiteMissingError:  # being opened, or being removed
                continue
            yield KnownRun(date.fromisoformat(name[:10]), sources, published=store.has(name, PUBLISHED))

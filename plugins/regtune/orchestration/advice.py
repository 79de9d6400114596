"""The advice of regulations/advice.py for the register and the store as they are now.

In: the register, the store. Out: what the watcher tells. The page asks by its archive.
"""

from datetime import date, datetime, timezone

from regtune.orchestration.store import Store
from regtune.regulations.advice import Advice, advise
from regtune.regulations.register import Register, effective_dates


def open_advice(register: Register, store: Store, today: date | None = None) -> tuple[Advice, ...]:
    """Return what should be started by hand, and what will start by itself; empty when all is made.

    Args:
        register: as it is now.
        store: of the runs; read of the runs for past effective dates are run.json and whether they were published.
        today: in UTC; None for the clock's.
    """
    today = today or datetime.now(timezone.utc).date()
    return advise(register, store.known_runs({day for day in effective_dates(register) if day < today}), today)

"""The DAG's timetable: one run on each effective date, and one that was missed for want of a scheduler is made up for.

In: the register's dates, as UTC midnights. Out: the next run. Airflow's own timetable of events passes over a date as
soon as it is past, and it is asked anew whenever the DAG file is parsed: a date that fell into an outage, or was
parsed before the scheduler had made its run, would never run. Dates before today are for backfills, as advice.py says.
"""

from datetime import timedelta

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction
from airflow.timetables.events import EventsTimetable  # airflow.sdk's own cannot be serialized in 3.3.2 (PR 69401)

_A_DAY = timedelta(days=1)


class EffectiveDates(EventsTimetable):
    """Airflow's timetable of events, in which that of today (UTC) runs also when its moment was missed."""

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the first date after the last run that is not over yet."""
        if not restriction.catchup:
            since = pendulum.now("UTC") - _A_DAY
            earliest = max(since, restriction.earliest) if restriction.earliest else since
            restriction = TimeRestriction(earliest, restriction.latest, catchup=True)
        return super().next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval, restriction=restriction
        )

"""Which runs stay and which go: publish.keep_runs and publish.keep_days, kept in the store and told to the hosts.

In: the runs in the store with the times they were opened, the pointers. Out: names to remove; housekeeping.json for the
hosts, which remove what is not named in it. Never removed: the champion's run, those that a rollback goes back to, the
latest accepted one's, the run that asks, what it is compared with, and whatever is younger than keep_days, a run in
flight among it.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone

from regtune.config import HostName, PublishConfig
from regtune.contracts import Housekeeping
from regtune.errors import RegtuneError, UnusableInputError
from regtune.hosts.packages import locked_versions
from regtune.orchestration.code_bundle import bundle_name
from regtune.orchestration.store import Store

_log = logging.getLogger(__name__)
_POINTERS = ("champion.json", "latest.json")
_HOSTS: tuple[HostName, ...] = ("02", "48")


def outdated(opened: Mapping[str, datetime], protected: Iterable[str], rule: PublishConfig, now: datetime) -> list[str]:
    """Choose the runs to remove, the oldest first.

    Args:
        opened: time by name of run.
        protected: names that stay whatever their age.
        rule: keep_runs (the last ones by time) and keep_days; either alone keeps a run.
        now: with a time zone.
    """
    by_age = sorted(opened, key=lambda name: (opened[name], name))
    last = set(by_age[-rule.keep_runs :])
    limit = now - timedelta(days=rule.keep_days)
    return [name for name in by_age if opened[name] < limit and name not in last and name not in set(protected)]


def clear_store(store: Store, rule: PublishConfig, run_name: str) -> list[str]:
    """Remove outdated runs and the code that no run is left of; returns their names. A failure is a line in the log."""
    removed: list[str] = []
    try:
        for name in _outdated(store, rule, run_name):
            store.remove_run(name)
            removed.append(name)
        if removed:
            for name in set(store.code_names()) - _codes(store, store.run_names()):
                store.remove_code(name)
    except (OSError, RegtuneError) as error:
        _log.warning("clearing up the store broke off: %s", error)
    _log.info("retention: %d runs removed%s", len(removed), "".join(f", {name}" for name in removed))
    return removed


def housekeeping(store: Store, rule: PublishConfig, run_name: str, code_sha256: str) -> Housekeeping:
    """Tell the hosts what stays: everything while the store does not say which run is the champion's."""
    try:
        going = set(_outdated(store, rule, run_name))
    except RegtuneError as error:
        _log.warning("retention: nothing is removed: %s", error)
        going = set()
    kept = sorted({*store.run_names(), run_name} - going)
    codes = {bundle_name(code_sha256)} | _codes(store, kept)
    return Housekeeping(
        kept_runs=tuple(kept), kept_code=tuple(sorted(codes)), pins={host: locked_versions(host) for host in _HOSTS}
    )


def _codes(store: Store, run_names: Iterable[str]) -> set[str]:
    codes = set()
    for name in run_names:
        try:
            codes.add(bundle_name(store.spec(name).code_sha256))
        except RegtuneError as error:  # being opened or removed, or broken: it can run nothing any more
            _log.warning("retention: the code of %s is not known: %s", name, error)
    return codes


def _outdated(store: Store, rule: PublishConfig, run_name: str) -> list[str]:
    times = {name: store.opened_at(name) for name in store.run_names()}
    opened = {name: time for name, time in times.items() if time is not None}
    pointers = [name for pointer in _POINTERS for name in _pointed_to(store, pointer)]
    compared = store.manifest(run_name, "compare")
    protected = [run_name, *pointers, *([str(compared.counts["previous_run"])] if compared else [])]
    return outdated(opened, protected, rule, datetime.now(timezone.utc))


def _pointed_to(store: Store, name: str) -> list[str]:
    """The run that a pointer names, and those before it that a rollback goes back to.

    Raises:
        UnusableInputError: it names none.
    """
    pointer = store.pointer(name)
    if pointer is None:
        return []
    if not isinstance(pointer.get("run_name"), str):
        raise UnusableInputError(f"{store.url}/{name}: names no run; restore it from a copy.")
    return [pointer["run_name"], *(earlier["run_name"] for earlier in pointer.get("previous", []))]

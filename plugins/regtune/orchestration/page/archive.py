"""The store as the page reads it: every run by name, the shown ones in full, each file read again only when it changed.

In: the store. Out: summaries, and the files that people may open. Nothing is written.
A page reads what it shows and no more: names and folder times of all runs in one listing, run.json of the runs for
effective dates once in the life of the process (a run's name holds its hash), and of the runs on the page those whose
folder's time changed: a stage renames its files into place, which changes it. Where a store has no such time, their
files are listed.
"""

import json
import re
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from regtune.open_run import is_run_name
from regtune.orchestration.page.summary import Corpus, Json, RunSummary, corpus_of, summarise
from regtune.orchestration.store import Store
from regtune.regulations.advice import KnownRun
from regtune.store_files import PUBLISHED

_READ = re.compile(r"(run|gate_report|changes|publish|benchmark|[a-z0-9_]+\.manifest)\.json")
OPEN_TO_PEOPLE = (
    *("report.html", "changes.json", "gate_report.json", "chunks.jsonl", "train.jsonl", "test.jsonl"),
    *("evaluation_pool.jsonl", "train_report.json", "answers.jsonl", "verdicts.jsonl", "benchmark.json"),
)
"""Files of a run that the page serves as they are, beside data_docs/: the report, and what it links to."""
_SETTLED_SECONDS = 2.0
"""A folder whose time is that old has no second change of the same moment to come."""
_WORKS_A_DATE = 5
DOCS = "data_docs"
_DOCS_SUFFIXES = frozenset({".html", ".css", ".png", ".gif", ".jpg", ".ico", ".svg", ".otf", ".ttf", ".woff", ".woff2"})
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
Signature = tuple[tuple[str, object, object], ...]


@dataclass(frozen=True)
class Found:
    """A run's name and when its folder changed, where the store tells."""

    run_name: str
    changed: float

    @property
    def as_of(self) -> str:
        """Date of the corpus."""
        return self.run_name[:10]


class Archive(Store):
    """One store, with what was read of it."""

    def __init__(self, url: str) -> None:
        """Take a folder or an fsspec URL."""
        super().__init__(url)
        self._lock = threading.Lock()
        self._summaries: dict[str, tuple[Signature, float, RunSummary]] = {}
        self._corpora: dict[str, tuple[Corpus, ...]] = {}

    def runs(self) -> list[Found]:
        """Every run, the latest corpus first, and of the same corpus the latest work first."""
        try:
            listing = self._filesystem.ls(f"{self._root}/runs", detail=True)
        except FileNotFoundError:
            return []
        found = [Found(_last(entry["name"]), _time(entry)) for entry in listing if is_run_name(_last(entry["name"]))]
        return sorted(found, key=lambda run: (run.as_of, run.changed, run.run_name), reverse=True)

    def trend(self, found: Sequence[Found], dates: int) -> list[RunSummary]:
        """One run for each of the latest dates, ascending: its latest work that was scored, else its latest."""
        of_date: dict[str, list[Found]] = {}
        for run in found:
            of_date.setdefault(run.as_of, []).append(run)
        shown = [self._shown_of(works[:_WORKS_A_DATE]) for works in list(of_date.values())[:dates]]
        return [summary for summary in reversed(shown) if summary is not None]

    def summaries(self, found: Iterable[Found]) -> list[RunSummary]:
        """Read these runs, without those that are gone."""
        read = (self.summary(run.run_name, run.changed) for run in found)
        return [summary for summary in read if summary is not None]

    def summary(self, run_name: str, changed: float = 0.0) -> RunSummary | None:
        """Read one run; None when it is not there.

        Args:
            run_name: as open_run gives it.
            changed: time of its folder as `runs` found it; what was read of the same folder at rest is good still.

        Raises:
            ValueError: no name that open_run gives.
        """
        if not is_run_name(run_name):
            raise ValueError(run_name)
        with self._lock:
            kept = self._summaries.get(run_name)
        if kept is not None and changed and kept[1] == changed:
            return kept[2]
        at_rest = changed if time.time() - changed > _SETTLED_SECONDS else 0.0
        try:
            listing = self._filesystem.ls(f"{self._root}/runs/{run_name}", detail=True)
        except FileNotFoundError:
            return None
        read = sorted((_last(e["name"]), e) for e in listing if _READ.fullmatch(_last(e["name"])))
        artifacts = frozenset(_last(entry["name"]) for entry in listing)
        signature = (
            *((name, e.get("size"), _time(e) or e.get("ETag")) for name, e in read),
            ("", len(artifacts), None),
        )
        if kept is not None and kept[0] == signature:
            summary = kept[2]
        else:
            contents = self._contents(run_name, [name for name, _ in read])
            summary = summarise(run_name, contents, artifacts, {name for name, _ in read} - set(contents))
        with self._lock:
            self._summaries[run_name] = (signature, at_rest, summary)
        return summary

    def known_among(self, runs: Iterable[Found], days: Iterable[date]) -> list[KnownRun]:
        """What the advice asks for: the corpus of each run for one of these days, and whether it was published."""
        wanted = {str(day) for day in days}
        known = []
        for run in runs:
            if run.as_of in wanted:
                corpus = self._corpus(run.run_name)
                if corpus is not None:
                    sources = {source.regulation_id: source.sha256 for source in corpus}
                    published = self._filesystem.exists(f"{self._root}/runs/{run.run_name}/{PUBLISHED}")
                    known.append(KnownRun(date.fromisoformat(run.as_of), sources, published=published))
        return known

    def open_to_people(self, run_name: str, path: str) -> bytes | None:
        """Read a file that people may open; None for everything else, whatever the reason.

        Only names of `OPEN_TO_PEOPLE` and files of data_docs/ with a harmless ending; a link that leads out of the
        run's folder is not followed.
        """
        if not is_run_name(run_name) or not may_be_opened(path):
            return None
        place = f"{self._root}/runs/{run_name}/{path}"
        if self.local:
            home = Path(self._root) / "runs" / run_name
            if Path(place).resolve() != home.parent.resolve() / run_name / path:
                return None
        try:
            return bytes(self._filesystem.cat_file(place))
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def docs_page(self, run_name: str) -> str | None:
        """Path of the gate's result in Data Docs, the one page of them that works without script."""
        folder = f"{self._root}/runs/{run_name}/{DOCS}"
        if not is_run_name(run_name) or not self._filesystem.exists(folder):
            return None
        pages = sorted(name for name in self._names_below(f"{folder}/validations") if name.endswith(".html"))
        return f"{DOCS}/validations/{pages[-1]}" if pages else f"{DOCS}/index.html"

    def _shown_of(self, works: Sequence[Found]) -> RunSummary | None:
        """Read the works of one date until one has a score."""
        latest = None
        for run in works:
            summary = self.summary(run.run_name, run.changed)
            if summary is not None and summary.score("tuned") is not None:
                return summary
            latest = latest or summary
        return latest

    def _corpus(self, run_name: str) -> tuple[Corpus, ...] | None:
        if run_name not in self._corpora:
            spec = self._contents(run_name, ["run.json"]).get("run.json")
            if spec is None:  # being opened, or being removed; or it cannot be read and is of no regulation
                return () if self.has(run_name, "run.json") else None
            self._corpora[run_name] = corpus_of(spec)
        return self._corpora[run_name]

    def _contents(self, run_name: str, names: Iterable[str]) -> dict[str, Json]:
        home = f"{self._root}/runs/{run_name}"
        if self.local:
            contents = {name: _bytes_of(Path(home, name)) for name in names}
        else:  # all at once, for the store is far away
            paths = {f"{home}/{name}": name for name in names}
            found = self._filesystem.cat(list(paths), on_error="omit") if paths else {}
            contents = {paths[path]: content for path, content in found.items()}
        parsed = {name: _parsed(content) for name, content in contents.items()}
        return {name: content for name, content in parsed.items() if content is not None}


@lru_cache(maxsize=4)
def archive(url: str) -> Archive:
    """Return the archive of a store, one in the life of the process."""
    return Archive(url)


def may_be_opened(path: str) -> bool:
    """Whether a path below a run's folder is one that people may open."""
    if path in OPEN_TO_PEOPLE:
        return True
    parts = path.split("/")
    plain = len(parts) > 1 and parts[0] == DOCS and all(_PART.fullmatch(part) for part in parts)
    return plain and PurePosixPath(path).suffix in _DOCS_SUFFIXES


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _time(entry: Mapping[str, Any]) -> float:
    changed = entry.get("mtime") or entry.get("LastModified") or entry.get("updated") or 0.0
    return (
        float(changed.timestamp())
        if hasattr(changed, "timestamp")
        else float(changed if isinstance(changed, int | float) else 0.0)
    )


def _bytes_of(path: Path) -> bytes:
    """Read a file without what fsspec does for each; nothing where it is no more."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _parsed(content: bytes) -> Json | None:
    try:
        found = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _no_number(name: str) -> float:
    raise ValueError(name)

"""What an unfinished benchmark has already: answers of local models, and what was measured of each system.

In: a hidden file of the run folder, one JSON line each. Out: the same again when the stage is started anew. Answers of
an endpoint are not here but in its cache of replies.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from regtune.benchmark.results import Efficiency
from regtune.benchmark.rows import Answer

_log = logging.getLogger(__name__)


class Journal:
    """Lines are only ever appended; one that a crash cut is passed over."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier try left."""
        self._path = path
        self._answers: dict[str, Answer] = {}
        self._measured: dict[str, Efficiency] = {}
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
            if not line:
                continue
            try:
                row = json.loads(line)
                if "measured" in row:
                    self._measured[row["key"]] = Efficiency.model_validate(row["measured"])
                else:
                    self._answers[row["key"]] = Answer.model_validate(row["answer"])
            except (ValueError, KeyError, TypeError, ValidationError):
                _log.warning("%s: a line cut by a crash is passed over", path.name)

    def __len__(self) -> int:
        """Answers held."""
        return len(self._answers)

    def get(self, key: str) -> Answer | None:
        """Return an answer of an earlier try."""
        return self._answers.get(key)

    def add(self, answers: Mapping[str, Answer]) -> None:
        """Keep answers by key; on disk when this returns."""
        self._answers.update(answers)
        self._append([{"key": key, "answer": answer.model_dump(mode="json")} for key, answer in answers.items()])

    def measured(self, key: str) -> Efficiency | None:
        """Return what an earlier try measured."""
        return self._measured.get(key)

    def keep(self, key: str, record: Efficiency) -> Efficiency:
        """Keep a measurement; on disk when this returns it."""
        self._measured[key] = record
        self._append([{"key": key, "measured": record.model_dump(mode="json")}])
        return record

    def close(self) -> None:
        """Remove the file: all of it is in answers.jsonl and benchmark.json."""
        self._path.unlink(missing_ok=True)

    def _append(self, rows: list[dict[str, Any]]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines("\n" + json.dumps(row, ensure_ascii=False) for row in rows)

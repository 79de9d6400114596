"""Stages on plain files: somebody's own PDFs, chunks or pairs become a run folder that the stage then runs on.

In: files with at least the fields that a stage needs. Out: a run folder (run.json, the inputs under their contract
names). Fields that are missing get a neutral value; unknown fields are left out with a note. The user's files are
only read.
"""

import json
import logging
import shutil
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from regtune.artifacts import RUN_FILE, replacing_folder, sha256_of_bytes, sha256_of_file, write_json, write_jsonl
from regtune.config import PipelineConfig
from regtune.contracts import Chunk, HeldOutPair, Provision, QACheck, QAPair, Source
from regtune.errors import ConfigurationError, PrerequisiteMissingError, UnusableInputError
from regtune.open_run import SOURCES, RunRequest, new_spec

_log = logging.getLogger(__name__)

OPTIONS: Mapping[str, tuple[str, type[BaseModel] | None]] = {
    "provisions": ("provisions.jsonl", Provision),
    "chunks": ("chunks.jsonl", Chunk),
    "qa": ("qa_pairs.jsonl", QAPair),
    "pool": ("evaluation_pool.jsonl", QAPair),
    "checks": ("qa_checks.jsonl", QACheck),
    "train-rows": ("train.jsonl", QAPair),
    "validation-rows": ("validation.jsonl", QAPair),
    "test-rows": ("test.jsonl", HeldOutPair),
    "adapter": ("adapter/", None),
    "train-report": ("train_report.json", None),
    "labels": ("labels.jsonl", None),
    "changes": ("changes.json", None),
    "history": ("history.json", None),
    "previous": ("previous/", None),
}
"""Command-line option -> (name in the run folder, record). Records of None are copied as they are."""

_OF_A_PAIR: Mapping[str, Any] = {"evidence": None, "model": "", "prompt_sha256": "", "request_sha256": ""}
_NEUTRAL: Mapping[type[BaseModel], Mapping[str, Any]] = {
    Provision: {
        "regulation_title": "",
        "part": "body",
        "kind": "article",
        "number": None,
        "title": None,
        "path": [],
        "revision_tags": [],
        "page_first": 1,
        "page_last": 1,
        "deleted": False,
    },
    Chunk: {"token_count": 0, "page_first": 1, "page_last": 1, "text_sha256": ""},
    QAPair: _OF_A_PAIR,
    HeldOutPair: _OF_A_PAIR,
    QACheck: {"reasons": [], "figures": {}},
}


def open_plain(
    out: Path,
    files: Mapping[str, Path],
    pdfs: Sequence[Path],
    config: PipelineConfig,
    prompts: Mapping[str, str],
) -> None:
    """Make `out` a run folder holding the given files under their contract names.

    Args:
        out: made when it is not there; an earlier run.json in it is replaced.
        files: by option name of `OPTIONS`.
        pdfs: for parse.
        config: resolved settings.
        prompts: templates.

    Raises:
        PrerequisiteMissingError: a file is not there.
        UnusableInputError: a line lacks a field that the stage needs.
        ConfigurationError: an input is the very file that would be written, in another shape.
    """
    missing = [str(path) for path in (*pdfs, *files.values()) if not path.exists()]
    if missing:
        raise PrerequisiteMissingError(f"{', '.join(missing)}: no such file.")
    out.mkdir(parents=True, exist_ok=True)
    sources = [_source(path) for path in pdfs]
    if pdfs:
        with replacing_folder(out / SOURCES) as temporary:
            for path in pdfs:
                shutil.copyfile(path, temporary / path.name)
    for option, path in files.items():
        name, model = OPTIONS[option]
        _bring(path, out / name, model)
    write_json(out / RUN_FILE, new_spec(RunRequest(as_of=_today()), sources, config, prompts))


def _today() -> date:
    """The label of a run that no register dates."""
    return datetime.now(timezone.utc).date()


def _source(path: Path) -> Source:
    stem = unicodedata.normalize("NFC", path.stem)
    return Source(
        regulation_id=stem,
        title="",
        effective_date=_today(),
        file=path.name,
        sha256=sha256_of_file(path),
    )


def _bring(path: Path, target: Path, model: type[BaseModel] | None) -> None:
    same = target.exists() and path.resolve() == target.resolve()
    if model is None:
        if not same and path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True)
        elif not same:
            shutil.copyfile(path, target)
        return
    records, exact = _records(path, model)
    if same and not exact:
        raise ConfigurationError(
            f"{path}: lacks fields of {model.__name__} and would be overwritten; give another --out."
        )
    if not same:
        write_jsonl(target, records)


def _records(path: Path, model: type[BaseModel]) -> tuple[list[BaseModel], bool]:
    """Return the records, and whether every line had exactly the contract's fields."""
    records: list[BaseModel] = []
    unknown: set[str] = set()
    exact = True
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UnusableInputError(f"{path}: not UTF-8 text ({error.reason}); save it as UTF-8.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
            unknown |= set(fields) - set(model.model_fields)
            exact = exact and set(fields) == set(model.model_fields)
            given = {key: value for key, value in fields.items() if key in model.model_fields}
            records.append(model.model_validate(_completed(model, given)))
        except (ValidationError, ValueError, TypeError, AttributeError) as error:
            raise UnusableInputError(f"{path}:{number}: not a {model.__name__}: {_problem(error)}") from error
    if not records:
        raise UnusableInputError(f"{path}: holds no record.")
    if unknown:
        _log.info("%s: ignoring unknown fields: %s", path, ", ".join(sorted(unknown)))
    return records, exact


def _completed(model: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
    fields = {**_NEUTRAL[model], **given}
    if model is Chunk and not fields["text_sha256"]:
        fields["text_sha256"] = sha256_of_bytes(str(fields.get("text", "")).encode())
    return fields


def _problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}."
    return f"{' '.join(str(error).split())}."

"""The register: every regulation's revisions with the day they take effect (시행일).

In: register.yaml, whose `file` entries are relative to it. Out: what is in force on a date, and the list of dates
on which something changes. Light enough to be read while the DAG file is parsed.
"""

import itertools
from collections.abc import Sequence
from datetime import date
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from regtune.artifacts import sha256_of_file
from regtune.contracts import Source
from regtune.errors import ConfigurationError
from regtune.yaml_text import parse_yaml


class Revision(BaseModel):
    """One dated text of a regulation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    effective_date: date
    file: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @field_validator("file")
    @classmethod
    def _beside_the_register(cls, file: str) -> str:
        path = PurePosixPath(file)
        if path.is_absolute() or ".." in path.parts or "\\" in file:
            raise ValueError(f"{file!r} leaves the register's folder")
        return file


class Regulation(BaseModel):
    """A regulation and its revisions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    regulation_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=1)
    revisions: tuple[Revision, ...] = Field(min_length=1)


class Register(BaseModel):
    """register.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    regulations: tuple[Regulation, ...] = Field(min_length=1)


def load_register(path: Path) -> Register:
    """Read and check register.yaml (not the PDFs).

    Raises:
        ConfigurationError: unreadable, a wrong field or date, the same regulation or the same date twice,
            or dates that do not ascend.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}); give --register FILE.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 text ({error.reason}); save it as UTF-8.") from error
    return parse_register(text, str(path))


def parse_register(text: str, origin: str) -> Register:
    """Read and check the text of a register.yaml; `origin` is for messages.

    Raises:
        ConfigurationError: as `load_register`.
    """
    try:
        register = Register.model_validate(parse_yaml(text))
    except ValueError as error:
        raise ConfigurationError(f"{origin}: {_first_problem(error)}") from error
    seen: set[str] = set()
    for regulation in register.regulations:
        where = f"{origin}: {regulation.regulation_id}"
        if regulation.regulation_id in seen:
            raise ConfigurationError(f"{where}: listed twice; merge the two entries.")
        seen.add(regulation.regulation_id)
        dates = [revision.effective_date for revision in regulation.revisions]
        for earlier, later in itertools.pairwise(dates):
            if later <= earlier:
                raise ConfigurationError(f"{where}: {later} stands after {earlier}; list revisions by ascending date.")
    return register


def _first_problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}."
    return " ".join(str(error).split())


def effective_dates(register: Register) -> list[date]:
    """Every day on which some regulation changes, ascending."""
    return sorted({revision.effective_date for r in register.regulations for revision in r.revisions})


def revisions_in_force(register: Register, as_of: date) -> list[tuple[Regulation, Revision]]:
    """Each regulation's latest revision that has taken effect by `as_of`, in the order of the register."""
    return [
        (regulation, past[-1])
        for regulation in register.regulations
        if (past := [revision for revision in regulation.revisions if revision.effective_date <= as_of])
    ]


def in_force(register: Register, folder: Path, as_of: date, regulation_ids: Sequence[str] = ()) -> list[Source]:
    """Choose each regulation's latest revision that has taken effect by `as_of`.

    Args:
        register: from `load_register`.
        folder: where the register lies.
        as_of: the day.
        regulation_ids: only these; empty means all.

    Returns:
        Sources sorted by regulation_id; `file` is a path below `folder`.

    Raises:
        ConfigurationError: an unknown id, nothing in force yet, or a PDF that is missing or not the registered one.
    """
    sources = sources_in_force(register, as_of, regulation_ids)
    for source in sources:
        check_file(source, folder)
    return sources


def sources_in_force(register: Register, as_of: date, regulation_ids: Sequence[str] = ()) -> list[Source]:
    """Do as `in_force`, without a look at the PDFs.

    Raises:
        ConfigurationError: an unknown id, or nothing in force yet.
    """
    known = {regulation.regulation_id for regulation in register.regulations}
    unknown = sorted(set(regulation_ids) - known)
    if unknown:
        raise ConfigurationError(f"regulations: {', '.join(unknown)}: not in the register; it has {sorted(known)}.")
    sources = [
        Source(
            regulation_id=regulation.regulation_id,
            title=regulation.title,
            effective_date=revision.effective_date,
            file=revision.file,
            sha256=revision.sha256,
        )
        for regulation, revision in revisions_in_force(register, as_of)
        if not regulation_ids or regulation.regulation_id in regulation_ids
    ]
    if not sources:
        first = effective_dates(register)[0]
        raise ConfigurationError(f"as_of {as_of}: no regulation is in force yet; the first takes effect on {first}.")
    return sorted(sources, key=lambda source: source.regulation_id)


def check_file(source: Source, folder: Path) -> None:
    """Check that a revision's PDF is the one that was registered.

    Raises:
        ConfigurationError: it is missing, or its content changed under the register.
    """
    path = folder / source.file
    if not path.is_file():
        raise ConfigurationError(f"{path}: registered for {source.regulation_id}, but not there.")
    found = sha256_of_file(path)
    if found != source.sha256:
        message = f"{path}: sha256 is {found[:12]}…, the register says {source.sha256[:12]}…"
        raise ConfigurationError(f"{message}; restore the file, or register it as a revision of its own.")

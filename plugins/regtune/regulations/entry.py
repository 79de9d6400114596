"""Changing the register: a revision in or out, and what contradicts refused.

In: a register, and what is proposed. Out: another register, and the text of its register.yaml. Nothing is written here.
"""

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import yaml

from regtune.errors import ConfigurationError
from regtune.regulations.register import Register, Regulation, Revision

_COMMENT = re.compile(r"\s*#")
_ID = re.compile(r"regulation_id:\s*['\"]?([\w-]+)")
_DATE = re.compile(r"effective_date:\s*['\"]?(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Proposal:
    """A revision that somebody wants in the register."""

    regulation_id: str
    title: str
    revision: Revision
    correct: bool = False
    """Asked for by hand: replaces a revision of the same date, may come before the last one, may change the title."""


def regulation_of(register: Register, title: str, regulation_id: str | None) -> str:
    """Return the id of the regulation that a file is a revision of.

    Raises:
        ConfigurationError: the title is none of the register's and no id was given.
    """
    if regulation_id is not None:
        return regulation_id
    same = [r.regulation_id for r in register.regulations if _plain(r.title) == _plain(title)]
    if len(same) == 1:
        return same[0]
    titles = {r.title: r.regulation_id for r in register.regulations}
    close = difflib.get_close_matches(title, titles, n=1)
    hint = f" ({close[0]} is {titles[close[0]]})" if close else ""
    known = ", ".join(f"{name} {r_id}" for name, r_id in titles.items())
    raise ConfigurationError(
        f"title {title or 'not found'!r} is none of the register's: {known}{hint}; give --regulation ID, a new one for "
        "a new regulation."
    )


def added(register: Register, proposal: Proposal) -> Register:
    """Return the register with the revision in it.

    Raises:
        ConfigurationError: it contradicts what is there.
    """
    known = {r.regulation_id: r for r in register.regulations}
    regulation = known.get(proposal.regulation_id)
    if regulation is None:
        new = _checked(proposal.regulation_id, proposal.title, (proposal.revision,))
        return Register(regulations=(*register.regulations, new))
    _refuse_contradiction(regulation, proposal)
    kept = [r for r in regulation.revisions if r.effective_date != proposal.revision.effective_date]
    revisions = tuple(sorted((*kept, proposal.revision), key=lambda revision: revision.effective_date))
    title = proposal.title if proposal.correct else regulation.title
    known[regulation.regulation_id] = _checked(regulation.regulation_id, title, revisions)
    return Register(regulations=tuple(known.values()))


def _refuse_contradiction(regulation: Regulation, proposal: Proposal) -> None:
    revision, where = proposal.revision, f"{regulation.regulation_id} {regulation.title}"
    for other in regulation.revisions:
        if other.sha256 == revision.sha256:
            raise ConfigurationError(f"{where}: this very file is registered, in force from {other.effective_date}.")
    if proposal.correct:
        return
    if _plain(proposal.title) != _plain(regulation.title):
        raise ConfigurationError(
            f"{where}: the file's title reads {proposal.title!r}; give the right --regulation, or --correct to rename."
        )
    last = regulation.revisions[-1].effective_date
    if any(other.effective_date == revision.effective_date for other in regulation.revisions):
        raise ConfigurationError(
            f"{where}: a revision of {revision.effective_date} is registered with another file; give --correct to "
            "replace it, or the right --effective-date."
        )
    if revision.effective_date < last:
        raise ConfigurationError(
            f"{where}: {revision.effective_date} is before the last revision ({last}); give --correct to register it "
            "all the same, or the right --effective-date."
        )


def removed(register: Register, regulation_id: str, day: date) -> Register:
    """Return the register without one revision; a regulation goes with its last one.

    Raises:
        ConfigurationError: there is no such revision, or nothing would be left.
    """
    regulations = []
    found = False
    for regulation in register.regulations:
        kept = regulation.revisions
        if regulation.regulation_id == regulation_id:
            kept = tuple(revision for revision in kept if revision.effective_date != day)
            found = len(kept) < len(regulation.revisions)
        if kept:
            regulations.append(regulation.model_copy(update={"revisions": kept}))
    if not found:
        raise ConfigurationError(f"{regulation_id} {day}: no such revision; see regtune register list.")
    if not regulations:
        raise ConfigurationError(f"{regulation_id} {day}: is the only revision; a register holds at least one.")
    return Register(regulations=tuple(regulations))


def rendered(register: Register, before: str) -> str:
    """Write register.yaml in its one form; the comment lines of the text before stay above what they stood above."""
    comments = _comments(before)
    lines = [*comments.get("", []), "regulations:"]
    for regulation in register.regulations:
        lines += comments.get(regulation.regulation_id, [])
        lines += [f"  - regulation_id: {regulation.regulation_id}", f"    title: {_scalar(regulation.title)}"]
        lines.append("    revisions:")
        for revision in regulation.revisions:
            lines += comments.get(f"{regulation.regulation_id} {revision.effective_date}", [])
            fields = f"effective_date: {revision.effective_date}, file: {_scalar(revision.file)}"
            lines.append(f"      - {{{fields}, sha256: {_scalar(revision.sha256)}}}")
    return "\n".join([*lines, *comments.get("end", [])]) + "\n"


def _comments(text: str) -> Mapping[str, list[str]]:
    """Whole-line comments by what follows them: "" the list, an id, `id date`, `end`."""
    comments: dict[str, list[str]] = {}
    pending: list[str] = []
    current = ""
    for line in text.splitlines():
        if _COMMENT.match(line):
            pending.append(line)
            continue
        name, day = _ID.search(line), _DATE.search(line)
        if name:
            current = name[1]
        key = "" if line.startswith("regulations:") else current if name else f"{current} {day[1]}" if day else None
        if key is not None:
            comments.setdefault(key, []).extend(pending)
            pending = []
    return {**comments, "end": pending}


def _checked(regulation_id: str, title: str, revisions: tuple[Revision, ...]) -> Regulation:
    try:
        return Regulation(regulation_id=regulation_id, title=title, revisions=revisions)
    except ValueError as error:
        raise ConfigurationError(
            f"--regulation {regulation_id!r}: an id has small letters, digits and hyphens; a title is not empty."
        ) from error


def _plain(title: str) -> str:
    return re.sub(r"\s", "", title)


def _scalar(text: str) -> str:
    """A YAML scalar for a flow mapping: plain where it may be, else quoted as JSON is."""
    plain = yaml.safe_load(f"[{text}]") == [text] if re.fullmatch(r"[\w가-힣][\w가-힣 ./()-]*", text) else False
    return text if plain else json.dumps(text, ensure_ascii=False)

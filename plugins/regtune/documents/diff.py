"""Two revisions compared: which articles were added, removed, changed, renumbered or moved.

In: the provisions of the old and of the new revision, of one regulation or of a whole corpus. Out: ArticleChange
records. Only real changes count (diff_essence.py); preambles (title and history) are not compared.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from regtune.contracts import ArticleChange, DiffReport, Provision
from regtune.documents.diff_essence import content, essence, follow
from regtune.documents.diff_headings import HeadingChange, Headings
from regtune.documents.diff_matching import match_addenda, match_provisions
from regtune.documents.naming import cited_as, provision_ids

Kind = Literal["added", "removed", "changed", "renumbered", "moved"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_ATTACHMENTS = ("annex", "form")


@dataclass(frozen=True)
class _Revision:
    """One side: its provisions, and the ids of all."""

    provisions: Sequence[Provision]
    ids: dict[int, str]
    """By identity of the record: two provisions may be equal."""

    @classmethod
    def of(cls, provisions: Sequence[Provision]) -> "_Revision":
        """Name the provisions of a side."""
        named = zip(provisions, provision_ids(provisions), strict=True)
        return cls(provisions, {id(provision): name for provision, name in named})


def compare(old: Sequence[Provision], new: Sequence[Provision]) -> tuple[ArticleChange, ...]:
    """Return what really changed; nothing when only layout, punctuation marks or revision tags differ.

    Args:
        old: provisions in the order of their documents; regulations are told apart by regulation_id.
        new: likewise. A regulation is the same on both sides when its id is, else when its title is; one alone on
            either side is compared whatever it is called, so that two PDFs of one regulation can be.

    Returns:
        Regulations in the order of the new side, then those that are gone; within one: body, 부칙, 별표 and forms
        in the order of the new revision, what was removed after what it followed.
    """
    before, after = _Revision.of(old), _Revision.of(new)
    changes: list[ArticleChange] = []
    for was, now in _regulations(old, new):
        for old_part, new_part in _parts(was, now):
            named = (now or was)[0]
            changes += [
                change.model_copy(
                    update={"regulation_id": named.regulation_id, "regulation_title": named.regulation_title}
                )
                for change in _compare_part(old_part, new_part, before, after)
            ]
    return tuple(changes)


def same_regulation(one: Provision, other: Provision) -> bool:
    """Whether two provisions are of one regulation, by its id or its title."""
    return one.regulation_id == other.regulation_id or (
        essence(one.regulation_title) == essence(other.regulation_title) != ""
    )


def report(old: str, new: str, new_provisions: Sequence[Provision], changes: Sequence[ArticleChange]) -> DiffReport:
    """Gather changes into the record of changes.json; `old` and `new` are how the user named the sides."""
    touched = {change.new_id for change in changes}
    compared = [
        name
        for provision, name in zip(new_provisions, provision_ids(new_provisions), strict=True)
        if provision.part != "preamble" and not provision.deleted
    ]
    return DiffReport(
        old=old,
        new=new,
        counts={kind: sum(change.kind == kind for change in changes) for kind in KINDS},
        unchanged=sum(name not in touched for name in compared),
        changes=tuple(changes),
    )


def _regulations(
    old: Sequence[Provision], new: Sequence[Provision]
) -> Iterator[tuple[list[Provision], list[Provision]]]:
    before, after = _by_regulation(old), _by_regulation(new)
    partners = {name: name for name in after if name in before}
    for name, provisions in after.items():
        if name not in partners:
            free = [other for other in before if other not in partners.values()]
            same = [other for other in free if same_regulation(before[other][0], provisions[0])]
            if len(same) == 1 or len(before) == len(after) == 1:
                partners[name] = (same or free)[0]
    for name, provisions in after.items():
        yield (before[partners[name]] if name in partners else []), provisions
    for name, provisions in before.items():
        if name not in partners.values():
            yield provisions, []


def _by_regulation(provisions: Iterable[Provision]) -> dict[str, list[Provision]]:
    found: dict[str, list[Provision]] = {}
    for provision in provisions:
        found.setdefault(provision.regulation_id, []).append(provision)
    return found


def _parts(old: list[Provision], new: list[Provision]) -> Iterator[tuple[list[Provision], list[Provision]]]:
    """What is matched among itself: the body, each 부칙, the 별표 and forms."""
    yield [p for p in old if p.part == "body"], [p for p in new if p.part == "body"]
    yield from match_addenda(old, new)
    yield [p for p in old if p.part in _ATTACHMENTS], [p for p in new if p.part in _ATTACHMENTS]


def _compare_part(
    old: list[Provision], new: list[Provision], before: _Revision, after: _Revision
) -> list[ArticleChange]:
    pairs = match_provisions(old, new)
    partner, at = {j: old[i] for i, j in pairs}, dict(pairs)
    bodies = ([p.part == "body" for p in (*old, *new)] or [False])[0]
    headings = Headings(pairs, old, new) if bodies else Headings([], [], [])
    numbers = {was.number: new[at[i]].number for i, was in enumerate(old) if i in at and bodies}
    placed: list[tuple[tuple[int, int, int], ArticleChange]] = []
    for rank, heading in enumerate(headings.changes):
        placed.append(((heading.before, 0, rank), _of_heading(heading, (new or old)[0])))
    for j, provision in enumerate(new):
        was = partner.get(j)
        kind = None if provision.deleted else _kind(was, provision, headings)
        if kind:
            placed.append(((j, 1, 0), _change(kind, was, provision, (before, after), numbers)))
    last = -1
    for i, provision in enumerate(old):
        last = at.get(i, last)
        if i not in at and not provision.deleted:
            placed.append(((last, 2, i), _change("removed", provision, None, (before, after), numbers)))
    return [change for _place, change in sorted(placed, key=lambda entry: entry[0])]


def _kind(was: Provision | None, now: Provision, headings: Headings) -> Kind | None:
    if was is None:
        return "added"
    if was.number != now.number:
        return "renumbered"
    if content(was.text) != content(now.text):
        return "changed"
    return "moved" if headings.moved(was, now) else None


def _words_changed(was: Provision, now: Provision, numbers: Mapping[str | None, str | None]) -> bool:
    """Whether more than the numbers of renumbered articles differ, its own and those that it cites."""
    return content(follow(was.text, numbers)) != content(now.text)


def _change(
    kind: Kind,
    was: Provision | None,
    now: Provision | None,
    sides: tuple[_Revision, _Revision],
    numbers: Mapping[str | None, str | None],
) -> ArticleChange:
    named = now or was
    assert named is not None
    assert named.part != "preamble"
    return ArticleChange(
        kind=kind,
        regulation_id=named.regulation_id,
        regulation_title=named.regulation_title,
        part=named.part,
        old_id=sides[0].ids[id(was)] if was else None,
        new_id=sides[1].ids[id(now)] if now else None,
        old_article=cited_as(was) if was else None,
        new_article=cited_as(now) if now else None,
        old_path=was.path if was else (),
        new_path=now.path if now else (),
        old_text=was.text if was else None,
        new_text=now.text if now else None,
        words_changed=kind in ("added", "removed", "changed")
        or (was is not None and now is not None and _words_changed(was, now, numbers)),
    )


def _of_heading(change: HeadingChange, named: Provision) -> ArticleChange:
    return ArticleChange(
        kind=change.kind,
        regulation_id=named.regulation_id,
        regulation_title=named.regulation_title,
        part="heading",
        old_id=None,
        new_id=None,
        old_article=change.old[-1] if change.old else None,
        new_article=change.new[-1] if change.new else None,
        old_path=change.old,
        new_path=change.new,
        old_text=change.old[-1] if change.old else None,
        new_text=change.new[-1] if change.new else None,
        words_changed=change.kind != "renumbered",
    )

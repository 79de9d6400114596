"""What a provision is called: by a reader, and by the records that point to it.

In: provisions in the order of their documents. Out: `제15조의2` for people, `work-rules/body/15의2` for records.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from regtune.contracts import Provision

_NUMBER = re.compile(r"(?P<main>\d+)(?:(?:의|-)(?P<branch>\d+))?")
_HEADING_DATE = re.compile(r"(\d{4})\s*[.년]\s*(\d{1,2})\s*[.월]\s*(\d{1,2})")


def cited_as(provision: Provision) -> str:
    """How a reader cites a provision: `제15조의2`, `부칙 제1조`, `별표 1`, `별지 제1호서식`."""
    number = provision.number
    main, _, branch = (number or "").partition("의")
    if provision.part == "annex":
        return (
            number if number and " " in number else f"별표 {number}" if number else "별표"
        )  # `별도 1` is its own word
    if provision.part == "form":
        return f"별지 제{main}호{'의' + branch if branch else ''}서식" if number else "별지 서식"
    if provision.part == "body" and provision.kind == "other" and provision.path:
        return provision.path[-1]  # `1.2 적용범위` of a guideline without 조
    if number:
        shown = f"제{main}조{'의' + branch if branch else ''}"
        return f"부칙 {shown}" if provision.part == "addendum" else shown
    if provision.part == "addendum":
        return "부칙"
    return provision.title or (provision.path[-1] if provision.path else "본문")


def provision_ids(provisions: Sequence[Provision]) -> tuple[str, ...]:
    """One id for each provision, in their order.

    `<regulation_id>/<part>/<number>`, for a 부칙 `<regulation_id>/addendum/<date>/<number>`: the date of its heading,
    or its place among the undated ones. What has no number is `-`. A second one of the same name (both texts of an
    article of which one is not in force yet) gets `~2`, a third `~3`. An id stays when other provisions change.
    """
    addenda = _addendum_names(provisions)
    names = [
        f"{p.regulation_id}/{p.part}/{addenda[i] + '/' if i in addenda else ''}{p.number or '-'}"
        for i, p in enumerate(provisions)
    ]
    seen: Counter[str] = Counter()
    ids = []
    for name in names:
        seen[name] += 1
        ids.append(name if seen[name] == 1 else f"{name}~{seen[name]}")
    return tuple(ids)


def number_of(number: str) -> tuple[int, int]:
    """`15의2` -> (15, 2); what is no number -> (0, 0)."""
    match = _NUMBER.fullmatch(number)
    return (int(match["main"]), int(match["branch"] or 0)) if match else (0, 0)


def addenda_of(provisions: Iterable[Provision]) -> list[list[Provision]]:
    """Group the provisions of 부칙 by the 부칙 that they stand in: a new one opens a heading or starts to count anew.

    Args:
        provisions: of one regulation; those of other parts are passed over.
    """
    groups: list[list[Provision]] = []
    for provision in provisions:
        if provision.part != "addendum":
            continue
        if groups and _goes_on(groups[-1][-1], provision):
            groups[-1].append(provision)
        else:
            groups.append([provision])
    return groups


def _goes_on(before: Provision, provision: Provision) -> bool:
    if before.path[:1] != provision.path[:1] or provision.number is None:
        return False
    return before.number is None or number_of(before.number) < number_of(provision.number)


def _addendum_names(provisions: Sequence[Provision]) -> dict[int, str]:
    """Index of each provision of a 부칙 -> the name of its 부칙 within the regulation."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for i, provision in enumerate(provisions):
        if provision.part == "addendum":
            places[provision.regulation_id].append(i)
    names: dict[int, str] = {}
    for indices in places.values():
        undated = 0
        rest = iter(indices)
        for group in addenda_of(provisions[i] for i in indices):
            dated = _HEADING_DATE.search(group[0].path[0] if group[0].path else "")
            undated += dated is None
            name = "{}-{:0>2}-{:0>2}".format(*dated.groups()) if dated else str(undated)
            names.update((next(rest), name) for _ in group)
    return names

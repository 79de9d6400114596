"""What the text of a provision cites: `제15조제2항에 따라`, `별표 1`, `같은 조 제3항`, `전조`, `「취업규칙」 제3조`.

In: the provisions of a corpus. Out: for each, its citations in order, resolved to provision ids where they point inside
the corpus. Whose article is cited is read from the words before it; a law, or a regulation that is not in the corpus,
never leads to an article of ours, however like its number is.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from regtune.contracts import Provision
from regtune.documents.naming import addenda_of, number_of, provision_ids
from regtune.documents.owners import OUTSIDE, Owners, Reader

_PLACE = (
    r"(?:의?\s*제\s*\d+\s*[항호](?:\s*의\s*\d+)?|\s*제?\s*[가-하]\s*목|\s*(?:본문|단서|전단|후단)"
    r"|\s*각\s*[항호](?:\s*외의\s*부분)?)"
)
_JOIN = r"\s*(?:[,、·ㆍ∙・~∼〜-]|및|또는|이나|나|와|과|부터|내지|까지|에서)*\s*(?:및|또는)?\s*"
_NUMBER = r"(?P<{0}>\d{{1,4}})\s*조(?:\s*의\s*(?P<{0}_branch>\d{{1,3}})(?!\d|\s*(?:항|호)))?"
_CITED = re.compile(
    rf"(?P<article>(?:제\s*|(?P<unmarked>(?<![\d제가-힣])(?=\d))){_NUMBER.format('main')})(?:\s*\((?:[^()]|\([^()]*\)){{1,60}}\))?{_PLACE}*"
    rf"(?:(?:\s*(?:[,·ㆍ∙~∼]|및|또는|부터|내지|와|과)){_PLACE}(?:까지)?)*"
    rf"(?:\s*(?:부터|내지|[~∼〜-]|에서)\s*제\s*{_NUMBER.format('last')}{_PLACE}*(?:\s*까지)?)?"
    r"|(?P<same>같은\s*조|동\s?조(?=\s*(?:제\s*\d|의\s|에\s|각)))"
    r"|(?P<previous>(?<![가-힣])전\s?조(?=\s*(?:제\s*\d|의\s|에\s|에서|각|까지|및|와)))"
    r"|(?P<next>다음\s*조(?=\s*(?:제\s*\d|의\s|에\s|에서)))"
    r"|(?P<annex>별\s?표)(?:\s*(?:제\s*)?(?P<annex_number>\d{1,3}(?:\s?[의-]\s?\d{1,2}(?!\d))?)\s*호?"
    r"(?:\s*(?:부터|내지|[~∼〜])\s*(?:별\s?표\s*)?(?:제\s*)?(?P<annex_last>\d{1,3})(?:\s*까지)?)?)?"
    r"|(?P<form>별\s?지\s*(?:서\s?식)?\s*(?:제\s*)?(?P<form_number>\d{1,3}(?:\s?-\s?\d{1,2})?)\s*호?"
    r"(?:\s*의\s*(?P<form_branch>\d{1,2}))?(?:\s*(?:부터|내지|[~∼〜])\s*(?:제\s*)?(?P<form_last>\d{1,3})\s*호?(?:\s*까지)?)?"
    r"(?:\s*의?\s*서\s?식)?)"
)
_JOINED = re.compile(_JOIN)
_LONGEST_JOIN = 20
_LOOK_BACK = 60
_ADDENDUM = re.compile(r"부\s*칙\s*(?:[<(\[〈][^<>()\[\]〈〉]{1,40}[>)\]〉])?\s*$")
_PARAGRAPH_CITED = re.compile(r"\d\s*[항호]")
_HEADING = re.compile(r"(?m)^제\s*\d+\s*조(?:\s*의)?\s*\d*\s*[(【\[]")
"""At a line's start: of the provision itself, or of a rule or contract that a 별표 or form holds."""
Fate = Literal["resolved", "unresolved", "outside"]


@dataclass(frozen=True)
class Citation:
    """One cited place."""

    start: int
    """Offset in the provision's text."""
    fate: Fate
    """unresolved: it should be in the corpus, but no provision in force has this number; outside: of a law, of a
    regulation that is not in the corpus, or of an earlier text (`종전의 제15조`)."""
    ids: tuple[str, ...]
    """Ids of the cited provisions, one for an article, several for a range; empty when not resolved."""


def find_citations(provisions: Sequence[Provision]) -> list[list[Citation]]:
    """Read the citations of every provision, in their order.

    Args:
        provisions: the whole corpus; what is deleted or preamble is no target, and cites nothing.
    """
    corpus = _Corpus(provisions)
    return [
        [] if provision.deleted or provision.part == "preamble" else list(_Reading(corpus, i).citations())
        for i, provision in enumerate(provisions)
    ]


class _Corpus:
    """Where every citable place is."""

    def __init__(self, provisions: Sequence[Provision]) -> None:
        self.provisions = provisions
        self.ids = provision_ids(provisions)
        self.owners = Owners(provisions)
        self.places: defaultdict[tuple[str, str, str | None], list[int]] = defaultdict(list)
        """(regulation, part, number) -> provisions in force."""
        self.addenda: dict[int, set[int]] = {}
        """A provision of a 부칙 -> all of this 부칙."""
        indices = {id(provision): i for i, provision in enumerate(provisions)}
        by_regulation: defaultdict[str, list[Provision]] = defaultdict(list)
        for i, provision in enumerate(provisions):
            by_regulation[provision.regulation_id].append(provision)
            if not provision.deleted:
                number = re.sub(r"-", "의", provision.number) if provision.number else None
                self.places[provision.regulation_id, provision.part, number].append(i)
        for members in by_regulation.values():
            for group in addenda_of(members):
                together = {indices[id(provision)] for provision in group}
                self.addenda.update(dict.fromkeys(together, together))

    def named(self, indices: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.ids[i] for i in indices)

    def only(self, owner: str, part: str) -> list[int]:
        """The one place of a part, for `별표와 같다`; nothing when there are several."""
        found = [i for place, indices in self.places.items() if place[:2] == (owner, part) for i in indices]
        return found if len(found) == 1 else []

    def range(self, owner: str, part: str, first: str, last: str) -> list[int]:
        """Every place from one number to another one."""
        low, high = number_of(first), number_of(last)
        found = [
            (number_of(number), i)
            for (regulation, place, number), indices in self.places.items()
            for i in indices
            if (regulation, place) == (owner, part) and number and low <= number_of(number) <= high
        ]
        return [i for _number, i in sorted(found)]


class _Reading:
    """One provision read from its start to its end."""

    def __init__(self, corpus: _Corpus, index: int) -> None:
        self._corpus = corpus
        self._index = index
        self._provision = corpus.provisions[index]
        self._owner = OUTSIDE
        self._part = "body"
        self._end: int | None = None
        """Where the citation before ended."""
        self._last: Citation | None = None
        """The last cited article, for `같은 조`."""

    def citations(self) -> Iterator[Citation]:
        """The provision's own heading is none."""
        text = self._provision.text
        attached = self._provision.part in ("annex", "form")
        default = OUTSIDE if attached and _HEADING.search(text) else self._provision.regulation_id
        names = Reader(self._corpus.owners, self._provision)
        for match in _CITED.finditer(text):
            if match.start() <= attached or _HEADING.match(text, match.start()):
                continue
            between = None if self._end is None else text[self._end : match.start()]
            joined = between is not None and len(between) <= _LONGEST_JOIN and bool(_JOINED.fullmatch(between))
            named = names.owner(match.start())
            if match["unmarked"] is not None and not joined and not named and not _PARAGRAPH_CITED.search(match[0]):
                continue  # `3조 2교대`, `1조 원`
            if match["same"] or match["previous"] or match["next"]:
                citation = self._beside(match)
            else:
                if named is not None or not joined:
                    owner = names.amended(match.start()) if named is None else named
                    self._owner = default if owner is None else owner
                    self._part = (
                        "addendum"
                        if _ADDENDUM.search(text[max(0, match.start() - _LOOK_BACK) : match.start()])
                        else "body"
                    )
                citation = self._resolved(match)
            self._end = match.end()
            if citation:
                yield citation

    def _resolved(self, match: "re.Match[str]") -> Citation:
        if match["article"]:
            first = _joined_number(match["main"], match["main_branch"])
            last = _joined_number(match["last"], match["last_branch"]) if match["last"] else None
            citation = self._citation(match.start(), self._part, first, last)
            self._last = citation
            return citation
        if match["annex"]:
            return self._citation(match.start(), "annex", _dashed(match["annex_number"]), match["annex_last"])
        branch = match["form_branch"]
        number = f"{_dashed(match['form_number'])}의{branch}" if branch else _dashed(match["form_number"])
        return self._citation(match.start(), "form", number, match["form_last"])

    def _citation(self, start: int, part: str, first: str | None, last: str | None) -> Citation:
        if self._owner == OUTSIDE:
            return Citation(start, "outside", ())
        if last and first:
            found = self._corpus.range(self._owner, part, first, last)
        else:
            found = list(self._corpus.places.get((self._owner, part, first), ()))
        if first is None and not found:
            found = self._corpus.only(self._owner, part)
        if part == "addendum":
            mine = self._corpus.addenda.get(self._index, set())
            found = [i for i in found if i in mine] or (found if len(found) == 1 else [])
        return Citation(start, "resolved" if found else "unresolved", self._corpus.named(found))

    def _beside(self, match: "re.Match[str]") -> Citation | None:
        """`같은 조`, `전조`, `다음 조`."""
        if match["same"]:
            return Citation(match.start(), self._last.fate, self._last.ids) if self._last else None
        step = -1 if match["previous"] else 1
        provisions, i = self._corpus.provisions, self._index + step
        while 0 <= i < len(provisions) and provisions[i].regulation_id == self._provision.regulation_id:
            if provisions[i].part != self._provision.part:
                break
            if provisions[i].kind == "article":
                if provisions[i].deleted:
                    break
                self._last = Citation(match.start(), "resolved", self._corpus.named([i]))
                return self._last
            i += step
        return Citation(match.start(), "unresolved", ())


def _joined_number(main: str, branch: str | None) -> str:
    return f"{int(main)}의{int(branch)}" if branch else str(int(main))


def _dashed(number: str | None) -> str | None:
    return re.sub(r"\s*[의-]\s*", "의", number) if number else None

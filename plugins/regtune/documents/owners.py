"""Whose article a citation means: the words before `제3조` name a regulation, point back to one, or say nothing.

In: the corpus (its titles, and the short names that one regulation gives to another: `「취업규칙」(이하 “규칙”이라
한다)`) and the text before a citation. Out: a regulation_id, OUTSIDE, or None where nothing is named.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from regtune.contracts import Provision
from regtune.korean.normalise import squeezed

OUTSIDE: Final = ""
"""A law, a regulation that is not in the corpus, or a text that is no longer in force."""
_OWN_NAMES = "정관|학칙|조례|강령|규약|협약|협정"
_KIND_WORDS = "법률|법|시행령|시행규칙|령|규정|규칙|세칙|지침|내규|요령|요강|준칙|고시|예규|훈령|편람"
_KINDS = f"(?:{_KIND_WORDS}|{_OWN_NAMES})"
_GENERIC = frozenset((*_KIND_WORDS.split("|"), "영"))
"""Say nothing of which one is meant."""
_QUOTED = re.compile(
    rf"[「『｢]\s*(?P<bracketed>[^「」『』｢｣]{{1,80}}?)\s*[」』｣]|[“‘\"'](?P<marked>[^“”‘’\"']{{1,80}}?{_KINDS})[”’\"']"
)
_AFTER_NAME = r"(?:\s*\([^()]*\))?\s*(?:상의|의|상|중|내|에서\s*정(?:한|하는)|에\s*(?:따른|의한))?\s*[\[(<〈【]?\s*$"
"""Between a name and the number: `「취업규칙」(이하 “규칙”이라 한다)의 제3조`, `직제규정 내 <별표 1>`."""
_QUOTED_BEFORE = re.compile(f"(?:{_QUOTED.pattern}){_AFTER_NAME}")
_CLOSED_BEFORE = re.compile(f"[」』｣]{_AFTER_NAME}")
"""A name whose opening bracket is lost, or that is too long to be a title."""
_SELF = re.compile(rf"(?<![가-힣])(?:이|본|당)\s?(?:변경|개정)?\s?{_KINDS}{_AFTER_NAME}")
_SAME = re.compile(rf"(?<![가-힣])(?:같은|동|위|그|해당)\s?(?P<kind>{_KINDS}){_AFTER_NAME}")
_NAMED = re.compile(rf"(?P<name>(?<![가-힣A-Za-z0-9])(?:[가-힣A-Za-z0-9·ㆍ]*{_KINDS}|영)){_AFTER_NAME}")
_BY_NUMBER = re.compile(
    rf"(?:법률|(?:대통령|총리|[가-힣]{{1,10}}부)령|조례|훈령|예규|고시)\s*제\s*[\d-]+\s*호{_AFTER_NAME}"
)
"""`법률 제8372호(2007. 4. 11.) 제16조`: an act, or an earlier text of one, by its number."""
_AMENDED = re.compile(
    rf"(?:{_QUOTED.pattern}|(?P<name>(?<![가-힣A-Za-z0-9])[가-힣A-Za-z0-9·ㆍ]*{_KINDS}))(?:\s*\([^()]*\))?\s*(?:의?\s*일부)?"
    r"(?:(?P<sentence>\s*중\s*(?=[제“‘\"'「『｢\[<〈]|별\s?[표지]|부\s*칙))|\s*[을를]?\s*다음과\s*같이\s*(?:개정|변경|정비))"
)
"""`여비규정 중 제5조를 …`, `여비규정을 다음과 같이 개정한다.`: what follows is said of that one."""
_AMENDMENT_END = re.compile(r"\n\s*[①-⑳]")
_SENTENCE_END = re.compile(r"다\s*\.(?=\s|$)|\n\s*[①-⑳]")
_EARLIER = re.compile(r"(?:종전|개정\s*전|구)(?:의)?\s*(?:이?\s*(?:규정|규칙|법|학칙|정관))?(?:의)?\s*$")
_ADDENDUM = re.compile(r"부\s*칙\s*(?:[<(\[〈][^<>()\[\]〈〉]{1,40}[>)\]〉])?\s*$")
_MARKS = r"\s*[“”\"'‘’「」]?\s*"
_ALIAS = re.compile(rf"(?:{_QUOTED.pattern})\s*\(\s*이하{_MARKS}(?P<alias>[가-힣A-Za-z ]{{1,30}}?){_MARKS}(?:이라|라)")
_SHORT = re.compile(rf"이하{_MARKS}(?P<alias>[가-힣A-Za-z]{{1,20}}?){_MARKS}(?:이라|라)")
_BEFORE_NAME = re.compile(
    r"(?:^|[\n.,:;()\[\]<>「『“\"'‘·ㆍ|①-⑳]|[은는이가을를의에서로와과도만및며고여라면등]|한|된|할|경우|때|사내|현행|변경|개정)\s*$"
)
"""What may stand before a regulation's plain name, so that `국가공무원 복무규정` is not our 복무규정."""
_COMPANY = frozenset(("회사", "당사", "본사", "우리", "재단", "공단", "법인", "학교", "본교", "대학"))
_JOINING = re.compile(r"(?:[와과·,]|및|또는)$")
_LOOK_BACK = 200


class Owners:
    """What the regulations of a corpus are called."""

    def __init__(self, provisions: Sequence[Provision]) -> None:
        """Read titles and short names out of a corpus."""
        titles: dict[str, str] = {}
        texts: defaultdict[str, list[str]] = defaultdict(list)
        for provision in provisions:
            titles.setdefault(provision.regulation_id, provision.regulation_title)
            texts[provision.regulation_id].append(provision.text)
        self._names = _names(titles)
        self._aliases = {
            regulation: {
                squeezed(found["alias"]): self.of_name(_name(found))
                for text in members
                for found in _ALIAS.finditer(text)
            }
            for regulation, members in texts.items()
        }
        self._short = {found["alias"] for members in texts.values() for t in members for found in _SHORT.finditer(t)}
        self._plain = [
            (_ending_in(name), regulation)
            for name, regulation in sorted(self._names.items(), key=lambda entry: -len(entry[0]))
        ]

    def of_name(self, name: str) -> str:
        """The regulation of a name as it stands in brackets; OUTSIDE when the corpus has none of this name."""
        return self._names.get(squeezed(name), OUTSIDE)

    def of_plain_name(self, before: str) -> str | None:
        """The regulation whose name, without brackets, a text ends in."""
        for pattern, regulation in self._plain:
            match = pattern.search(before)
            if match and self._may_open(before[: match.start()]):
                return regulation
        return None

    def _may_open(self, before: str) -> bool:
        word = (before.split() or [""])[-1]
        return bool(_BEFORE_NAME.search(before)) or word in self._short or word in _COMPANY

    def aliases(self, regulation_id: str) -> Mapping[str, str]:
        """Short names that a regulation gives to others."""
        return self._aliases.get(regulation_id, {})


class Reader:
    """Names read along one provision's text."""

    def __init__(self, owners: Owners, provision: Provision) -> None:
        """Begin at the start of a provision of the corpus."""
        self._owners = owners
        self._own = provision.regulation_id
        self._text = provision.text
        self._title = provision.regulation_title.strip()
        self._amended = list(_AMENDED.finditer(provision.text)) if provision.part == "addendum" else []
        self._last: str | None = None
        """The last one named without brackets."""
        self._numbered: int | None = None
        """Where the last act stands that is named by its number."""

    def owner(self, start: int) -> str | None:
        """Whose article the citation at an offset means; None when no name stands right before it."""
        before = self._text[max(0, start - _LOOK_BACK) : start]
        if addendum := _ADDENDUM.search(before):
            before = before[: addendum.start()]
        quoted = _QUOTED_BEFORE.search(before)
        if _EARLIER.search(before[: quoted.start()] if quoted else before):
            return OUTSIDE
        return self._owners.of_name(_name(quoted)) if quoted else self._plain_owner(before, start)

    def amended(self, start: int) -> str | None:
        """The other one that a 부칙 amends where a citation without a name stands; None where it amends none."""
        match = next((match for match in reversed(self._amended) if match.end() <= start), None)
        if match is None or (_SENTENCE_END if match["sentence"] else _AMENDMENT_END).search(
            self._text, match.end(), start
        ):
            return None
        if match["name"] is None:
            return self._owners.of_name(_name(match))
        name, before = squeezed(match["name"]), self._text[: match.end("name")]
        if name in _GENERIC or _SELF.search(before) or re.fullmatch(rf"(?:개정|변경|현행|종전){_KINDS}", name):
            return None
        return self._own if self._title.endswith(name) else self._of_plain(name, before)

    def _plain_owner(self, before: str, start: int) -> str | None:
        if _BY_NUMBER.search(before):
            self._numbered = start
            return OUTSIDE
        if _CLOSED_BEFORE.search(before):
            return OUTSIDE
        if _SELF.search(before):
            return self._own
        if same := _SAME.search(before):
            return self._same(same["kind"], start)
        if named := _NAMED.search(before):
            self._last = self._of_plain(squeezed(named["name"]), before)
            return self._last
        return None

    def _same(self, kind: str, start: int) -> str:
        """`같은 법`, `동 규정`: the last one of this kind in brackets, the last plain one, else its own."""
        since = self._numbered or 0
        names = [name for found in _QUOTED.finditer(self._text, since, start) if (name := _name(found)).endswith(kind)]
        if not names and self._numbered is not None:
            return OUTSIDE
        if names:
            return self._owners.of_name(names[-1])
        return self._last if self._last is not None else (self._own if self._title.endswith(kind) else OUTSIDE)

    def _of_plain(self, name: str, before: str) -> str:
        aliases = self._owners.aliases(self._own)
        if name in aliases:
            return aliases[name]
        return self._owners.of_plain_name(before) or OUTSIDE


def _name(found: re.Match[str]) -> str:
    return found["bracketed"] or found["marked"]


def _ending_in(name: str) -> re.Pattern[str]:
    letters = r"\s*".join(map(re.escape, name))
    return re.compile(rf"(?<![가-힣A-Za-z0-9]){letters}{_AFTER_NAME}")


def _names(titles: Mapping[str, str]) -> dict[str, str]:
    """Squeezed name -> regulation: each whole title, and its end without the company when only one has this end."""
    names: dict[str, str] = {}
    ends: defaultdict[str, set[str]] = defaultdict(set)
    for regulation, title in titles.items():
        words = title.split()
        if words and squeezed(title) not in _GENERIC:
            names[squeezed(title)] = regulation
        for i in range(1, len(words)):
            end = squeezed(" ".join(words[i:]))
            if end not in _GENERIC and not _JOINING.search(words[i - 1]) and words[i] != "및":
                ends[end].add(regulation)
    for end, regulations in ends.items():
        if len(regulations) == 1:
            names.setdefault(end, next(iter(regulations)))
    return names

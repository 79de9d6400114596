"""Which way money goes between a company and its people: paid to them, or taken from them.

In: a sentence. Out: the ways in which money goes in it, seen from an employee. By the verb and, where a verb serves
both ways (`부담`, `반환`), by who is its subject. A sentence without an amount or a word for money tells of none:
`승인을 받는다` pays nobody.
"""

import re
from typing import Literal

Way = Literal["in", "out"]
_MONEY = re.compile(
    r"\d\s?[천만억]*\s?원|[%％]|퍼센트|절반|임금|급여|월급|봉급|보수|수당|식대|비용|요금|대금|[가-힣](?:비|금|료)(?=[을를이가은는로의\s,.)])"
)
_SUBJECT = re.compile(
    r"(?:(?P<house>회사|법인|사측|사용자|[가-힣]{1,6}팀|공단)|(?P<person>[가-힣]*(?:직원|본인|사람|유족|[신청퇴직]자)))"
    r"(?:이|가|에서|는|은|측에서)\s"
)
_CLAUSE_START = re.compile(r",\s|경우에?|때에?는?\s|면\s")
_DONE = r"(?:합|한다|하여|하고|하며|하되|하지|해(?!당)|함|됩|된다|되며|되고|되어|됨|받[습는고으])"
"""Endings of a predicate; `지원한 직원` only tells who is meant."""
_PAID = re.compile(
    rf"지급{_DONE}|지원(?:합|한다|하며|됩|된다|받습|받는다)"
    r"|(?:원|%|퍼센트|절반|임금|급여|수당|비|금|액|당)(?:을|를|만)?\s(?:더\s)?(?:받[으는을습아]|줍|준다|주며|주고|드리|드립|드려)"
)
_TAKEN = re.compile(rf"(?:공제|차감|삭감|환수|징수|회수){_DONE}|깎(?:[는습이]|아)")
_EITHER = re.compile(
    rf"(?:부담|반납|반환|납부|변상|배상){_DONE}|돌려\s?(?:주|줘|줍|내|드)|물어\s?(?:내|야|줍)"
    r"|(?:원|%|퍼센트|비|금|료|용)(?:을|를)?\s(?:회사에\s|직접\s)?(?:내야|냅니다|내며|내고|낸다|내어야|내게)"
    r"|(?:회사|법인)에\s(?:내야|냅니다|내며|내고|낸다|내어야)"
)
"""Out of the pocket of whoever is the subject."""


def ways_of(sentence: str) -> frozenset[Way]:
    """Return the ways that the sentence names, denied or not; empty where it tells of no money."""
    if not _MONEY.search(sentence):
        return frozenset()
    found: set[Way] = set()
    if _PAID.search(sentence):
        found.add("in")
    if _TAKEN.search(sentence):
        found.add("out")
    for match in _EITHER.finditer(sentence):
        subjects = list(_SUBJECT.finditer(_CLAUSE_START.split(sentence[: match.start()])[-1]))
        found.add("in" if subjects and subjects[-1]["house"] else "out")
    return frozenset(found)

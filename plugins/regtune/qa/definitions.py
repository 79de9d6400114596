"""Terms that a regulation defines: `“복무담당부서”란 총무처 인사팀을 말한다`, `“대표이사”는 이하 “사장”이라 한다`.

In: the texts of one regulation. Out: its terms with what they mean. Who answers an employee says 인사팀 where the
article says 복무담당부서; both are right.
"""

import re
from collections.abc import Iterable, Mapping

_QUOTE = "[“”\"‘’']"
_MEANS = re.compile(
    rf"{_QUOTE}(?P<name>[가-힣A-Za-z ]{{2,15}}){_QUOTE}(?:이?란|[은는])\s(?P<means>[^.\n]{{2,80}}?)[을를]\s말한"
)
_CALLED = re.compile(
    rf"(?:{_QUOTE}(?P<quoted>[가-힣A-Za-z ]{{2,20}}){_QUOTE}[은는을를]\s|(?P<plain>[가-힣A-Za-z]{{2,20}})\()"
    rf"이하\s{_QUOTE}(?P<name>[가-힣A-Za-z ]{{2,15}}){_QUOTE}"
)
_IN_BRACKETS = re.compile(r"(?P<name>[가-힣]{2,12})\((?P<means>[가-힣 ]{2,20})[을를]\s말한다\)")
LONGEST_NAME = 12
"""Characters of a meaning that stands in a text as a name; a longer one explains."""


def definitions_in(texts: Iterable[str]) -> dict[str, str]:
    """Return term -> meaning, of all texts together."""
    found: dict[str, str] = {}
    for text in texts:
        for pattern in (_MEANS, _IN_BRACKETS):
            found |= {match["name"]: match["means"].strip() for match in pattern.finditer(text)}
        found |= {match["name"]: match["quoted"] or match["plain"] for match in _CALLED.finditer(text)}
    return found


def meanings_in(text: str, definitions: Mapping[str, str]) -> str:
    """Return what the defined terms of a text mean, and the terms of the meanings that it has."""
    found = [means for name, means in definitions.items() if name in text]
    found += [name for name, means in definitions.items() if len(means) <= LONGEST_NAME and means in text]
    return " ".join(dict.fromkeys(found))


def in_terms_of(text: str, article: str, definitions: Mapping[str, str]) -> str:
    """Put a text into the terms that an article uses: 인사팀 becomes 복무담당부서."""
    for name, means in definitions.items():
        if len(means) <= LONGEST_NAME and name in article and means not in article:
            text = text.replace(means, name).replace(means.split()[-1], name)
    return text

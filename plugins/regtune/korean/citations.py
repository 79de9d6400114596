"""Citations of articles in Korean text: `제15조의2제3항`, `15조 3항`, `별표 1`, with the regulation named before them.

In: a text. Out: Citation records in order, articles in the form in which a chunk is cited (`제15조의2`, `별표 1`).
"""

import re
from dataclasses import dataclass

_CITATION = re.compile(
    r"(?:(?P<title>[가-힣]{1,12}(?:규정|규칙|지침|세칙|준칙|요령|정관|학칙|법|령))(?:[」』\"”])?\s*)?"
    r"(?:제?\s?(?P<article>\d+)\s?조(?:\s?의\s?(?P<branch>\d+))?(?=[제의\s및와과에을를은는이가도로,.·:()\[\]」』\"”’']|부터|까지|$)"
    r"(?:\s?제?\s?(?P<paragraph>\d+)\s?항)?(?:\s?제?\s?(?P<number>\d+)\s?호)?"
    r"|(?P<annex>별표|별지)\s?제?\s?(?P<annex_number>\d+)(?:\s?호)?(?P<form>\s?서식)?)"
)
_ACCORDING = re.compile(
    rf"[「『\"“(]?{re.sub(r'[?]P<[a-z_]+>', '?:', _CITATION.pattern)}[」』\"”)]?"
    r"(?:에 따라|에 따르면|에 의하면|에 의거하여|에 의해|에 근거하여|에서|에는)?,?"
)


@dataclass(frozen=True)
class Citation:
    """One cited place."""

    article: str
    """`제15조`, `제15조의2`, `별표 1`, `별지 제1호서식`."""
    paragraph: int | None
    """항."""
    title: str | None
    """The regulation, where one is named just before."""


def read_citations(text: str) -> list[Citation]:
    """Return the citations of a text in order."""
    return [_citation(match) for match in _CITATION.finditer(text)]


def without_citations(text: str) -> str:
    """The text without its citations and the `에 따르면` after them: what is stated, not where it stands."""
    return _ACCORDING.sub(" ", text)


def _citation(match: re.Match[str]) -> Citation:
    title = match["title"]
    if match["annex"]:
        number = match["annex_number"]
        article = f"별표 {number}" if match["annex"] == "별표" else f"별지 제{number}호서식"
        return Citation(article, None, title)
    branch = f"의{match['branch']}" if match["branch"] else ""
    paragraph = int(match["paragraph"]) if match["paragraph"] else None
    return Citation(f"제{int(match['article'])}조{branch}", paragraph, title)

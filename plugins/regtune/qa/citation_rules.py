"""The rule on citations: the article that an answer or a question cites is the one that was asked about.

Reason: wrong_article. What the chunk itself refers to may be cited too.
"""

import re

from regtune.korean.citations import read_citations
from regtune.qa.case import Case

_APPLIES = re.compile(r"적용(?:하|되|한|된|합|됩)")
"""An article on what applies to whom is told by the articles that do."""


def article(case: Case) -> list[str]:
    """The article that is cited is the one that was asked about, or one that it names itself."""
    if case.source is None:
        return []
    chunk = case.source.chunk
    named = {(citation.article, citation.paragraph) for citation in read_citations(chunk.text)}
    own = read_citations(chunk.article)
    allowed = {chunk.article, *(citation.article for citation in own), *(name for name, _ in named)}
    if _APPLIES.search(case.answer) and _APPLIES.search(chunk.text):
        return []
    for citation in (*read_citations(case.answer), *read_citations(case.question)):
        if citation.article not in allowed or _other_regulation(case, citation.title):
            case.figures["cited"] = f"{citation.title or ''} {citation.article}".strip()
            return ["wrong_article"]
        paragraphs = {sentence.paragraph for sentence in case.source.sentences}
        own_article = own and citation.article == own[0].article
        if citation.paragraph and own_article and max(paragraphs) and citation.paragraph not in paragraphs:
            case.figures["cited"] = f"{citation.article}제{citation.paragraph}항"
            return ["wrong_article"]
    return []


def _other_regulation(case: Case, title: str | None) -> bool:
    assert case.source is not None
    if title is None or title in ("이규정", "본규정"):
        return False
    chunk = case.source.chunk
    return (
        chunk.regulation_title not in ("", title)
        and title not in chunk.text
        and (title in case.corpus.titles or not chunk.regulation_title.endswith(title))
    )


RULES = (article,)

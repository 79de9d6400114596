"""What a sentence of a regulation refers to: `제1항제5호의 경우` stands for that item.

In: the sentences of every article. Out: for a sentence, the text of the items and paragraphs that it stands for. An
item (호) is put in wherever it is named; a paragraph (항) only where its case is meant (`제2항에 해당하는 사람`), since
most sentences name one merely to go on from it. Nothing is followed twice.
"""

import re
from collections.abc import Mapping, Sequence

from regtune.qa.sentences import Sentence

Articles = Mapping[str, Sequence[Sentence]]
"""The sentences of one regulation by article."""
_PLACE = re.compile(
    r"(?:(?<![가-힣」』])(?P<article>제\s?\d+\s?조(?:의\s?\d+)?))?\s?(?:제\s?(?P<paragraph>\d+)\s?항)?\s?"
    r"(?:제\s?(?P<item>\d+)\s?호)?(?P<case>(?:에\s해당하는|의\s경우|에\s따른\s사유|\s단서))?"
)
_MOST = 200
"""Characters that are put in for one place."""


def place_of(article: str) -> str:
    """Return an article's number alone: `제9조` of `제9조(유연근무)`, `별표1` of `별표 1`."""
    match = re.match(r"제\d+조(?:의\d+)?|별[표지]\s?(?:제\s?)?\d*", article.strip())
    return re.sub(r"\s", "", match.group() if match else article)


def referred(sentence: Sentence, article: str, articles: Articles) -> str:
    """Return the text that the places named in a sentence of an article stand for; empty where there is none."""
    found = []
    for match in _PLACE.finditer(sentence.text):
        if not (match["item"] or (match["paragraph"] and match["case"])):
            continue
        held = articles.get(re.sub(r"\s", "", match["article"] or article), ())
        paragraph = int(match["paragraph"] or (0 if match["article"] else sentence.paragraph))
        there = [
            other.text
            for other in held
            if (other.paragraph == paragraph or not paragraph)
            and (other.item == match["item"] if match["item"] else other is not sentence)
        ]
        found.append(" ".join(there)[:_MOST])
    return " ".join(dict.fromkeys(text for text in found if text))

"""What the stand-in knows without being shown an article: the sample regulations as they were first enacted.

In: a question. Out: the article that has most of its rarer words, or None where none is near. A large model that has
read the rules once knows them about as well; of a later revision it has not heard.
"""

import functools
import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from article import Article, read_article

_SOURCES = Path(__file__).resolve().parents[1] / "regulations" / "sources"
_TITLE = re.compile(r"^@title (.+)$", re.MULTILINE)
_ARTICLE_START = re.compile(r"\n(?=제\d+조(?:의\d+)?\()")
_MARKUP = re.compile(r"^[#@].*$\n?", re.MULTILINE)
_CITATION = re.compile(r"제\d+(?:조(?:의\d+)?|항|호)")
_NEAR = 0.55
"""Of the weight of the question's words; below it nothing is recalled, so that what no rule says gets 없음."""


@dataclass(frozen=True)
class _Known:
    """An article with its words."""

    article: Article
    words: frozenset[str]


def bigrams(text: str) -> set[str]:
    """Pairs of neighbouring syllables."""
    words = re.findall(r"[가-힣0-9A-Za-z]+", _CITATION.sub(" ", text))
    return {word[i : i + 2] for word in words for i in range(len(word) - 1)}


def recalled(question: str) -> Article | None:
    """Return the article that a question is most likely about."""
    known, weights = _regulations()
    asked = bigrams(question)
    total = sum(weights.get(word, weights[""]) for word in asked)
    if not total:
        return None

    def share(entry: _Known) -> float:
        return sum(weights.get(word, weights[""]) for word in asked & entry.words) / total

    best = max(known, key=share)
    return best.article if share(best) >= _NEAR else None


@functools.cache
def _regulations() -> tuple[tuple[_Known, ...], dict[str, float]]:
    """Every article, and how rare each pair of syllables is among them; under "" the weight of one that none has."""
    first = {path.stem.rsplit("-", 3)[0]: path for path in sorted(_SOURCES.glob("*.txt"), reverse=True)}
    known = []
    for _, path in sorted(first.items()):
        text = path.read_text(encoding="utf-8")
        title = match[1].strip() if (match := _TITLE.search(text)) else ""
        for part in _ARTICLE_START.split(text.split("\n## 부칙")[0])[1:]:
            body = _MARKUP.sub("", part).strip()
            article = read_article(body, title)
            known.append(_Known(article, frozenset(bigrams(f"{title} {body}"))))
    seen = Counter(word for entry in known for word in entry.words)
    weights = {word: math.log(1 + len(known) / count) for word, count in seen.items()}
    return tuple(known), weights | {"": math.log(1 + len(known))}

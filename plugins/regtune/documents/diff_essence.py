"""What of a text counts when two revisions are compared.

In: a text. Out: a form in which only a real change shows. Gone are white space, quotation marks and revision tags;
one kind each of middle dot, dash, tilde and circled number; full and half width and compatibility forms folded.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from regtune.documents.revision_tags import take_tags

_SAME = str.maketrans(
    {
        **dict.fromkeys("ㆍ‧•∙･・⋅", "·"),
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys("∼〜～˜", "~"),
        **dict.fromkeys("\"'`´“”‘’‚„「」『』«»＂＇\u00ad\u200b\ufeff", None),
        "ⓛ": "①",
        **{chr(ord("➀") + i): chr(ord("①") + i) for i in range(10)},
        **{chr(ord("❶") + i): chr(ord("①") + i) for i in range(10)},
        **{chr(ord("➊") + i): chr(ord("①") + i) for i in range(10)},
    }
)
_CIRCLED = re.compile(r"([①-⑳㉑-㉟㊱-㊿㉠-㉻ⓐ-ⓩ])")
_SPACE = re.compile(r"\s+")
_BLANKS = re.compile(r"[^\S\n]{2,}")
_RULING = re.compile(r"(?m)^\|(?:\s*:?-+:?\s*\|)+$")
_OWN_NUMBER = re.compile(
    r"\s*(?:제\s*\d+\s*조(?:\s*의\s*\d+)?"
    r"|[\[<〈(【]?\s*(?:별\s*표|별\s*지|서\s*식)\s*(?:제\s*)?(?:\d+(?:\s*(?:의|-)\s*\d+)?)?\s*호?(?:\s*의\s*\d+)?\s*(?:서\s*식)?\s*"
    r"[\]>〉)】]?)"
)
_CITED = re.compile(r"(?<!」)(?<!」 )제(?P<main>\d+)조(?:의(?P<branch>\d+))?")
"""A cited article that no law or regulation in brackets is named before."""


@lru_cache(maxsize=16384)
def essence(text: str) -> str:
    """The text as it is compared; equal essences mean that nothing real changed."""
    kept = without_tags(_RULING.sub("", text))
    folded = "".join(
        part if _CIRCLED.fullmatch(part) else unicodedata.normalize("NFKC", part)
        for part in _CIRCLED.split(unicodedata.normalize("NFC", kept).translate(_SAME))
    )
    return _SPACE.sub("", folded.translate(_SAME))


def without_tags(text: str) -> str:
    """The text without revision tags, for files whose text still holds them."""
    return take_tags(_BLANKS.sub(" ", text))[0]


def content(text: str) -> str:
    """The essence without the number that opens a provision: equal under another number."""
    return essence(_OWN_NUMBER.sub("", text, count=1) if _OWN_NUMBER.match(text) else text)


def follow(text: str, numbers: Mapping[str | None, str | None]) -> str:
    """The text with every cited article of its own regulation under its new number, as a renumbering demands."""

    def renumbered(match: re.Match[str]) -> str:
        number = f"{match['main']}의{match['branch']}" if match["branch"] else match["main"]
        main, _, branch = (numbers.get(number) or number).partition("의")
        return f"제{main}조{'의' + branch if branch else ''}"

    return _CITED.sub(renumbered, text)


def likeness(one: str, other: str) -> float:
    """Dice's coefficient over pairs of characters of two essences: 1.0 for equal texts, 0.0 for strangers."""
    if one == other:
        return 1.0
    pairs, others = _pairs(one), _pairs(other)
    total = sum(pairs.values()) + sum(others.values())
    return 2 * sum((pairs & others).values()) / total if total else 0.0


@lru_cache(maxsize=4096)
def _pairs(text: str) -> Counter[str]:
    return Counter(text[i : i + 2] for i in range(len(text) - 1))

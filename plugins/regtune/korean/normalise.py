"""Normal forms used when two Korean texts are compared; never for text that is kept.

In: any text. Out: a form in which layout, compatibility characters and punctuation variants no longer differ.
"""

import re
import unicodedata

_MIDDLE_DOTS = str.maketrans(dict.fromkeys("ㆍ‧•∙･・", "·"))
_QUOTES = str.maketrans({"“": '"', "”": '"', "「": '"', "」": '"', "『": '"', "』": '"', "‘": "'", "’": "'"})
_SPACE = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^0-9A-Za-z가-힣%]+")


def folded(text: str) -> str:
    """NFKC, one kind of middle dot and quotation mark, single spaces."""
    text = text.translate(_MIDDLE_DOTS).translate(_QUOTES)
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def squeezed(text: str) -> str:
    """`folded` without any white space: the form in which evidence is looked up in a chunk."""
    return _SPACE.sub("", folded(text))


def question_key(text: str) -> str:
    """Letters and digits only, lower case: equal keys are exact duplicates among questions."""
    return _NOT_WORD.sub("", folded(text)).lower()


def contains_span(text: str, span: str) -> bool:
    """Whether `span` stands in `text`, white space and compatibility forms aside; False for an empty span."""
    needle = squeezed(span)
    return bool(needle) and needle in squeezed(text)


def hangul_share(text: str) -> float:
    """Hangul syllables among letters (digits, marks and spaces do not count); 0.0 when there is no letter."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return 0.0
    return sum("가" <= c <= "힣" for c in letters) / len(letters)

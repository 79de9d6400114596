"""Headings in hanja: `第十五條`, `附則`, `別表 第一號`, read as their Hangul forms.

In: a text. Out: the text with the heading at its start in Hangul and digits, the rest as it is.
"""

import re

_HANJA = re.compile(
    r"[\[<〈【(]?\s*(?:[제第]\s*[\d一二三四五六七八九十百]+\s*[條章編篇節款조장편절관](?:\s*之\s*[\d一二三四五六七八九十]+)?|附\s*則"
    r"|別\s*[表紙](?:\s*第?\s*[\d一二三四五六七八九十]+\s*號?)?(?:\s*書\s*式)?)"
)
_HANJA_SIGN = re.compile("[第條章編篇節款附則別表紙書式號之一二三四五六七八九十百]")
_HANJA_REACH = 30
"""Characters within which a heading has its first hanja."""
_HANJA_WORDS = str.maketrans("第條章編篇節款附則別表紙書式號之", "제조장편편절관부칙별표지서식호의")
_HANJA_NUMBER = re.compile(r"[一二三四五六七八九十百]+")


def without_hanja(text: str) -> str:
    """`第十五條` at the start of a text as `제15조`, `附則` as `부칙`; the rest of it as it is."""
    match = _HANJA.match(text) if _HANJA_SIGN.search(text, 0, _HANJA_REACH) else None
    if match is None:
        return text
    shown = _HANJA_NUMBER.sub(lambda number: str(_hanja_number(number[0])), match[0].translate(_HANJA_WORDS))
    return shown + text[match.end() :]


def _hanja_number(number: str) -> int:
    total = digit = 0
    for character in number:
        if character in "十百":
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = "一二三四五六七八九".index(character) + 1
    return total + digit

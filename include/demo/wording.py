"""Korean wording for the stand-in: particles by final consonant, and sentence endings of regulations made polite.

In: words, and sentences as regulations write them (`…하여야 한다`). Out: the same in the words of an employee's
question (`…해야 하나요?`) or of an answer (`…해야 합니다.`). Rules of spelling only; nothing here knows a regulation.
"""

import re

_SYLLABLES = 0xAC00
_FINALS = 28
_NIEUN, _RIEUL, _BIEUP = 4, 8, 17
_DIGIT_FINALS = {
    "0": "영",
    "1": "일",
    "2": "이",
    "3": "삼",
    "4": "사",
    "5": "오",
    "6": "육",
    "7": "칠",
    "8": "팔",
    "9": "구",
}
_PLAIN = (
    ("아니하여", "않아"),
    ("아니하였", "않았"),
    ("아니하(?=[며면])", "않으"),
    ("아니하(?=[고더도는])", "않"),
    ("아니한다", "않는다"),
    ("아니하다", "않다"),
    ("아니한", "않은"),
    ("아니할", "않을"),
    ("아니 (?=된|되)", "안 "),
    ("그러하지 않", "그렇지 않"),
    ("하여야", "해야"),
    ("하여서는", "해서는"),
)


def final_of(word: str) -> int:
    """Number of the last syllable's final consonant, 0 for none; a digit counts as it is read, brackets do not."""
    last = re.sub(r"\([^()]*\)$", "", word).rstrip("”’\"')〉 ")[-1:]
    last = _DIGIT_FINALS.get(last, last)
    if not ("가" <= last <= "힣"):
        return 0
    return (ord(last) - _SYLLABLES) % _FINALS


def with_particle(word: str, pair: str) -> str:
    """Append the fitting particle of `은/는`, `이/가`, `을/를`, `과/와`, `이란/란` or `으로/로`."""
    after_consonant, after_vowel = pair.split("/")
    final = final_of(word)
    vowel_like = final == 0 or (after_consonant == "으로" and final == _RIEUL)
    return word + (after_vowel if vowel_like else after_consonant)


def plain(sentence: str) -> str:
    """Put the stiff forms of regulations (`하여야`, `아니한다`) into those of today."""
    for stiff, modern in _PLAIN:
        sentence = re.sub(stiff, modern, sentence)
    return sentence


def polite(sentence: str) -> str:
    """`…할 수 있다.` becomes `…할 수 있습니다.`; what ends in a noun gets `입니다`."""
    text = plain(sentence.strip()).removesuffix(".")
    if text.endswith("니다"):
        return f"{text}."
    if text.endswith("는다"):
        return f"{text[:-2]}습니다."
    if text.endswith("다") and final_of(text[:-1]) == _NIEUN:
        return f"{_swap_final(text[:-1], _BIEUP)}니다."
    if text.endswith("이다"):
        return f"{text[:-2]}입니다."
    if re.search(r"[있없같않였했었겠렇]다$", text):
        return f"{text[:-1]}습니다."
    return f"{text}입니다."


def all_polite(text: str) -> str:
    """Make every sentence of a text polite."""
    return " ".join(polite(sentence) for sentence in re.split(r"(?<=[가-힣]다)\.\s+", text.strip()))


def asking(clause: str) -> str:
    """Turn a clause (`…하여야 한다`, `…할 수 있으며`, `…지급하되`) into a question in 해요-style (`…해야 하나요?`)."""
    text = plain(clause.strip()).rstrip(".,")
    for ending in ("으며", "며", "되", "고"):
        if text.endswith(ending) and not text.endswith("다"):
            return _asking_stem(text.removesuffix(ending))
    if text.endswith("는다"):
        return f"{text[:-2]}나요?"
    if text.endswith("다") and final_of(text[:-1]) == _NIEUN:
        return _asking_stem(_swap_final(text[:-1], 0))
    if re.search(r"[있없않같]다$", text):
        return f"{text[:-1]}나요?"
    return f"{text}인가요?"


def _asking_stem(stem: str) -> str:
    if stem.endswith("이"):
        return f"{stem[:-1]}인가요?"
    return f"{stem}나요?"


def _swap_final(text: str, final: int) -> str:
    last = ord(text[-1]) - _SYLLABLES
    return text[:-1] + chr(_SYLLABLES + last - last % _FINALS + final)

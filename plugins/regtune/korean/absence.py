"""Whether an answer says that the regulations do not provide for something (`없음`).

In: an answer. Out: a verdict; it does not judge whether saying so is right. Only a main clause counts: `규정이 없는 한`
and `확인되지 않은 때에는` are conditions, `휴가 없음` and `할 수 없음` are rules.
"""

import re

from regtune.korean.normalise import folded

_RULE_NOUN = (
    r"(?:규정|내용|조항|조문|기준|근거|사항|정보|언급|제도|항목|규칙|지침|답변|내규|규율|명시|정함"
    r"|자료|관련|사내|문구|설명)"
)
_END = (
    r"(?:습니다|어\s(?!있)|다(?![가-힣])|음(?![가-힣])|어요|아요|네요|으며|고\s|고,|으나|지만|는데|습니다만|(?:은"
    r"|는)\s것(?:으로|입니다|이다)|아\s)"
)
_NOT = (
    rf"(?:않(?:{_END}|는다|아서|으므로|았[습다]|은\s(?:내용|사항|부분)(?:입니다|이다))"
    r"|아니(?:하다|한다|합니다|함|하며|하고))"
)
_NONE = rf"없(?:{_END}|어서|으므로|었습니다)"
_STATED = (
    r"(?:(?<![가-힣])정하|규정하|명시하|언급하|다루|두|기재하|규율하|담|(?<![가-힣])정해|규정되|규정돼|명시되|명시돼|언급되|나오|나와"
    r"|기재되|적혀|들어|쓰여|쓰이|실려|실리"
    r"|(?<![가-힣])정하여|규정하여|명시하여|마련되|마련돼|마련하|마련해|수록되|담겨|설명되)"
)
_PASSIVE = r"(?:져|어|아|되어|돼|하고|고)?"
_BARE = re.compile(
    r"^[\"'(]?(?:(?:정?답|답변)\s?[:：]\s?)?(?:해당|관련|특별한|별도)?\s?(?:사항|규정|내용"
    r"|조항)?\s?없음(?:입니다|이다)?(?:[\s.,)\"':;~–-]|$)"
    r"|해당\s?(?:사항\s?)?없음"
    r"|^[\"'(*]*(?:아니(?:요|오)[,.]?\s)?없(?:습니다|어요|음)[.!)\"'*]*$"
)
_STRONG = re.compile(
    rf"{_STATED}{_PASSIVE}\s?(?:있|지)\s?(?:지\s?)?(?:는\s)?{_NOT}"
    r"|(?:정한|정해진|규정한|규정된|명시한|명시된|언급한|언급된|다룬|다루는|마련한|마련된|나온|적힌|기재된"
    r"|정하는|둔)\s"
    rf"(?:바|것|내용|규정|조항|조문|기준|사항|곳|게|건)(?:이|가|은|는|도)?\s?(?:따로\s|전혀\s)?(?:{_NONE}|{_NOT})"
    rf"|{_RULE_NOUN}(?:[은는이가도]|상으?로?는?|에는?)?\s?(?:따로\s|별도로\s|현재\s|전혀\s|아직\s)?{_NONE}"
    r"|(?:규정|규칙|지침|내규|조문|조항)(?:에|에는|상)\s?없는\s(?:내용|사항|부분)"
    rf"|(?:그러한|그런|이러한|이런|(?:그|이)와\s같은)\s(?:[가-힣]+\s)?[가-힣]+[은는이가]\s?{_NONE}"
    rf"|{_RULE_NOUN}[을를은는이가]?\s?(?:(?:찾|발견하|확인하)지\s?못(?:했|하였|합)|못\s?찾(?:겠|았|습)"
    r"|부재(?:합니다|하다|함|입니다))"
    r"|(?:규정|규칙|지침|내규)(?:은|이)\s[^.]*침묵(?:합니다|한다|함|하고)|(?<![가-힣])(?:미규정|규정\s?미비)(?![가-힣])"
)
_WEAK = re.compile(
    rf"(?:찾아?|확인|알|답변?|답변드|안내|판단|제공)(?:아\s?볼|을|할|하실|릴|드릴)?\s?수\s?(?:는\s)?(?:{_NONE}|없는\s(?:사항|내용)(?:입니다|이다))"
    rf"|(?:확인|발견|파악|조회|검색)(?:되|돼)지\s?(?:는\s)?{_NOT}|(?:존재|해당)하지\s?(?:는\s)?{_NOT}"
    rf"|(?:포함|안내|제공)(?:되어|돼)\s?있지\s?(?:는\s)?{_NOT}|보이지\s?{_NOT}"
)
_ALSO_OF_THINGS = re.compile(r"나오|두|담|들어")
"""`급여는 나오지 않습니다` tells a rule; `규정에 나오지 않습니다` tells that there is none."""
_LAID_DOWN = re.compile(r"(?:정해|정하여|규정해|규정하여|명시해|마련해)\s?$")
_ANY_RULE_NOUN = re.compile(_RULE_NOUN)
_LONGEST_BARE = 16
"""Characters of a sentence that is nothing but its predicate: `확인되지 않습니다.`"""


_NO_SUCH_THING = re.compile(
    r"(?<![가-힣]수)(?<!제한)(?<!한도)(?<!상한)(?<!하한)(?<!문제)(?<!필요)(?<!지장)(?<!관계)(?<!상관)(?<!예외)(?<!변동)"
    r"[은는이가도]\s(?:따로\s|별도로\s|현재\s|전혀\s|아직\s)?없(?:습니다|다|음|어요|네요)[.!]?$"
    r"|(?:부여|지급|제공|지원|인정|허용|포함|적용|운영|실시|보장)(?:[은는]\s?)?(?:되|하|받)지\s?(?:는\s)?(?:않|못)"
    r"(?:습니다|는다|음|아요|합니다|한다|함)[.!]?$"
    r"|(?:대상|범위)(?:이|에는?)?\s?(?:아닙니다|아니다|아님|없습니다|들지\s않습니다)[.!]?$"
)
"""At the end of a sentence: there is no such thing, it is not given."""


def denies_a_thing(sentence: str) -> bool:
    """True when a sentence ends in saying that a thing is not there or not given: `휴가는 부여되지 않습니다`.

    Where a rule says so that is the rule, and no 없음: whoever asks must know that there is none.
    """
    return bool(_NO_SUCH_THING.search(folded(sentence)))


def says_absent(answer: str) -> bool:
    """True when the answer's message is that the regulations hold no such rule.

    Only the first two sentences count: an answer that states a rule and then adds
    that something else is not provided for is still an answer.
    """
    return any(_is_absence(sentence) for sentence in re.split(r"(?<=[.!?])\s+", folded(answer))[:2])


def _is_absence(sentence: str) -> bool:
    if _BARE.search(sentence):
        return True
    strong = _STRONG.search(sentence)
    laid_down = strong and _LAID_DOWN.search(sentence[: strong.start()])
    if strong and (laid_down or not _ALSO_OF_THINGS.match(strong[0]) or _ANY_RULE_NOUN.search(sentence)):
        return True
    weak = _WEAK.search(sentence)
    return bool(weak) and (bool(_ANY_RULE_NOUN.search(sentence)) or len(sentence) <= _LONGEST_BARE)

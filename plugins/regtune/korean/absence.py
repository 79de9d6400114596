"""Whether an answer says that the regulations do not provide for something (`없음`).

In: an answer. Out: a verdict. The list holds natural variants; it does not judge whether saying so is right.
`할 수 없음` forbids and is no absence.
"""

import re

from regtune.korean.normalise import folded

_NOUN = r"(?:규정|내용|조항|조문|기준|근거|사항|정보|언급|제도|절차|항목|규칙|지침|답변)"
_ABSENCE = re.compile(
    r"^[\"']?없음(?:입니다|이다)?[\"']?(?:\b|[.\s]|$)|해당\s?(?:사항\s?)?없음"
    rf"|{_NOUN}[은는이가을를도]?\s*(?:따로|별도로|명시적으로|전혀|현재)?\s*"
    r"(?:없습니다|없음|없다|없어요|없으며|없어|없는|찾을 수 없|확인되지 않|확인할 수 없|존재하지 않|포함되어 있지)"
    r"|(?:정하고|규정하고|명시하고|다루고|두고|명시되어|규정되어|정해져|나와|언급되어|언급하고|마련되어|포함되어)\s*있지\s*(?:않|아니)"
    r"|(?:정한|규정한|명시된|정해진|규정된|명시한|마련된)\s*(?:바|것|내용)[은는이가]?\s*없"
    r"|(?:규정|명시|언급)(?:되지|하지|돼 있지)\s*(?:않|아니)|규정에\s*(?:는\s*)?없(?:습니다|음|다|어요|는)"
)


def says_absent(answer: str) -> bool:
    """True when the answer's message is that the regulations hold no such rule.

    Only the first two sentences count: an answer that states a rule and then adds
    that something else is not provided for is still an answer.
    """
    head = re.split(r"(?<=[.!?])\s+", folded(answer))[:2]
    return any(_ABSENCE.search(sentence) for sentence in head)

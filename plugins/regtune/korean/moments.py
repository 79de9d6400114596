"""Points in time told from another one: 다음 달, 전날, 그해.

In: a text. Out: Moment records in its order; `익월`, `내달` and `다음 달` are one moment, and so are `당월` and
`그 달`. A word that only begins alike (`다음 주소`, `당일치기`) is none.
"""

import re
from dataclasses import dataclass

_UNITS = (
    ("일", r"날"),
    ("영업일", r"(?:영업일|근무일)"),
    ("주", r"주"),
    ("개월", r"달"),
    ("분기", r"분기"),
    ("반기", r"반기"),
    ("학기", r"학기"),
    ("년", r"(?:해|연도|년도)"),
)
_SHIFTS = (
    (2, r"(?:다음\s?다음|다다음)"),
    (1, r"(?:바로\s)?다음(?!\s?다음)"),
    (0, r"(?:그|이번|해당|같은|당해)"),
    (-1, r"(?:지난|직전|바로\s전|전전?(?=년도|분기|반기|학기))"),
)
_WORDS = (
    ("일", 1, "익일|이튿날"),
    ("일", 0, "당일"),
    ("일", -1, r"전날|전일(?!제)|(?:하루|1일)\s전"),
    ("영업일", 1, "익영업일|차영업일"),
    ("주", 1, "차주"),
    ("주", 0, "금주"),
    ("개월", 2, "익익월"),
    ("개월", 1, "익월|내달|차월"),
    ("개월", 0, "당월|이달|금월"),
    ("개월", -1, "전월"),
    ("년", 1, "이듬해|내년|익년|차년도"),
    ("년", 0, "당해|올해|금년|당년"),
    ("년", -1, "작년|전년|전년도"),
)
_PARTICLE = (
    r"(?=$|[^가-힣]|(?:의|에|은|는|이|을|를|과|와|도|만|중|말|초|로|까지|부터|이후|이전|안에)"
    r"(?:[^가-힣]|(?:는|도|만)[^가-힣]|$))"
)
_FORMS = tuple(
    (unit, shift, re.compile(rf"(?<![가-힣]){lead}\s?{word}{_PARTICLE}"))
    for unit, word in _UNITS
    for shift, lead in _SHIFTS
) + tuple((unit, shift, re.compile(rf"(?<![가-힣])(?:{words}){_PARTICLE}")) for unit, shift, words in _WORDS)
_DEADLINE = re.compile(r"\s?(?:까지|안에|이내|내에)")


@dataclass(frozen=True)
class Moment:
    """One point in time, told from another."""

    unit: str
    """일 영업일 주 개월 분기 반기 학기 년."""
    shift: int
    """Units after the one it is told from; negative before it."""
    text: str
    start: int
    end: int
    is_deadline: bool
    """`전날까지`."""

    @property
    def value(self) -> tuple[str, int]:
        """What two texts are compared by."""
        return self.unit, self.shift


def read_moments(text: str) -> list[Moment]:
    """Return every relative point in time, in order; of those that overlap the longest."""
    found = [
        Moment(unit, shift, match.group(), match.start(), match.end(), bool(_DEADLINE.match(text, match.end())))
        for unit, shift, form in _FORMS
        for match in form.finditer(text)
    ]
    kept = [
        one
        for one in found
        if not any(
            other.start <= one.start and one.end <= other.end and len(other.text) > len(one.text) for other in found
        )
    ]
    return sorted(kept, key=lambda moment: moment.start)

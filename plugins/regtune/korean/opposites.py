"""Words that exclude one another: 유급 and 무급, 포함 and 제외, 서면 and 구두.

In: a text. Out: for each pair of opposites that it takes a side in, the side; a negated word (`포함하지 아니한다`)
counts for the other side, and a text that has both takes none.
"""

import re
from collections.abc import Mapping

_PAIRS_TEXT = """
유급 / 무급
포함 산입 넣 합산 합하 합쳐 들어가 들어갑 / 제외 빼 빠지 빠집 뺍 뺀
가산 더하 더해 더합 / 감액 공제 차감 깎
허용 허가 가능 / 금지 불가 불허
의무 필수 / 재량 자율 임의 자유
공개 / 비공개
무료 무상 / 유료 유상
정지 중단 중지 / 계속 유지
연장 / 단축
증액 인상 / 인하 삭감
실명 / 익명
사전 미리 / 사후
구두 / 서면
전액 / 일부
최초 처음 / 마지막
가장높 최고 / 가장낮 최저
많은 / 적은
정기 / 수시
유효 / 무효
찬성 / 반대
공동 / 단독
"""
_PAIRS = tuple(tuple(tuple(side.split()) for side in line.split("/")) for line in _PAIRS_TEXT.strip().splitlines())
_DENIED = re.compile(
    r"[가-힣]{0,2}\s?(?:할\s|될\s|주)?(?:지\s?(?:는\s)?(?:않|아니|못)|수\s?(?:는\s)?없|여?서는\s?(?:아니|안))"
)
_NOT_BEFORE = {"가능": "불", "공개": "비", "허용": "비", "포함": "불", "급": "", "자유": "부", "연장": ""}
_NOT_AFTER = {
    "연장": "근로근무자",
    "자유": "",
    "의무": "기",
    "넣": "",
    "계속": "근하여근로",
    "공개": "채경모",
    "전액": "",
}


def sides_of(text: str) -> Mapping[int, int]:
    """Return pair -> 1 for its first side, -1 for its second."""
    found: dict[int, int] = {}
    for index, sides in enumerate(_PAIRS):
        taken = {
            sign * (-1 if _DENIED.match(text, match.end()) else 1)
            for sign, words in zip((1, -1), sides, strict=True)
            for word in words
            for match in re.finditer(re.escape(word), text)
            if not _is_part(text, match, word)
        }
        if len(taken) == 1:
            found[index] = taken.pop()
    return found


def takes_side(word: str) -> bool:
    """Whether a word is of one of the pairs, or holds one that is."""
    return any(one in word for sides in _PAIRS for side in sides for one in side)


def name_of(pair: int) -> str:
    """How a pair is shown: `유급/무급`."""
    return "/".join(side[0] for side in _PAIRS[pair])


def _is_part(text: str, match: re.Match[str], word: str) -> bool:
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    return (before != "" and before in _NOT_BEFORE.get(word, "")) or (after != "" and after in _NOT_AFTER.get(word, ""))

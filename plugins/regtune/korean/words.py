"""Words of a Korean question without their particles and endings, by pattern alone: no tagger, so it runs anywhere.

In: a question. Out: its words, bare, those left out that every question has; and which kind of answer it asks for.
A pattern also takes what only looks like a particle (`연차휴가` loses its last syllable): compare bare words with bare
words, or look for one inside a text.
"""

import re
from collections.abc import Mapping

from regtune.korean.normalise import folded

_PARTICLES = re.compile(
    r"(?<=[가-힣]{2})(?:으로부터|에게서|에서는|에서의|까지는|까지의|부터는|으로는|에게는|에는|에서|에게|으로"
    r"|까지|부터|이나|이란"
    r"|라면|이라면|은|는|이|가|을|를|의|에|로|와|과|도|만|나)$"
)
_ENDINGS = re.compile(
    r"(?<=[가-힣]{2})(?:하여야|해야|하면|하려면|하려는|하는|하기|하고|하여|해서|한|할|하나요|합니까|되나요|됩니까|된|될|되는"
    r"|되며|인가요|인가"
    r"|입니까|이며|인지|일까요|예요|이에요|나요|습니까|받으려면|받는|받을|받은|받습니까)$"
)
_LIGHT_LIST = """
수 것 때 경우 있 없 하 되 대해 대하여 관해 관하여 관련 관한 대한 따라 따르면 의하면 위해 위한 및 또는 그 이 좀
해당 직원 회사 사내 우리 당사 알려주세요 알려 주세요 주십시오 설명해 설명 말해 궁금합니다 규정상 규정 정해져
정하고 있나요 있습니까 합니까 하나요 되나요 됩니까 입니까 인가요 가능한가요 가능합니까 무엇 연간 최대 최소 총
현재 실제 구체적 구체적으로 정확히 대략 각각 반드시 보통 얼마나 모두 전부 어떻게 어떤 얼마 언제 누구 누가 며칠
어느 어디 몇 정한 정하는 적용 다르게 무슨 왜 의미
"""
_LIGHT = frozenset(_LIGHT_LIST.split())
KINDS: Mapping[str, re.Pattern[str]] = {
    "time": re.compile(r"언제|며칠|몇\s?(?:일|시|달|개월|년)|기한|시한|얼마\s?동안|얼마나 오래"),
    "amount": re.compile(r"얼마(?!\s?동안|나 오래)|금액|액수|몇\s?(?:원|퍼센트|%)"),
    "count": re.compile(r"몇\s?(?:회|번|차례|명|건|개)|횟수"),
    "who": re.compile(r"누구|누가|어느 부서|승인권자|담당"),
    "where": re.compile(r"어디|어느 곳"),
    "how": re.compile(r"어떻게|절차|방법|순서|과정"),
    "paper": re.compile(r"서류|첨부|구비"),
    "whether": re.compile(r"수 있|되나요|가능|여야\s?(?:하|합)|해야\s?(?:하|합)|허용"),
}
"""What a question asks for -> how it shows."""
_SYMBOLS = re.compile(r"[^0-9A-Za-z가-힣%]+")


def bare_words(text: str) -> list[str]:
    """Return the words that tell one question from another, in order."""
    words = _SYMBOLS.sub(" ", folded(text)).split()
    bare = (_PARTICLES.sub("", _ENDINGS.sub("", word)) for word in words if word not in _LIGHT)
    return [word for word in bare if word and word not in _LIGHT]


def kinds_of(question: str) -> frozenset[str]:
    """Return the kinds of answer that a question asks for."""
    return frozenset(kind for kind, pattern in KINDS.items() if pattern.search(question))

"""Why a task failed, for people who read Korean: what the one English line means and what follows from it.

In: the reason as the command or Airflow gave it. Out: a Korean sentence, and the line itself behind it, which names the
file, the setting or the figure. A reason that is Korean already stays as it is. What lines mean stands in
include/alerts/reasons.yaml.
"""

import re
from functools import cache
from typing import Any

from regtune.contracts import QA_TYPES
from regtune.korean.normalise import hangul_share
from regtune.orchestration.settings import ALERTS
from regtune.yaml_text import parse_yaml

_KOREAN_SHARE = 0.3
_TYPES = dict(zip(QA_TYPES, ("조회형", "절차형", "부정형"), strict=True))
_SHORT = re.compile(
    r"(?P<pool>evaluation_pool\.)?(?P<type>lookup|procedure|negative) is short by (?P<few>\d+) of (?P<all>\d+)"
)
_UNKNOWN = "아래 원문과 같습니다."


def in_korean(reason: str) -> str:
    """Return one paragraph: the meaning, then `원문: ` and the reason; a Korean reason alone."""
    if hangul_share(reason) >= _KOREAN_SHARE:
        return reason
    return f"{_meaning(reason)}\n원문: {reason}"


def _meaning(reason: str) -> str:
    short = [
        f"{'평가용 ' if found['pool'] else ''}{_TYPES[found['type']]} {found['all']}건 중 {found['few']}건"  # type: ignore[index]
        for found in _SHORT.finditer(reason)
    ]
    if short:
        return (
            f"질문·답변을 정해진 수만큼 만들지 못했습니다. 모자란 것: {', '.join(short)}. 규정을 늘리거나 문항 수를 "
            "줄이거나, 걸러진 답(qa_rejected.jsonl)을 보고 프롬프트를 고쳐 Trigger로 새로 실행합니다."
        )
    found = ((pattern.search(reason), meaning) for pattern, meaning in _known())
    return next((meaning.format(**match.groupdict()) for match, meaning in found if match), _UNKNOWN)


@cache
def _known() -> tuple[tuple[re.Pattern[str], str], ...]:
    entries: Any = parse_yaml((ALERTS / "reasons.yaml").read_text(encoding="utf-8"))
    return tuple((re.compile(entry["when"]), entry["means"]) for entry in entries)

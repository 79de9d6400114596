"""The report's questions side by side: every system's answer, what the scores have against it, the judge's reasons.

In: the rows of a run. Out: what the template shows of each example. What models wrote is escaped by the template.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from regtune.benchmark import plots
from regtune.benchmark.metrics import SYSTEM_TITLES
from regtune.benchmark.results import Benchmark
from regtune.benchmark.rows import Answer, Verdict
from regtune.benchmark.systems import Asked

WHY_TITLES = {
    "gained": "튜닝 뒤에 맞힌 문항",
    "lost": "튜닝 뒤에 틀린 문항",
    "both_wrong": "튜닝 뒤에도 틀린 문항",
    "both_right": "튜닝 전에도 맞힌 문항",
}
_QUOTED = 30
"""Characters of a sentence that a score names."""


def examples(
    benchmark: Benchmark, asked: Mapping[str, Asked], rows: Sequence[Answer], verdicts: Sequence[Verdict]
) -> list[dict[str, Any]]:
    """Each example of the benchmark with all that was answered and judged."""
    answers = {(answer.system, answer.qa_id): answer for answer in rows}
    ratings = {(v.system, v.qa_id): v for v in verdicts if v.kind == "rating"}
    shown = []
    for example in benchmark.examples:
        row = asked[example.qa_id]
        sides = [
            {
                "title": system.title,
                "colour": plots.COLOURS[system.name],
                "answer": answers[system.name, example.qa_id],
                "notes": _notes(answers[system.name, example.qa_id]),
                "rating": ratings.get((system.name, example.qa_id)),
            }
            for system in benchmark.systems
            if (system.name, example.qa_id) in answers
        ]
        why = WHY_TITLES[example.why]
        duels = _duels([v for v in verdicts if v.kind == "pairwise" and v.qa_id == example.qa_id])
        shown.append({"row": row, "why": why, "kind": example.why, "sides": sides, "duels": duels})
    return shown


def _duels(verdicts: Sequence[Verdict]) -> list[str]:
    """One line for each comparison of a question, both orders in it."""
    lines: dict[str, list[str]] = {}
    for verdict in verdicts:
        names = [SYSTEM_TITLES[str(system)] for system in (verdict.system, verdict.opponent)]
        won = "판정하지 못함" if verdict.winner is None else f"{SYSTEM_TITLES.get(verdict.winner, '무승부')}"
        reason = f" ({verdict.reason})" if verdict.reason else ""
        lines.setdefault(" · ".join(sorted(names)), []).append(f"{names[0]} 먼저: {won}{reason}")
    return [f"{pair} — {' / '.join(found)}" for pair, found in lines.items()]


def _notes(answer: Answer) -> list[str]:
    """What the deterministic scores have against an answer."""
    scores = answer.scores
    if scores is None:
        return []
    flags = (
        (answer.truncated, "길이 제한에서 잘림"),
        (scores.absent, "'없음'이라고 답함"),
        (scores.refused, "답변을 거절함"),
        (bool(scores.reversed_claims), "허용·금지가 뒤바뀜"),
        (scores.article_right is False, "조문이나 규정 이름의 인용이 틀림"),
        (not scores.korean, "한국어가 아님"),
    )
    named = (
        ("빠진 수량", scores.missing_quantities, ", "),
        ("근거 없는 수량", scores.unsupported_quantities, ", "),
        ("다른 경우의 수량", scores.contradicting_quantities, ", "),
        ("빠진 조건", scores.missing_conditions, " / "),
        ("지어낸 내용", scores.invented, " / "),
    )
    return [
        *(note for said, note in flags if said),
        *(f"{title}: {mark.join(_brief(part) for part in found)}" for title, found, mark in named if found),
    ]


def _brief(part: str) -> str:
    """The answer itself stands above it."""
    return part if len(part) <= _QUOTED else f"{part[:_QUOTED].rstrip()}…"

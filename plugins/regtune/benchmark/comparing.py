"""Pairwise verdicts as win rates: plain, at equal length and place, and what both leave open.

In: Measured. Out: Comparisons of benchmark.json. A question is won when both orders say so; a judge that changes its
mind with the order has called a tie.
"""

from collections import defaultdict
from collections.abc import Sequence

from regtune.benchmark.assessment import Measured
from regtune.benchmark.metrics import LONGEST_ANSWER, PRIMARY, SystemName
from regtune.benchmark.preference import Outcome, controlled_win_rate
from regtune.benchmark.results import Comparison
from regtune.benchmark.statistics import excludes

COMPARISONS: tuple[tuple[SystemName, SystemName], ...] = (("tuned", "base"), ("tuned", "reference"))
"""What the judge compares; each costs two calls a question."""
_FEWEST_ON_A_SIDE = 0.05
"""Share of the questions; below it the win rate at equal length is an extrapolation."""
_FEWEST_PAIRS = 10
_CONSISTENT = 0.5
"""Share of the questions on which both orders agree; a judge that throws a coin for each reaches it."""


def all_comparisons(measured: Measured, systems: Sequence[SystemName]) -> tuple[Comparison, ...]:
    """Win rates of the tuned system."""
    return tuple(_comparison(measured, pair) for pair in COMPARISONS if set(pair) <= set(systems))


def _comparison(measured: Measured, pair: tuple[SystemName, SystemName]) -> Comparison:
    verdicts = [v for v in measured.verdicts if v.kind == "pairwise" and {v.system, v.opponent} == set(pair)]
    winners: dict[str, list[str | None]] = defaultdict(list)
    for verdict in verdicts:
        winners[verdict.qa_id].append(verdict.winner)
    scored = {qa_id: found for qa_id, found in winners.items() if None not in found}
    agreed = {qa_id: found[0] if len(set(found)) == 1 else "tie" for qa_id, found in scored.items()}
    points = {"tie": 0.5, pair[0]: 1.0, pair[1]: 0.0}
    rate = measured.difference({qa_id: points[str(winner)] for qa_id, winner in agreed.items()}, (0.0, 1.0), 0.5)
    same = {qa_id: float(len(set(found)) == 1) for qa_id, found in scored.items()}
    longer = {qa_id: _longer_by(measured, pair, qa_id) for qa_id in winners}
    one, other = (measured.values(system, PRIMARY) for system in pair)
    outcomes = [
        Outcome(
            measured.asked[v.qa_id].article,
            points[v.winner],
            longer[v.qa_id],
            first=v.system == pair[0],
            right_by=one[v.qa_id] - other[v.qa_id],
        )
        for v in verdicts
        if v.winner is not None
    ]
    controlled = controlled_win_rate(outcomes, measured.sampling.samples, measured.sampling.seed)
    decided = measured.estimate({q: points[str(winner)] for q, winner in agreed.items() if winner != "tie"}, (0.0, 1.0))
    tells = _tells(list(scored.values()))
    results, unscored = list(agreed.values()), len(winners) - len(scored)
    won = sum(points[str(winner)] for winner in results)
    return Comparison(
        system=pair[0],
        opponent=pair[1],
        wins=results.count(pair[0]),
        losses=results.count(pair[1]),
        ties=results.count("tie"),
        disagreements=sum(set(found) == set(pair) for found in scored.values()),
        unscored=unscored,
        win_rate=rate,
        shown=tells and rate is not None and excludes(rate, 0.5),
        consistency=measured.estimate(same, (0.0, 1.0)),
        controlled=controlled,
        controlled_shown=tells and controlled is not None and excludes(controlled, 0.5),
        extrapolated=_one_sided(list(longer.values())),
        decided=decided,
        decided_shown=tells and decided is not None and excludes(decided, 0.5),
        if_unscored_lost=round(won / len(winners), 6) if unscored else None,
        if_unscored_won=round((won + unscored) / len(winners), 6) if unscored else None,
        longer_by=measured.estimate(longer, (-LONGEST_ANSWER, LONGEST_ANSWER)),
        tells=tells,
    )


def _tells(winners: Sequence[Sequence[str | None]]) -> bool:
    """Whether the judge tells two answers apart: winners in each order, by questions. Few of them prove nothing."""
    if len(winners) < _FEWEST_PAIRS:
        return True
    agree = sum(len(set(found)) == 1 for found in winners)
    return agree >= _CONSISTENT * len(winners) and any(set(found) != {"tie"} for found in winners)


def _one_sided(longer: Sequence[float]) -> bool:
    """Whether one of two systems almost always has the longer answer."""
    differing = [value for value in longer if value]
    fewer = min(sum(value > 0 for value in differing), sum(value < 0 for value in differing))
    return bool(differing) and fewer < _FEWEST_ON_A_SIDE * len(longer)


def _longer_by(measured: Measured, pair: tuple[SystemName, SystemName], qa_id: str) -> float:
    one, other = (len(measured.answers[system, qa_id].answer) for system in pair)
    return float(one - other)

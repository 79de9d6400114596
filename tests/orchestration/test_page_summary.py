"""What the page reads of a run."""

import copy
from typing import Any

import pytest
from page_samples import RUN, files_of_a_run

from regtune.orchestration.page.summary import Interval, summarise


def test_a_whole_run_is_summarised() -> None:
    """Corpus, counts, gate, scores with intervals, champion, cost and what changed come from the run's own files."""
    run = summarise(RUN, files_of_a_run(), frozenset({"report.html"}))
    assert (str(run.as_of), run.corpus[0].title, run.corpus[0].sha256) == ("2025-07-01", "여비규정", "ab")
    assert run.counts == {"qa_pairs.jsonl": 300}
    assert run.gate is not None
    assert (run.gate.passed, len(run.gate.failed), run.gate.reasons) == (False, 1, {"wrong_number": 4})
    assert run.score("tuned") == Interval(0.7, 0.6, 0.8, 330)
    assert run.gain == Interval(0.2, 0.1, 0.3, 330)
    assert run.gain_shown
    assert (run.decision, run.headline, run.stand_ins) == ("champion", "정답률은 70%입니다.", ("판정 모델",))
    assert (run.cost.seconds, run.cost.train_seconds) == (3630.0, 3600.0)
    assert (run.cost.tokens, run.cost.calls, run.cost.cached_calls) == (1000, 10, 3)
    assert list(run.stages) == ["parse", "generate", "train", "benchmark"]
    assert (run.previous_run, run.changes) == ("2025-01-01-bbbbbbbbbbbb", "1개 조문이 바뀌었습니다.")


def test_a_run_that_only_began_has_no_figures() -> None:
    """With nothing but run.json there is a date and a corpus, and every figure is absent, not zero."""
    files = files_of_a_run()
    run = summarise(RUN, {"run.json": files["run.json"]}, frozenset({"run.json"}))
    assert run.corpus[0].regulation_id == "travel"
    assert (run.gate, run.decision, run.headline, run.gain, run.score("tuned"), run.started_at) == (*[None] * 5, "")


STRANGE = (None, 7, "x", [], {}, [1], {"a": 1}, True, [{"estimate": "x"}], {"passed": "yes"})


@pytest.mark.parametrize("name", sorted(files_of_a_run()))
def test_strange_files_are_no_error(name: str) -> None:
    """Whatever stands in place of any field of any file, the other files' figures are still read."""
    whole = files_of_a_run()
    for field in whole[name]:
        for strange in STRANGE:
            files: dict[str, Any] = copy.deepcopy(whole)
            files[name][field] = strange
            run = summarise(RUN, files, frozenset())
            assert run.run_name == RUN
            assert name == "run.json" or run.corpus[0].title == "여비규정"
            assert name == "publish.json" or run.decision == "champion"


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 10**400])
def test_a_figure_beyond_all_measure_is_absent(seconds: float) -> None:
    """It neither raises nor spoils the sums of the others."""
    files = files_of_a_run()
    files["train.manifest.json"]["seconds"] = seconds
    assert summarise(RUN, files, frozenset()).cost.seconds == 30.0

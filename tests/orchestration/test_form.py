"""What the UI's form takes, and what a run makes of it."""

from datetime import date, datetime, timezone
from typing import Any

import pytest
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import ParamValidationError
from opened_run import REGISTER

from regtune.errors import ConfigurationError
from regtune.orchestration.form import requested, run_form
from regtune.regulations.register import load_register


def answers(**given: object) -> dict[str, Any]:
    """Fill the form as Airflow does, which checks it."""
    params = ParamsDict(run_form(load_register(REGISTER)))
    params.update(given)
    return dict(params.validate())


@pytest.mark.parametrize("text", ["$(touch x)", "; rm -rf ~", "2024-07-01; rm -rf ~", "2024-07-01\n$(touch x)", "오늘"])
@pytest.mark.parametrize(
    "name",
    ["effective_date", "regulations", "quota_lookup", "quota_procedure", "quota_negative", "skip_training", "force"],
)
def test_no_field_takes_shell_text(name: str, text: str) -> None:
    """Every field refuses what a shell could execute, alone and in a list."""
    for value in (text, [text]):
        with pytest.raises(ParamValidationError):
            answers(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("effective_date", "2024-13-01", id="no such month"),
        pytest.param("effective_date", "20240701", id="without dashes"),
        pytest.param("effective_date", "2024-02-30", id="no such day"),
        pytest.param("regulations", ["unheard-of"], id="unknown regulation"),
        pytest.param("regulations", ["travel", "travel"], id="twice"),
        pytest.param("quota_lookup", -1, id="negative count"),
        pytest.param("quota_lookup", 1.5, id="fraction"),
        pytest.param("skip_training", "true", id="text for a switch"),
    ],
)
def test_wrong_answers_are_refused(name: str, value: object) -> None:
    """The schema knows dates, the registered regulations, counts and switches."""
    with pytest.raises(ParamValidationError):
        answers(**{name: value})


def test_an_untouched_form_asks_for_the_configured_run() -> None:
    """Nothing filled in: the date of the run's interval, all regulations, the configuration's counts."""
    request = requested(answers(), datetime(2024, 7, 1, tzinfo=timezone.utc), "scheduled__1")
    assert (request.as_of, tuple(request.regulation_ids), request.quota) == (date(2024, 7, 1), (), None)
    assert (request.skip_training, request.force) == (False, None)


def test_a_filled_form_asks_for_what_it_says() -> None:
    """The form's date goes before the run's; counts that are left empty stay as configured; force names the run."""
    given = answers(
        effective_date="2024-01-01", regulations=["travel"], quota_negative=3, skip_training=True, force=True
    )
    request = requested(given, datetime(2024, 7, 1, tzinfo=timezone.utc), "manual__1")
    assert (request.as_of, request.regulation_ids) == (date(2024, 1, 1), ["travel"])
    assert (request.quota, request.skip_training, request.force) == ({"negative": 3}, True, "manual__1")


def test_a_run_triggered_in_the_morning_is_for_the_korean_day() -> None:
    """8:00 in Seoul on 1 July is still 30 June in UTC."""
    request = requested(answers(), datetime(2024, 6, 30, 23, tzinfo=timezone.utc), "manual__1")
    assert request.as_of == date(2024, 7, 1)


def test_a_backfill_with_one_date_for_all_its_runs_is_refused() -> None:
    """Its form has the field too: each of the runs would make the same corpus under another date's name."""
    own, run_id = datetime(2024, 7, 1, tzinfo=timezone.utc), "backfill__2024-07-01T00:00:00+00:00"
    with pytest.raises(ConfigurationError, match="2025-07-01: 백필에서는 모든 실행의 기준일이 되어"):
        requested(answers(effective_date="2025-07-01"), own, run_id)
    for given in (answers(), answers(effective_date="2024-07-01")):
        assert requested(given, own, run_id).as_of == date(2024, 7, 1)


def test_an_answer_to_no_question_is_named() -> None:
    """A misspelt key of a REST trigger's conf stops the run instead of being passed over."""
    given = {**answers(), "effective_dat": "2024-01-01", "skip": True}
    with pytest.raises(ConfigurationError, match=r"알 수 없는 키: effective_dat, skip\. 쓸 수 있는 키: effective_"):
        requested(given, datetime(2024, 7, 1, tzinfo=timezone.utc), "manual__1")


def test_a_run_without_any_date_says_what_to_do() -> None:
    """No date in the form and no logical date is a clear failure."""
    with pytest.raises(ConfigurationError, match="기준일을 골라 다시 실행하십시오"):
        requested(answers(), None, "manual__1")


def test_every_field_is_explained_in_korean() -> None:
    """People in HR read titles and descriptions."""
    for name, param in run_form(load_register(REGISTER)).items():
        for text in (param.schema["title"], param.description or ""):
            assert any("가" <= letter <= "힣" for letter in text), name

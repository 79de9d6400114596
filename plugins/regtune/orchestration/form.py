"""The form that the UI shows before a run is triggered by hand, and what its answers ask for.

In: the register; later the answers, already checked by Airflow against the schema below. Out: DAG params; a RunRequest.
No answer is free text: dates have a pattern, regulations are an enumeration, the rest are numbers and switches.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import Param

from regtune.contracts import QA_TYPES
from regtune.errors import ConfigurationError
from regtune.open_run import RunRequest
from regtune.regulations.register import Register

_QUOTA_TITLES = {"lookup": "조회형 문항 수", "procedure": "절차형 문항 수", "negative": "부정형 문항 수"}
_FIELDS = ("effective_date", "regulations", *(f"quota_{name}" for name in QA_TYPES), "skip_training", "force")
_KOREA = ZoneInfo("Asia/Seoul")
_BACKFILL = "backfill__"
"""How Airflow begins the ids of a backfill's runs."""


def run_form(register: Register) -> dict[str, Param]:
    """Build the params of the DAG."""
    titles = ", ".join(f"{r.regulation_id}: {r.title}" for r in register.regulations)
    return {
        "effective_date": Param(
            None,
            type=["null", "string"],
            format="date",
            pattern=r"^\d{4}-\d{2}-\d{2}$",
            title="기준일(시행일)",
            description="이 날짜에 시행 중인 규정으로 실행합니다. 비워 두면 실행의 논리적 날짜를 따릅니다. "
            "백필에서는 비워 두십시오.",
        ),
        "regulations": Param(
            [],
            type="array",
            items={"type": "string", "enum": [r.regulation_id for r in register.regulations]},
            examples=[r.regulation_id for r in register.regulations],
            uniqueItems=True,
            title="대상 규정",
            description=f"비워 두면 시행 중인 모든 규정을 씁니다. 일부만 고르면 아래 문항 수도 줄이십시오. {titles}",
        ),
        **{
            f"quota_{qa_type}": Param(
                None,
                type=["null", "integer"],
                minimum=0,
                maximum=10000,
                title=_QUOTA_TITLES[qa_type],
                description="비워 두면 설정 파일(generate.quota)의 값을 씁니다.",
                section="문항 수",
            )
            for qa_type in QA_TYPES
        },
        "skip_training": Param(
            False,  # noqa: FBT003 - the default of a switch
            type="boolean",
            title="학습 건너뛰기",
            description="데이터셋까지만 만듭니다. 학습과 벤치마크는 '건너뜀'으로 표시됩니다.",
        ),
        "force": Param(
            False,  # noqa: FBT003 - the default of a switch
            type="boolean",
            title="처음부터 다시",
            description="같은 조건으로 끝난 실행이 있어도 결과를 다시 쓰지 않고 새로 만듭니다.",
        ),
    }


def requested(answers: Mapping[str, Any], interval_start: datetime | None, run_id: str) -> RunRequest:
    """Read the answers of the form.

    Args:
        answers: params of the run.
        interval_start: of the run's data interval, None for a run without a logical date.
        run_id: of the DAG run; makes a forced run distinct.

    Raises:
        ConfigurationError: nothing says for which date the run is, an answer is to no question of the form, or a
            backfill's run is asked for another date than its own.
    """
    unknown = sorted(set(answers) - set(_FIELDS))
    if unknown:
        raise ConfigurationError(f"conf에 알 수 없는 키: {', '.join(unknown)}. 쓸 수 있는 키: {', '.join(_FIELDS)}.")
    own = interval_start and interval_start.astimezone(_KOREA).date()  # effective dates are UTC midnights: 9:00 there
    as_of = date.fromisoformat(answers["effective_date"]) if answers["effective_date"] is not None else own
    if run_id.startswith(_BACKFILL) and as_of != own:
        raise ConfigurationError(
            f"effective_date {as_of}: 백필에서는 모든 실행의 기준일이 되어 버립니다. 기준일을 비워 두십시오."
        )
    if as_of is None:
        raise ConfigurationError(
            "effective_date: 기준일이 없고 실행에 논리적 날짜도 없습니다. 기준일을 골라 다시 실행하십시오."
        )
    quota = {str(name): answers[f"quota_{name}"] for name in QA_TYPES if answers[f"quota_{name}"] is not None}
    return RunRequest(
        as_of=as_of,
        regulation_ids=answers["regulations"],
        quota=quota or None,
        skip_training=answers["skip_training"],
        force=run_id if answers["force"] else None,
    )

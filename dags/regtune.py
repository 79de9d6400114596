# ruff: noqa: INP001 - Airflow collects files, not packages
"""### 사내 규정 PDF로 전문 소형 모델을 만드는 과정입니다.

시행일마다 그날 시행 중인 규정으로 질문·답변을 만들고, 검사를 통과하면 Qwen3-8B를 QLoRA로 학습해 평가합니다.

| 단계 | 하는 일 | 곳 |
|---|---|---|
| open_run | 차례를 기다린 뒤, 기준일에 시행 중인 규정을 고르고 설정을 고정합니다 | 스케줄러 |
| check_02, check_48 | GPU를 쓰기 전에 두 서버에 빠진 것이 없는지 봅니다 | .02, .48 |
| parse, chunk | PDF를 조문으로, 조문을 청크로 나눕니다 | .02 |
| compare | 앞선 실행과 조문을 비교합니다. 바뀐 것이 없으면 여기서 끝냅니다 | 스케줄러 |
| serve, generate, stop | 모델 서버를 켜고 질문·답변을 만들고, 어떤 경우에도 끕니다 | .02 |
| validate | 질문·답변마다 근거를 따져 사유를 적습니다 | .02 |
| gate | 기준에 미치지 못하면 여기서 멈추고 알립니다(재시도 없음) | 스케줄러 |
| split | 8:1:1로 나눕니다 | 스케줄러 |
| train, benchmark | 학습하고 평가합니다 | .48 |
| publish | 결과를 알리고, 기준을 넘은 어댑터를 승격합니다 | 스케줄러 |

**실행** 오른쪽 위 Trigger에서 기준일을 고릅니다. 지난 시행일을 다시 만들려면 Trigger의 Backfill에서 기간을 고릅니다.
시행일의 실행은 그날 오전 9시(한국 시각)의 것이니, 기간의 끝은 마지막 시행일 오전 9시나 그 뒤로 잡고 기준일은 비웁니다.
Backfill에서 학습 건너뛰기 같은 값은 '기존 실행의 매개변수 덮어쓰기'를 켜야 전해집니다(Airflow 3.3.2).
**실패했을 때** 작업의 Logs 맨 아래 한 줄이 원인과 할 일입니다. 고친 뒤 그 작업을 Clear 하면 끝난 단계는 건너뜁니다.
**작업을 Failed로 바꾸거나 Clear 하면** 서버에서 돌던 프로세스도 함께 끝납니다.
**다른 DAG에 알리기** 끝까지 간 실행은 학습하지 않았거나 바뀐 것이 없어도 에셋 `regtune_publication`에 이벤트를 냅니다.
extra의 decision을 보십시오(그 밖에 run_name, as_of, headline, reason, figures). 챔피언이 바뀔 때만 움직이려면 에셋
`regtune_adapter`를, 검사를 통과한 데이터셋이 필요하면 `regtune_dataset`을 기다리십시오.
**결과** 각 작업 기록의 `results:` 줄이 가리키는 폴더에 있고, 실행의 Note에 한 줄로 적힙니다.
"""

from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.python import PythonOperator, ShortCircuitOperator
from airflow.sdk import DAG, Asset, AssetAlias

from regtune.orchestration import scheduler_tasks
from regtune.orchestration.alerts import deadline_alert, tell_failure, tell_published
from regtune.orchestration.form import run_form
from regtune.orchestration.page.links import RUN_LINKS
from regtune.orchestration.register_watch import register_asset
from regtune.orchestration.remote_stage import RemoteStageOperator
from regtune.orchestration.settings import current_config, register_path
from regtune.orchestration.timetable import EffectiveDates
from regtune.regulations.register import effective_dates, load_register

config = current_config()
register = load_register(register_path())
dates = [pendulum.datetime(day.year, day.month, day.day, tz="UTC") for day in effective_dates(register)]

RUN_NAME = "{{ ti.xcom_pull(task_ids='open_run') }}"
PUBLISH_WHEN_TRAINED_OR_SKIPPED = "none_failed"
every_host = {
    "settings": config.orchestration,
    "store_url": config.publish.store,
    "keep_adapter": config.publish.keep_adapter,
    "run_name": RUN_NAME,
}
on_02 = {"host": config.hosts.dataset, **every_host}
on_48 = {"host": config.hosts.tuning, **every_host}
here = {"pool": config.orchestration.scheduler_pool}
on_run = {"op_kwargs": {"run_name": RUN_NAME}, **here}

# Airflow imports every provider's module of assets to read a URI, but for schemes that begin with x-.
dataset = Asset(name="regtune_dataset", uri="x-regtune://dataset")
publication = Asset(name="regtune_publication", uri="x-regtune://publication")
adapter = AssetAlias(name="regtune_adapter")  # an event of the asset scheduler_tasks.ADAPTER when it is promoted

with DAG(
    dag_id="regtune",
    dag_display_name="regtune: 사내 규정 모델",
    doc_md=__doc__,
    schedule=EffectiveDates(dates, description="규정 시행일"),
    start_date=dates[0],
    catchup=False,
    max_active_runs=1,
    deadline=deadline_alert(config),
    params=run_form(register),
    tags=["regtune", "규정"],
    default_args={
        "owner": "regtune",
        "queue": config.orchestration.queue,
        "priority_weight": config.orchestration.priority_weight,
        "weight_rule": "absolute",
        "retries": config.orchestration.retries,
        "retry_delay": timedelta(seconds=config.orchestration.retry_delay_seconds),
        "on_failure_callback": tell_failure,
    },
) as dag:
    open_run = PythonOperator(
        task_id="open_run",
        python_callable=scheduler_tasks.open_run,
        inlets=[register_asset(register)],
        doc_md="기준일에 시행 중인 규정을 고르고, 설정과 코드를 이 실행에 고정합니다. "
        "다른 실행이 서버를 쓰고 있으면 그 실행이 끝날 때까지 자리를 차지하지 않고 기다립니다.",
        **here,
    )
    check_02 = RemoteStageOperator(
        task_id="check_02",
        doc_md="호스트 .02에 빠진 것이 있으면 여기서 모두 알려 줍니다. 몇 초면 끝납니다.",
        **on_02,
    )
    check_48 = RemoteStageOperator(
        task_id="check_48",
        doc_md="호스트 .48에 빠진 것이 있으면 여기서 모두 알려 줍니다. 몇 초면 끝납니다.",
        **on_48,
    )
    parse = RemoteStageOperator(
        task_id="parse",
        doc_md="PDF에서 조문을 읽습니다. 머리말과 띄어쓰기를 바로잡고 부칙·별표·서식을 가립니다.",
        **on_02,
    )
    chunk = RemoteStageOperator(
        task_id="chunk",
        doc_md="조문을 장·절 구조에 따라 청크로 나눕니다.",
        **on_02,
    )
    compare = ShortCircuitOperator(
        task_id="compare",
        python_callable=scheduler_tasks.compare,
        ignore_downstream_trigger_rules=False,  # publish tells of a run that was cut short too
        doc_md="앞선 실행과 조문을 비교합니다. 실제로 바뀐 조문이 없으면 publish까지 건너뜁니다.",
        **on_run,
    )
    serve = RemoteStageOperator(
        task_id="serve",
        doc_md="질문·답변을 만들 모델 서버를 켭니다. 다른 곳에서 도는 서버를 쓰면 확인만 합니다.",
        **on_02,
    )
    generate = RemoteStageOperator(
        task_id="generate",
        doc_md="조회형·절차형·부정형 질문과 답변을 정해진 수만큼 만듭니다.",
        **on_02,
    )
    stop = RemoteStageOperator(
        task_id="stop",
        doc_md="모델 서버를 끕니다. generate가 실패해도 실행됩니다.",
        priority_weight=config.orchestration.priority_weight + 1,  # before validate: the GPU is free sooner
        **on_02,
    )
    validate = RemoteStageOperator(
        task_id="validate",
        doc_md="질문·답변마다 근거·숫자·중복·부정형 여부를 따져 사유를 적습니다.",
        **on_02,
    )
    gate = PythonOperator(
        task_id="gate",
        python_callable=scheduler_tasks.gate,
        retries=0,
        doc_md="Great Expectations로 데이터셋을 받아들이거나 거절합니다. 거절하면 알림을 보내고, 재시도하지 않습니다.",
        **on_run,
    )
    split = PythonOperator(
        task_id="split",
        python_callable=scheduler_tasks.split,
        outlets=[dataset],
        doc_md="통과한 데이터셋을 학습·검증·시험으로 8:1:1로 나눕니다.",
        **on_run,
    )
    train = RemoteStageOperator(
        task_id="train",
        doc_md="QLoRA로 어댑터를 학습합니다. 학습을 건너뛰는 실행에서는 '건너뜀'이 됩니다.",
        **on_48,
    )
    benchmark = RemoteStageOperator(
        task_id="benchmark",
        doc_md="튜닝 전·후와 큰 모델의 답을 채점하고 보고서를 만듭니다.",
        **on_48,
    )
    publish = PythonOperator(
        task_id="publish",
        python_callable=scheduler_tasks.publish,
        trigger_rule=PUBLISH_WHEN_TRAINED_OR_SKIPPED,
        on_success_callback=tell_published,
        outlets=[publication, adapter],
        doc_md="결과 한 줄을 실행의 Note에 적고, 기준을 넘은 어댑터를 승격하고, 에셋 이벤트로 알립니다.",
        **on_run,
    )

    open_run >> [check_02, check_48] >> parse >> chunk
    chunk >> compare >> serve.as_setup() >> generate >> stop.as_teardown(setups=serve)
    generate >> validate >> gate >> split >> train >> benchmark >> publish

    for task in dag.tasks:
        task.operator_extra_links = RUN_LINKS  # a plugin's would stand beside every team's tasks

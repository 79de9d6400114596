"""The routes of the page, mounted by Airflow's API server below /regtune.

In: requests of people whom Airflow has let in. Out: HTML, and files of runs, with the headers of answers.py.
"""

import logging
import re
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.api_fastapi.logging.decorators import action_logging
from fastapi import Depends, FastAPI, Form, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse

from regtune.contracts import Changes, DiffReport
from regtune.documents.diff_tables import to_html
from regtune.errors import RegtuneError
from regtune.orchestration.page import access, airflow_state, view
from regtune.orchestration.page.addresses import CHANGES, DATA_DOCS, PREFIX, REVIEW, file_address
from regtune.orchestration.page.answers import (
    CLOSED,
    DOCS_POLICY,
    PAGE_POLICY,
    REPORT_POLICY,
    SEE_OTHER,
    TYPES,
    answer_headers,
    base_of,
    refusal,
    refused_form,
    unreadable,
)
from regtune.orchestration.page.archive import DOCS, Archive, Found, archive
from regtune.orchestration.page.review_file import review_file
from regtune.orchestration.page.summary import RunSummary
from regtune.orchestration.settings import current_config, register_path
from regtune.regulations.advice import Advice, advise
from regtune.regulations.register import Register, effective_dates, load_register

_log = logging.getLogger(__name__)
_STATIC = Path(__file__).parent / "static"
_FROM_ELSEWHERE = re.compile(rb"<script\b.*?</script>|<link\b[^>]*https?:[^>]*>", re.DOTALL | re.IGNORECASE)
"""What Data Docs would load from other hosts, and their scripts: forbidden by the policy, and a complaint each."""
_NO_REVIEW = (
    "검토 파일을 만들 수 없습니다. 검증까지 끝난 실행에만 있고, "
    "regtune의 다른 판이 만든 실행이면 그 판의 regtune review export로 만듭니다."
)
_SETTINGS_SECONDS = 10
"""How long the settings are good: reading them takes longer than all the rest of a page."""
RUNS_A_PAGE = 25
DATES_OF_TREND = 40

app = FastAPI(title="regtune", openapi_url=None, docs_url=None, redoc_url=None, dependencies=[Depends(access.may_see)])
app.add_exception_handler(HTTPException, refusal)
app.add_exception_handler(RequestValidationError, refused_form)
app.add_exception_handler(RegtuneError, unreadable)


@app.get("/")
def show_overview(request: Request, user: GetUserDep, page: int = 1, started: str = "") -> HTMLResponse:
    """The list of runs, trends, advice."""
    content = _overview(page)
    notice = "백필을 시작했습니다. 시행일마다 차례로 실행됩니다." if started else None
    return _page(view.overview(content, _visitor(request, user, content.advice, notice)))


def warm_up() -> None:
    """Read what the first page shows and make it, for nobody."""
    view.overview(_overview(1), view.Visitor("", may_act=False))


@app.get("/runs/{run_name}")
def show_run(request: Request, user: GetUserDep, run_name: str) -> HTMLResponse:
    """One run."""
    run = _summary(_archive(), run_name)
    if run is None:
        raise HTTPException(404)
    dag_run = airflow_state.dag_runs_of([run_name]).get(run_name)
    return _page(view.run_page(run, dag_run, _visitor(request, user)))


@app.get("/runs/{run_name}/files/{path:path}")
def show_file(request: Request, run_name: str, path: str) -> Response:
    """One file of a run, from the list of those that people may open."""
    if path in (DATA_DOCS, DOCS, f"{DOCS}/index.html"):  # the index is a table made by script; go where the result is
        page = _archive().docs_page(run_name)
        if page is None:
            raise HTTPException(404)
        if page != path:
            return RedirectResponse(base_of(request) + file_address(run_name, page), SEE_OTHER)
    if path == REVIEW:
        return _review(run_name)
    if path == CHANGES:
        return HTMLResponse(_changes(run_name), headers=answer_headers(REPORT_POLICY))
    content = _archive().open_to_people(run_name, path)
    if content is None:
        raise HTTPException(404)
    suffix, docs = Path(path).suffix, path.startswith(DATA_DOCS)
    if docs and suffix == ".html":
        looks = f'<link rel="stylesheet" href="{base_of(request)}{PREFIX}/static/data_docs.css"></head>'
        content = _FROM_ELSEWHERE.sub(b"", content).replace(b"</head>", looks.encode(), 1)
    return Response(content, media_type=TYPES[suffix], headers=answer_headers(DOCS_POLICY if docs else REPORT_POLICY))


@app.get("/static/{name}")
def show_static(name: str) -> Response:
    """The page's own style sheets and its one script."""
    if name not in {path.name for path in _STATIC.iterdir()}:
        raise HTTPException(404)
    headers = {**answer_headers(CLOSED), "Cache-Control": "private, max-age=300"}
    return Response((_STATIC / name).read_bytes(), media_type=TYPES[Path(name).suffix], headers=headers)


@app.post("/backfills", dependencies=[Depends(access.may_act), Depends(action_logging("regtune_start_backfill"))])
def start_backfill(
    request: Request,
    user: GetUserDep,
    session: SessionDep,
    first: Annotated[str, Form(pattern=r"^\d{4}-\d{2}-\d{2}$")],
    last: Annotated[str, Form(pattern=r"^\d{4}-\d{2}-\d{2}$")],
    reprocess: Annotated[str, Form(pattern="^(none|failed|completed)$")],
    token: Annotated[str, Form()],
) -> Response:
    """Start a backfill that the page advises, and no other."""
    access.check_form(request, user, (first, last, reprocess), token)
    store = _archive()
    advised = next(
        (a for a in _advice(store, store.runs()) if a.command and _answers(a) == (first, last, reprocess)), None
    )
    if advised is None:
        raise HTTPException(409, "그사이 권고가 바뀌었습니다. 화면을 새로 고치십시오.")
    airflow_state.start_backfill(advised.days[0], advised.days[-1], reprocess, user, session)
    _log.info("backfill %s to %s (%s) started by %s", first, last, reprocess, user.get_name())
    return RedirectResponse(f"{base_of(request)}{PREFIX}/?started=1", SEE_OTHER)


@app.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def nothing_here(path: str) -> Response:  # noqa: ARG001 - whatever it is
    """Whatever else is asked for: not there, and told only to those who may see what is."""
    raise HTTPException(404)


def _overview(page: int) -> view.Overview:
    store = _archive()
    found = store.runs()
    champion, told = _champion(store, found)
    pages = max(1, -(-len(found) // RUNS_A_PAGE))
    page = min(max(page, 1), pages)
    shown = store.summaries(found[(page - 1) * RUNS_A_PAGE : page * RUNS_A_PAGE])
    return view.Overview(
        runs=shown,
        trend=store.trend(found, DATES_OF_TREND),
        newest=next(iter(store.summaries(found[:1])), None),
        advice=_advice(store, found),
        champion=champion,
        champion_told=told,
        total=len(found),
        page=page,
        pages=pages,
        dag_runs=airflow_state.dag_runs_of(run.run_name for run in shown),
        under_way=airflow_state.under_way(),
        backfill=airflow_state.active_backfill(),
    )


def _champion(store: Archive, found: Sequence[Found]) -> tuple[RunSummary | None, bool]:
    """The champion's run, and whether champion.json could be read: where it could not, the runs are shown still."""
    try:
        pointer = store.pointer("champion.json")
    except RegtuneError as error:
        _log.warning("%s", error)
        return None, False
    name = "" if pointer is None else str(pointer.get("run_name"))
    return _summary(store, name, next((run.changed for run in found if run.run_name == name), 0.0)), True


def _changes(run_name: str) -> str:
    """The 신구조문대비표 of a run and the one before it."""
    content = _archive().open_to_people(run_name, "changes.json")
    try:
        changes = Changes.model_validate_json(content or b"")
    except ValueError as error:  # there is none, or one that the code of another day made
        raise HTTPException(404) from error
    counts = Counter(change.kind for change in changes.articles)
    old = changes.previous_run or "없음"
    return to_html(DiffReport(old=old, new=run_name, counts=dict(counts), unchanged=0, changes=changes.articles))


def _archive() -> Archive:
    return archive(_store_url(int(time.monotonic() // _SETTINGS_SECONDS)))


@lru_cache(maxsize=1)
def _store_url(span: int) -> str:  # noqa: ARG001 - the settings are read again in the next one
    return current_config().publish.store


def _summary(store: Archive, run_name: str, changed: float = 0.0) -> RunSummary | None:
    try:
        return store.summary(run_name, changed)
    except ValueError:
        return None


def _review(run_name: str) -> Response:
    """The dataset as a workbook."""
    store = _archive()
    if _summary(store, run_name) is None:
        raise HTTPException(404)
    try:
        content = review_file(store, run_name)
    except RegtuneError as error:
        _log.warning("no review file of %s: %s", run_name, error)
        raise HTTPException(404, _NO_REVIEW) from error
    headers = {
        **answer_headers(CLOSED),
        "Content-Disposition": f'attachment; filename="{run_name}-{REVIEW}"',
    }
    return Response(content, media_type=TYPES[Path(REVIEW).suffix], headers=headers)


@lru_cache(maxsize=2)
def _register(path: Path, changed: int, size: int) -> Register:  # noqa: ARG001 - they tell one content from another
    """Read the register, once for each of its contents: of a hundred dates it takes a fifth of a second."""
    return load_register(path)


def _advice(store: Archive, found: list[Found]) -> tuple[Advice, ...]:
    try:
        path = register_path()
        state = path.stat()
        register = _register(path, state.st_mtime_ns, state.st_size)
    except (RegtuneError, OSError) as error:
        _log.warning("no advice: %s", error)
        return ()
    today = datetime.now(timezone.utc).date()
    past = [day for day in effective_dates(register) if day < today]
    return advise(register, store.known_among(found, past), today)


def _answers(advice: Advice) -> tuple[str, str, str]:
    return str(advice.days[0]), str(advice.days[-1]), str(advice.reprocess)


def _visitor(
    request: Request, user: GetUserDep, advice: Sequence[Advice] = (), notice: str | None = None
) -> view.Visitor:
    acts = access.acts(user)
    forms = [_answers(item) for item in advice if acts and item.command]
    tokens = {answers: access.form_token(user, answers) for answers in forms}
    return view.Visitor(user.get_name(), acts, tokens, base_of(request), notice)


def _page(text: str) -> HTMLResponse:
    return HTMLResponse(text, headers=answer_headers(PAGE_POLICY))

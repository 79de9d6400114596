"""The page in Airflow's API server: who sees what, who may act, and what nobody gets."""

import html
import io
import json
import re
import urllib.parse
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from page_server import USERS, PageServer, free_port
from ssh_hosts import REPOSITORY

from regtune.artifacts import write_json, write_jsonl
from regtune.config import load_config
from regtune.contracts import Chunk, Expectation, GateReport, QACheck, QAPair
from regtune.open_run import RunRequest, open_run, plan_run
from regtune.orchestration.store import Store

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
REGISTER = REPOSITORY / "include" / "regulations" / "register.yaml"
SECRET = "only-for-those-who-may-see"
DOCS_PAGE = "data_docs/validations/gate/r/t/regtune.html"
CHANGES = {
    "previous_run": "2025-01-01-aaaaaaaaaaaa", "previous_as_of": "2025-01-01", "short_cut": False,
    "summary": "여비규정 1개 조문이 바뀌었습니다.", "previous_pairs": [], "previous_pool": [], "retired_pairs": 0,
    "retired_pool": 0, "previous_headline": None, "previous_figures": {},
    "articles": [
        {
            "kind": "changed", "regulation_id": "travel", "regulation_title": "여비규정", "part": "body", "old_id": "a",
            "new_id": "a", "old_article": "제5조", "new_article": "제5조", "old_path": [], "new_path": [],
            "old_text": "일비는 2만원으로 한다.", "new_text": "일비는 3만원으로 한다. <img src=x>",
            "words_changed": True,
        }
    ],
}  # fmt: skip
ELSEWHERE = '<script src="https://a.example"></script><link rel="stylesheet" href="https://b.example/x.css">'
MAY_SEE = ("viewer", "op", "admin")
MAY_NOT = ("outsider", "reader_of_another")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store with a run of 2025-07-01 that the gate refused; the other effective dates have none."""
    folder = tmp_path_factory.mktemp("store")
    config = load_config(REPOSITORY / "include" / "config" / "demo.yaml")
    spec = plan_run(REGISTER, config, {"persona": "x"}, RunRequest(as_of=date(2025, 7, 1)))
    open_run(folder / "opened", spec, REGISTER.parent)
    store = Store(str(folder / "store"))
    store.put_run(folder / "opened")
    home = folder / "store" / "runs" / spec.run_name
    expectation = Expectation(
        name="e", column=None, description=f"<script>alert(1)</script>{SECRET}", success=False, expected="2%",
        observed="80%", failed_ids=(),
    )  # fmt: skip
    report = GateReport(passed=False, rows=300, pool_rows=0, expectations=(expectation,), reasons={"wrong_number": 4})
    write_json(home / "gate_report.json", report)
    (home / "report.html").write_text(f"<html><head></head><body>{SECRET}<script>1</script></body></html>")
    (home / DOCS_PAGE).parent.mkdir(parents=True)
    (home / DOCS_PAGE).write_text(f"<html><head>{ELSEWHERE}</head><body>{SECRET}</body></html>")
    (home / "data_docs" / "index.html").write_text("an index made by script")
    (home / "data_docs" / "outside.html").symlink_to(folder / "outside.html")
    (home / "data_docs" / "elsewhere").symlink_to(folder)
    (folder / "outside.html").write_text(SECRET)
    write_dataset(home)
    (home / "changes.json").write_text(json.dumps(CHANGES, ensure_ascii=False), encoding="utf-8")
    return folder / "store", spec.run_name


def write_dataset(home: Path) -> None:
    """Put one checked pair."""
    chunk = Chunk(
        chunk_id="c", regulation_id="travel", regulation_title="여비규정", article="제5조", path=("제5조(일비)",),
        text="일비는 3만원으로 한다.", token_count=9, page_first=1, page_last=1, text_sha256="0" * 64,
    )  # fmt: skip
    pair = QAPair(
        qa_id="q1", type="lookup", question="일비는 얼마입니까?", answer=SECRET, chunk_id="c", evidence="3만원",
        model="m", prompt_sha256="0" * 64, request_sha256="0" * 64,
    )  # fmt: skip
    write_jsonl(home / "chunks.jsonl", [chunk])
    write_jsonl(home / "qa_pairs.jsonl", [pair])
    write_jsonl(home / "qa_checks.jsonl", [QACheck(qa_id="q1", passed=False, reasons=("wrong_number",), figures={})])


@pytest.fixture(scope="module")
def run_name(opened: tuple[Path, str]) -> str:
    """Name of the run in the store."""
    return opened[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, opened: tuple[Path, str]) -> Iterator[PageServer]:
    """Run Airflow's API server with FAB's roles."""
    server = PageServer(tmp_path_factory.mktemp("page"), free_port(), opened[0])
    try:
        server.start()
        yield server
    finally:
        server.stop()


def everything(run_name: str) -> list[str]:
    """Give every kind of address that the page has, and one that it has not."""
    files = ("report.html", "review.xlsx", DOCS_PAGE, "data_docs/", "gate_report.json", "nothing.html")
    run = f"/regtune/runs/{run_name}"
    own = ["/regtune/", "/regtune/static/page.css", "/regtune/openapi.json", "/regtune/docs", "/regtune/x"]
    return [*own, run, *(f"{run}/files/{file}" for file in files)]


def test_nobody_without_login_gets_a_byte(server: PageServer, run_name: str) -> None:
    """A program gets 401 and nothing; a browser is sent to Airflow's login, and back to where it wanted."""
    for path in everything(run_name):
        answer = server.get(path)
        assert (answer.status, answer.body) == (401, b""), path
    answer = server.get(f"/regtune/runs/{run_name}", headers={"Accept": "text/html,*/*"})
    assert (answer.status, answer.body) == (303, b"")
    assert answer.headers["Location"].startswith("/api/v2/auth/login?next=http%3A%2F%2F127.0.0.1")
    login = server.get(answer.headers["Location"])
    assert login.status == 307
    assert "/auth/login" in login.headers["Location"]
    assert run_name in login.headers["Location"]
    assert server.post("/regtune/backfills", {}).status == 401
    bare = server.get("/regtune?page=2")
    assert (bare.status, bare.headers["Location"], bare.body) == (307, "regtune/?page=2", b"")
    forged = server.get("/regtune/", headers={"Cookie": "_token=forged"})
    assert forged.status == 403
    assert "권한이 없습니다" in forged.text
    assert run_name[11:] not in forged.text


@pytest.mark.parametrize("user", MAY_NOT)
def test_who_may_not_see_the_dag_sees_nothing(server: PageServer, run_name: str, user: str) -> None:
    """A login without the right to this DAG's runs gets 403 and no word of any run, wherever it asks."""
    for path in everything(run_name):
        answer = server.get(path, user)
        assert answer.status == 403, path
        assert SECRET not in answer.text
        assert "2025-07-01" not in answer.text
        assert "챔피언" not in answer.text


@pytest.mark.parametrize("user", MAY_SEE)
def test_who_may_see_the_dag_sees_the_page(server: PageServer, run_name: str, user: str) -> None:
    """Runs, gate, corpus, advice and links are on the page; what a document says runs no script."""
    answer = server.get("/regtune/", user)
    assert answer.status == 200
    for part in (
        run_name[:10],
        run_name[11:],
        "불합격 1",
        "취업규칙",
        "사유 4건",
        "실행이 없거나 끝까지 가지 못한 시행일이 있습니다",
    ):
        assert part in answer.text
    assert f"/regtune/runs/{run_name}/files/data_docs/" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    run = server.get(f"/regtune/runs/{run_name}", user)
    assert f"&lt;script&gt;alert(1)&lt;/script&gt;{SECRET}" in run.text
    assert "<script>alert" not in run.text
    assert not re.search(r"https?://(?!127\.0\.0\.1)", answer.text + run.text)


@pytest.mark.parametrize(
    ("path", "kind", "policy"),
    [
        pytest.param("report.html", "text/html; charset=utf-8", "style-src 'unsafe-inline'", id="report"),
        pytest.param(DOCS_PAGE, "text/html; charset=utf-8", "sandbox allow-same-origin", id="data-docs"),
        pytest.param("gate_report.json", "application/json; charset=utf-8", "sandbox", id="json"),
        pytest.param("review.xlsx", "application/vnd.openxml", "default-src 'none'", id="review"),
        pytest.param("changes.html", "text/html; charset=utf-8", "style-src 'unsafe-inline'", id="changes"),
    ],
)
def test_files_of_a_run_open_without_script(
    server: PageServer, run_name: str, path: str, kind: str, policy: str
) -> None:
    """Report, Data Docs, gate report and review file are served to a viewer, sandboxed and never kept."""
    answer = server.get(f"/regtune/runs/{run_name}/files/{path}", "viewer")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith(kind)
    found = answer.headers["Content-Security-Policy"]
    assert policy in found
    assert "script-src" not in found
    assert "allow-scripts" not in found
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_review_file_is_made_when_it_is_asked_for(server: PageServer, run_name: str) -> None:
    """Nobody has to export it: the link on the page gives the workbook of `regtune review export`."""
    import openpyxl

    assert f"/regtune/runs/{run_name}/files/review.xlsx" in server.get("/regtune/", "viewer").text
    answer = server.get(f"/regtune/runs/{run_name}/files/review.xlsx", "viewer")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{run_name}-review.xlsx"'
    workbook = openpyxl.load_workbook(io.BytesIO(answer.body))
    cells = {str(cell) for sheet in workbook for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {"일비는 얼마입니까?", "q1"} <= cells


def test_data_docs_open_where_the_result_is(server: PageServer, run_name: str) -> None:
    """The index of Data Docs, a table made by script, leads to the gate's result, which needs none."""
    for path in ("data_docs/", "data_docs/index.html"):
        answer = server.get(f"/regtune/runs/{run_name}/files/{path}", "viewer")
        assert answer.status == 303
        assert answer.headers["Location"] == f"/regtune/runs/{run_name}/files/{DOCS_PAGE}"
    page = server.get(answer.headers["Location"], "viewer").text
    assert "/regtune/static/data_docs.css" in page
    assert "example" not in page


def test_what_changed_is_a_table(server: PageServer, run_name: str) -> None:
    """changes.json of a run is read as a 신구조문대비표, its texts escaped; both pages say what changed."""
    text = server.get(f"/regtune/runs/{run_name}/files/changes.html", "viewer").text
    assert "신구조문대비표" in text
    assert "3만원으로" in text
    assert "&lt;img src=x&gt;" in text
    assert "<img" not in text
    assert f"/regtune/runs/{run_name}/files/changes.html" in server.get("/regtune/", "viewer").text
    assert "여비규정 1개 조문이 바뀌었습니다." in server.get(f"/regtune/runs/{run_name}", "viewer").text


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("files/../../../airflow/airflow.db", id="dots"),
        pytest.param("files/..%2f..%2f..%2fetc%2fpasswd", id="encoded-slashes"),
        pytest.param("files/%2e%2e/%2e%2e/run.json", id="encoded-dots"),
        pytest.param("files/..%252f..%252frun.json", id="twice-encoded-slashes"),
        pytest.param("files/%252e%252e/%252e%252e/run.json", id="twice-encoded-dots"),
        pytest.param("files/data_docs/..%2f..%2fqa_pairs.jsonl", id="out-of-data-docs"),
        pytest.param("files/data_docs/../report.html", id="dots-inside"),
        pytest.param("files/data_docs/..%5c..%5creport.html", id="backslashes"),
        pytest.param("files//etc/passwd", id="absolute"),
        pytest.param("files/%2fetc%2fpasswd", id="encoded-absolute"),
        pytest.param("files/data_docs/outside.html", id="a-link-that-leads-out"),
        pytest.param("files/data_docs/elsewhere/outside.html", id="a-linked-folder"),
        pytest.param("files/qa_pairs.jsonl", id="not-on-the-list"),
        pytest.param("files/run.json", id="the-recipe"),
        pytest.param("files/report.html%00.png", id="nul"),
        pytest.param("files/data_docs/x%0d%0aSet-Cookie:%20a=b.html", id="line-break"),
        pytest.param("../../airflow.db", id="above"),
    ],
)
def test_no_path_leads_elsewhere(server: PageServer, run_name: str, path: str) -> None:
    """Whatever is put into the address, an admin gets the files on the list and nothing else."""
    answer = server.get(f"/regtune/runs/{run_name}/{path}", "admin")
    assert answer.status == 404 or "<title>Airflow" in answer.text  # above the page Airflow's own UI answers
    assert SECRET not in answer.text
    assert "root:" not in answer.text
    assert answer.headers["Set-Cookie"] is None


@pytest.mark.parametrize("name", ["..", "%2e%2e", "2025-07-01-zzzzzzzzzzzz", "2025-07-01-000000000000", "a%2fb"])
def test_a_run_is_asked_for_by_its_name(server: PageServer, name: str) -> None:
    """What is no run's name finds no folder."""
    for path in (f"/regtune/runs/{name}", f"/regtune/runs/{name}/files/report.html"):
        answer = server.get(path, "admin")
        assert answer.status == 404 or answer.headers["Location"] is not None or "<title>Airflow" in answer.text
        assert SECRET not in answer.text


def form_of(server: PageServer, user: str) -> dict[str, str]:
    """Read the fields of the backfill's form from the page; empty when there is none."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', server.get("/regtune/", user).text)
    return {name: html.unescape(value) for name, value in fields}


def test_a_viewer_may_not_act(server: PageServer) -> None:
    """A viewer has no button, and neither somebody else's form nor a made one starts anything."""
    assert form_of(server, "viewer") == {}
    answer = server.post("/regtune/backfills", form_of(server, "op"), "viewer")
    assert answer.status == 403
    assert backfills(server) == []


@pytest.mark.parametrize(
    ("changes", "headers", "status"),
    [
        pytest.param({"token": "forged"}, {}, 403, id="forged-token"),
        pytest.param({"token": ""}, {}, 422, id="no-token"),
        pytest.param({"last": "2025-01-01"}, {}, 403, id="other-dates-than-signed"),
        pytest.param({"reprocess": "completed"}, {}, 403, id="other-behaviour-than-signed"),
        pytest.param({"first": "x'; --"}, {}, 422, id="no-date"),
        pytest.param({}, {"Sec-Fetch-Site": "cross-site"}, 403, id="from-another-site"),
    ],
)
def test_a_form_has_to_come_from_the_page(
    server: PageServer, changes: dict[str, str], headers: dict[str, str], status: int
) -> None:
    """A request that another site makes an op's browser send starts nothing."""
    answer = server.post("/regtune/backfills", {**form_of(server, "op"), **changes}, "op", headers)
    assert answer.status == status
    assert backfills(server) == []


def test_the_form_of_another_user_is_refused(server: PageServer) -> None:
    """A token is good for the user whom the page gave it."""
    assert server.post("/regtune/backfills", form_of(server, "admin"), "op").status == 403
    assert backfills(server) == []


def test_an_op_starts_the_advised_backfill(server: PageServer) -> None:
    """The button starts exactly the advised dates, that of the refused run too; no second backfill starts."""
    form = form_of(server, "op")
    assert (form["first"], form["last"], form["reprocess"]) == ("2024-01-01", "2025-07-01", "failed")
    answer = server.post("/regtune/backfills", form, "op")
    assert (answer.status, answer.headers["Location"]) == (303, "/regtune/?started=1")
    [backfill] = backfills(server)
    assert (backfill["from_date"][:10], backfill["to_date"][:10]) == ("2024-01-01", "2025-07-01")
    page = server.get("/regtune/?started=1", "op").text
    assert "백필을 시작했습니다" in page
    assert "2024-01-01 ~ 2025-07-01: 실행 4개 가운데 0개가 끝났습니다" in page
    assert form_of(server, "op") == {}
    assert server.post("/regtune/backfills", form, "op").status == 409
    assert len(backfills(server)) == 1


def test_a_run_with_a_deadline_can_be_cleared(server: PageServer) -> None:
    """The deadline of alerts.late_after_hours is there, and Airflow clears the run all the same."""
    runs = "/api/v2/dags/regtune/dagRuns"
    made = server.post_json(runs, {"logical_date": None, "conf": {"effective_date": "2025-07-01"}}, "op")
    assert made.status == 200, made.text
    run = urllib.parse.quote(json.loads(made.body)["dag_run_id"])
    deadlines = server.get(f"/ui/dags/regtune/dagRuns/{run}/deadlines", "op")
    assert json.loads(deadlines.body)["total_entries"] == 1, deadlines.text
    cleared = server.post_json(f"{runs}/{run}/clear", {"dry_run": False}, "op")
    assert cleared.status == 200, cleared.text


def test_the_page_is_in_the_menu(server: PageServer) -> None:
    """Airflow's UI learns of the page from the plugin, which has no import error."""
    [plugin] = [p for p in api(server, "/plugins")["plugins"] if p["name"] == "regtune"]
    [view] = plugin["external_views"]
    assert (view["name"], view["href"], view["url_route"]) == ("Regtune 규정 모델", "/regtune/", "regtune")
    assert api(server, "/plugins/importErrors")["import_errors"] == []


def api(server: PageServer, path: str) -> dict[str, list[dict[str, str]]]:
    """Ask Airflow's own API as admin."""
    answer = server.get(f"/api/v2{path}", headers={"Authorization": f"Bearer {server.token('admin')}"})
    assert answer.status == 200, answer.text
    content: dict[str, list[dict[str, str]]] = json.loads(answer.body)
    return content


def backfills(server: PageServer) -> list[dict[str, str]]:
    """Every backfill there is."""
    return api(server, "/backfills?dag_id=regtune")["backfills"]


def test_every_role_of_the_table_was_tried() -> None:
    """No user of the server is left out of the tests above."""
    assert set(USERS) == {*MAY_SEE, *MAY_NOT}

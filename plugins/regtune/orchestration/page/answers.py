"""What goes with every answer of the page: what the browser may do with it, and how a refusal reads.

In: a kind of content, an error. Out: headers, an answer. The browser may do nothing but what the page itself brings:
what models and documents wrote runs no script, loads nothing from elsewhere and is not kept.
"""

import logging
from urllib.parse import quote

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse

from regtune.orchestration.page import view
from regtune.orchestration.page.addresses import PREFIX

_log = logging.getLogger(__name__)
SEE_OTHER, _NO_LOGIN, _NOT_OURS = 303, 401, 422
CLOSED = "default-src 'none'; base-uri 'none'; frame-ancestors 'self'"
PAGE_POLICY = f"{CLOSED}; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'"
REPORT_POLICY = f"{CLOSED}; style-src 'unsafe-inline'; img-src data:; form-action 'none'; sandbox"
DOCS_POLICY = (
    f"{CLOSED}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; form-action 'none'; "
    "sandbox allow-same-origin"  # without it the browser sends no cookie for its images
)
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".jsonl": "text/plain; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".gif": "image/gif",
    ".jpg": "image/jpeg",
    ".ico": "image/x-icon",
    ".svg": "image/svg+xml",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
_UNAVAILABLE = 503
_TITLES = {403: "권한이 없습니다", 404: "여기에는 아무것도 없습니다", 409: "지금은 시작할 수 없습니다"}
_TEXTS = {
    403: "화면을 보려면 DAG regtune의 실행을 볼 권한이, 백필을 시작하려면 실행할 권한이 필요합니다.",
    404: "주소가 틀렸거나, 그 실행이나 파일이 저장소에 없습니다.",
    409: "다른 백필이 돌고 있습니다. 끝난 뒤에 다시 시작하십시오.",
}


def answer_headers(policy: str) -> dict[str, str]:
    """Headers of every answer."""
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def base_of(request: Request) -> str:
    """Airflow's own path below its host, e.g. `/airflow`; empty at the root."""
    return str(request.scope.get("root_path", "")).removesuffix(PREFIX)


def refusal(request: Request, error: Exception) -> Response:
    """A browser without login goes to Airflow's; everybody else gets a status, and a sentence where it helps."""
    assert isinstance(error, HTTPException)
    status = error.status_code
    wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if status == _NO_LOGIN and wants_page:
        target = quote(str(request.url), safe="")
        return RedirectResponse(f"{base_of(request)}/api/v2/auth/login?next={target}", SEE_OTHER)
    if status not in _TITLES:
        return Response(status_code=status, headers=answer_headers(CLOSED))
    korean = any("가" <= letter <= "힣" for letter in str(error.detail))
    visitor = view.Visitor("", may_act=False, base=base_of(request))
    page = view.told(_TITLES[status], str(error.detail) if korean else _TEXTS[status], visitor)
    return HTMLResponse(page, status, answer_headers(PAGE_POLICY))


def unreadable(request: Request, error: Exception) -> Response:
    """Settings or a store that cannot be read: one line says what, where and what to do."""
    _log.error("%s: %s", request.url.path, error)
    visitor = view.Visitor("", may_act=False, base=base_of(request))
    page = view.told("지금은 보여 드릴 수 없습니다", f"설정이나 저장소를 읽을 수 없습니다: {error}", visitor)
    return HTMLResponse(page, _UNAVAILABLE, answer_headers(PAGE_POLICY))


def refused_form(request: Request, error: Exception) -> Response:
    """A form that the page does not make, or a range that Airflow finds empty."""
    assert isinstance(error, RequestValidationError)
    _log.warning("refused %s: %s", request.url.path, [problem.get("loc") for problem in error.errors()])
    return Response(status_code=_NOT_OURS, headers=answer_headers(CLOSED))

"""Who may see the page and who may act on it: what Airflow says of the DAG's runs.

In: a request. Out: nothing, or a refusal. Airflow guards its own API and not a plugin's application: every route of
app.py, the catch-all too, depends on `may_see`. An action asks for the permission of Airflow's own backfill route and
for a proof that the form came from the page: a token signed with Airflow's key, for this user and these dates, besides
the cookie's SameSite and the browser's word that the request is of the same site.
"""

from collections.abc import Mapping

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.auth.tokens import get_signing_key
from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import HTTPException, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from regtune.orchestration.page.addresses import DAG_ID

_FORM_SECONDS = 3600
_SAME_SITE = frozenset({"same-origin", "none"})

may_see = requires_access_dag("GET", DagAccessEntity.RUN, DAG_ID)
may_act = requires_access_dag("POST", DagAccessEntity.RUN, DAG_ID)
Answers = Mapping[str, str]


def acts(user: BaseUser) -> bool:
    """Whether the page offers its buttons to a user."""
    details = DagDetails(id=DAG_ID)
    return bool(
        get_auth_manager().is_authorized_dag(
            method="POST", access_entity=DagAccessEntity.RUN, details=details, user=user
        )
    )


def form_token(user: BaseUser, answers: tuple[str, str, str]) -> str:
    """Sign what a form is for."""
    return _signer().dumps([str(user.get_id()), *answers])


def check_form(request: Request, user: BaseUser, answers: tuple[str, str, str], token: str) -> None:
    """Refuse a form that the page did not give this user in the last hour for these answers.

    Raises:
        HTTPException: 403.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")  # of browsers; other clients send none
    try:
        signed = _signer().loads(token, max_age=_FORM_SECONDS)
    except BadSignature:
        signed = None
    if site not in _SAME_SITE or signed != [str(user.get_id()), *answers]:
        raise HTTPException(
            403, "양식이 오래되었거나 이 화면에서 온 것이 아닙니다. 화면을 새로 고친 뒤 다시 누르십시오."
        )


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(get_signing_key("api", "secret_key"), salt="regtune-page")

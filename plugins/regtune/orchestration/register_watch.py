"""Notices that the register changed, and tells which backfill to start, within minutes and once.

In: the asset that the DAG file makes of the register's content. When a parse shows another content, Airflow creates
another asset and calls `on_asset_created` in the dag-processor. Out: a callback for the triggerer, in the transaction
that creates the asset; it compares the register with the store and sends include/alerts/register_changed.txt. No task,
no worker and no thread waits for it. The assets of earlier contents go: a content that comes back is news again.
"""

import asyncio
from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

if TYPE_CHECKING:
    from airflow.sdk import Asset
    from airflow.serialization.definitions.assets import SerializedAsset

    from regtune.regulations.register import Register

_DAG_ID = "regtune"
_URI = "x-regtune://register/"
_DIGITS = 12
_NOTHING_TO_DO = "- 지금 할 일은 없습니다. 등록된 시행일은 모두 실행되어 있습니다."


def register_asset(register: "Register") -> "Asset":
    """Make the asset of a register: another content is another asset."""
    from airflow.sdk import Asset

    from regtune.artifacts import sha256_of_json

    digest = sha256_of_json(register.model_dump(mode="json"))[:_DIGITS]
    return Asset(name=f"regtune_register_{digest}", uri=f"{_URI}{digest}")


@hookimpl
def on_asset_created(asset: "SerializedAsset") -> None:
    """Queue the notice; the session is the one in which the asset is being created."""
    if not asset.uri.startswith(_URI):
        return
    from airflow import settings
    from airflow.models.asset import AssetModel
    from airflow.models.callback import Callback
    from airflow.sdk.definitions.callback import AsyncCallback
    from sqlalchemy import delete

    assert settings.Session is not None
    session = settings.Session()
    session.execute(delete(AssetModel).where(AssetModel.uri.startswith(_URI), AssetModel.uri != asset.uri))
    content = {"content": asset.uri.removeprefix(_URI)}
    callback = Callback.create_from_sdk_def(AsyncCallback(tell_register, content), prefix="regtune", dag_id=_DAG_ID)
    callback.queue(session=session)
    session.add(callback)


async def tell_register(content: str) -> None:
    """Tell what the register now asks for; runs in the triggerer, whose loop it does not hold up.

    No run has to end for it: what a channel did not take is sent from here too.
    """
    from regtune.orchestration.alerts import keep_sending

    await asyncio.to_thread(_tell, content)
    await keep_sending()


def _tell(content: str) -> None:
    from regtune.orchestration.advice import open_advice
    from regtune.orchestration.alerts import tell_change
    from regtune.orchestration.page.addresses import PREFIX
    from regtune.orchestration.settings import current_config, register_address, register_path
    from regtune.orchestration.store import Store
    from regtune.regulations.register import load_register

    config = current_config()
    advice = open_advice(load_register(register_path()), Store(config.publish.store))
    lines = [f"- {one.text}" + (f"\n    {one.command}" if one.command else "") for one in advice]
    to_do = sum(one.command is not None for one in advice)
    values = {
        "register": register_address(),
        "to_do": str(to_do),
        "advice": "\n".join(lines) or _NOTHING_TO_DO,
        "page_url": f"{config.alerts.ui_base_url.rstrip('/')}{PREFIX}/",
    }
    tell_change(config, "register", content, "register_changed", values)

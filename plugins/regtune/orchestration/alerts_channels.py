"""How a message leaves: by mail and by webhook, each named by an Airflow connection.

In: a message. Out: one mail, one POST. A call is one attempt of bounded length; who calls tries again and keeps what
could not be sent (alerts_outbox.py). Imported where something is sent, never while the DAG file is parsed.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from airflow.providers.http.hooks.http import HttpHook
from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import BaseHook

from regtune.config import AlertsConfig

_MASK = "***"
_SLACK_HEADER, _SLACK_SECTION, _SLACK_BLOCKS, _SLACK_TEXT = 150, 3000, 50, 16_000
"""Characters that Slack takes in a header and in a section, blocks in a message; Mattermost's characters in a text."""
_CUT = "…"


@dataclass(frozen=True)
class Message:
    """What people get."""

    key: str
    """Names the event: a message of the same key goes out once."""
    subject: str
    body: str
    facts: Mapping[str, str] = field(default_factory=dict)
    """Fields for programs that read the plain webhook."""

    def as_json(self) -> dict[str, Any]:
        """Give the form that the outbox keeps."""
        return asdict(self)


Channel = Callable[[Message], None]


def channels(alerts: AlertsConfig) -> dict[str, Channel]:
    """Every configured channel by name; calling one sends or raises whatever its library raises."""
    found: dict[str, Channel] = {}
    if alerts.smtp_conn_id is not None:
        found["mail"] = lambda message: _mail(alerts, str(alerts.smtp_conn_id), message)
    if alerts.webhook_conn_id is not None:
        found["webhook"] = lambda message: _webhook(alerts, str(alerts.webhook_conn_id), message)
    return found


def without_secrets(alerts: AlertsConfig, text: str) -> str:
    """Take the connections' passwords out of what a library says; an address may hold one."""
    for conn_id in (alerts.smtp_conn_id, alerts.webhook_conn_id):
        if conn_id is None:
            continue
        try:
            password = BaseHook.get_connection(conn_id).password
        except Exception:  # noqa: BLE001, S112 - a connection that cannot be had has no password to hide
            continue
        if password:
            text = text.replace(password, _MASK).replace(password.strip("/"), _MASK)
    return text


class _BoundedSmtpHook(SmtpHook):
    """The provider's hook with one attempt of our length; its own are 6 of 30 s, and it repeats a mail half sent."""

    def __init__(self, conn_id: str, timeout_seconds: float) -> None:
        super().__init__(smtp_conn_id=conn_id)
        self._timeout_seconds = timeout_seconds

    @property
    def timeout(self) -> int:
        return max(1, round(self._timeout_seconds))

    @property
    def smtp_retry_limit(self) -> int:
        return 0


def _mail(alerts: AlertsConfig, conn_id: str, message: Message) -> None:
    ours = re.compile(re.escape(html.escape(alerts.ui_base_url)) + r"[^\s<>\"']*")  # no link that a document wrote
    text = ours.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', html.escape(message.body))
    page = f'<div style="font-family: sans-serif; line-height: 1.6; white-space: pre-wrap">{text}</div>'
    with _BoundedSmtpHook(conn_id, alerts.timeout_seconds) as hook:
        hook.send_email_smtp(
            to=list(alerts.email_to), from_email=alerts.email_from, subject=message.subject, html_content=page
        )


def _webhook(alerts: AlertsConfig, conn_id: str, message: Message) -> None:
    password = BaseHook.get_connection(conn_id).password or ""
    hook = HttpHook(method="POST", http_conn_id=conn_id)
    options = {"timeout": alerts.timeout_seconds}
    if alerts.webhook_format == "slack":
        hook.run(endpoint=password.lstrip("/"), json=slack_form(message), extra_options=options)
        return
    headers = {"Authorization": f"Bearer {password}"} if password else {}
    content = {"text": f"{message.subject}\n\n{message.body}", "subject": message.subject, **message.facts}
    hook.run(json=content, headers=headers, extra_options=options)


def slack_form(message: Message) -> dict[str, Any]:
    """Give what Slack's incoming webhooks take: blocks, each within its limit, and a text for what knows no blocks.

    Slack refuses a message of which one block is too long; Mattermost reads the text alone.
    """
    escaped = html.escape(message.body, quote=False)  # Slack's rule: & < > and nothing else
    title = {"type": "plain_text", "text": _cut(message.subject, _SLACK_HEADER)}
    sections = [{"type": "section", "text": {"type": "mrkdwn", "text": part}} for part in _parts(escaped)]
    text = f"*{html.escape(message.subject, quote=False)}*\n{escaped}"
    return {
        "text": _cut(text, _SLACK_TEXT),
        "blocks": [{"type": "header", "text": title}, *sections[: _SLACK_BLOCKS - 1]],
    }


def _parts(text: str) -> list[str]:
    """Paragraphs together as far as one section takes them, a longer one cut."""
    parts: list[str] = []
    for paragraph in (_cut(part, _SLACK_SECTION) for part in text.strip().split("\n\n")):
        joined = f"{parts[-1]}\n\n{paragraph}" if parts else paragraph
        if parts and len(joined) <= _SLACK_SECTION:
            parts[-1] = joined
        else:
            parts.append(paragraph)
    return parts


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else re.sub(r"&\w*$", "", text[: most - len(_CUT)]) + _CUT

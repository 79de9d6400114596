"""How alerts leave: once each, in each channel's form, and later where a channel is down."""

import asyncio
import email
import email.policy
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowException
from alert_channels import MailServer, Receiver
from alert_scene import AIRFLOW, Scene, channels, play, published, refused_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from regtune.config import PipelineConfig
from regtune.orchestration import alerts, register_watch
from regtune.orchestration.alerts_channels import Message, slack_form
from regtune.orchestration.alerts_outbox import Outbox, send_kept
from regtune.orchestration.alerts_text import one_line
from regtune.orchestration.failures import GateRefusedFailure
from regtune.orchestration.settings import current_config


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MailServer, Receiver]]:
    """Mail server and receiver of this module."""
    with channels(tmp_path_factory.mktemp("mail")) as both:
        yield both


@pytest.fixture
def scene(
    tmp_path: Path, config: PipelineConfig, monkeypatch: pytest.MonkeyPatch, both: tuple[MailServer, Receiver]
) -> Scene:
    """A run in a store, and channels that have got nothing yet."""
    return play(tmp_path, config, monkeypatch, *both)


def test_an_event_is_told_once(scene: Scene) -> None:
    """The same try called back twice, by worker and dag-processor, is one message; a later try is another."""
    for try_number in (2, 2, 3):
        alerts.tell_failure(scene.context("train", AirflowException("x"), try_number))
    assert len(scene.mail.mails()) == len(scene.hook.posted) == 2


def test_slack_gets_its_own_form_and_its_secret_stays_secret(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """The password ends the address, & < > are escaped, and a refusal's log line does not show it."""
    scene.change(webhook_format="slack", smtp_conn_id=None)
    alerts.tell_failure(scene.context("train", AirflowException("a < b & c")))
    [(path, headers, message)] = scene.hook.posted
    assert path == "/hook/s3cret"
    assert "Authorization" not in headers
    assert message["text"].startswith("*[regtune] 작업이 실패했습니다: train")
    assert "a &lt; b &amp; c" in message["text"]
    assert message["blocks"][0]["text"]["text"].startswith("[regtune] 작업이 실패했습니다: train")
    assert "a &lt; b &amp; c" in message["blocks"][1]["text"]["text"]
    scene.hook.stop()
    alerts.tell_failure(scene.context("parse", AirflowException("x")))
    scene.hook.start()
    assert any("not sent by webhook, attempt 3 of 3" in record.getMessage() for record in caplog.records)
    assert "s3cret" not in caplog.text


@given(st.lists(st.text(alphabet="가a&<>\n ", max_size=4000), max_size=80), st.text(alphabet="가a&<", max_size=300))
@settings(max_examples=30)
def test_no_message_is_longer_than_slack_takes(paragraphs: list[str], subject: str) -> None:
    """At most 50 blocks, a header of 150 and sections of 3,000 characters, none empty and no escape cut in two."""
    form = slack_form(Message("k", subject or "s", "start\n\n" + "\n\n".join(paragraphs)))
    header, *sections = form["blocks"]
    assert 0 < len(header["text"]["text"]) <= 150
    assert 0 < len(sections) <= 49
    for text in [section["text"]["text"] for section in sections] + [form["text"]]:
        assert text.strip()
        assert not re.search(r"&(?!amp;|lt;|gt;)", text)
    assert all(len(section["text"]["text"]) <= 3000 for section in sections)
    assert len(form["text"]) <= 16_000


@pytest.mark.parametrize(
    ("told", "masked"),
    [
        pytest.param("https://u:p4ssw0rd@host/x failed", "https://u:***@host/x failed", id="address"),
        pytest.param("Authorization: Bearer abcd.efgh refused", "Authorization: Bearer *** refused", id="header"),
        pytest.param('{"api_key": "abcdef"}', '{"api_key": "***"}', id="json"),
        pytest.param("OPENAI_API_KEY=abcdef; exit", "OPENAI_API_KEY=***; exit", id="environment"),
        pytest.param("key sk-0123456789abcdefXYZ is wrong", "key *** is wrong", id="key"),
        pytest.param("prompt_tokens: 496283 of 500000", "prompt_tokens: 496283 of 500000", id="no-secret"),
        pytest.param("Invalid API key: token-abc123xyz", "Invalid API key: ***", id="as-endpoints-say-it"),
        pytest.param("Incorrect API key provided: abcd1234.", "Incorrect API key provided: ***", id="provided"),
        pytest.param("POST https://h/v1?key=AIzaSyA0&alt=sse 403", "POST https://h/v1?key=***&alt=sse 403", id="query"),
        pytest.param("key AIzaSyA0123456789abcdef", "key ***", id="google"),
        pytest.param(
            "https://hooks.slack.com/services/T00/B00/XXX: 404", "https://hooks.slack.com/services/*** 404", id="slack"
        ),
        pytest.param("the key: value pair of ?page=2", "the key: value pair of ?page=2", id="no-query-secret"),
        pytest.param("max_tokens is 12", "max_tokens is 12", id="a-setting"),
    ],
)
def test_no_secret_is_told(told: str, masked: str) -> None:
    """What has the form of a secret is masked in reasons and log lines; figures stay."""
    assert one_line(told) == masked


def test_only_our_own_addresses_are_links(scene: Scene, tmp_path: Path) -> None:
    """An address that a document wrote into a row is text in the mail, not a link to click."""
    refused_dataset(scene, tmp_path, question="https://evil.example/login 휴가는?")
    alerts.tell_failure(scene.context("gate", GateRefusedFailure("refused")))
    [source] = [path.read_bytes() for path in scene.mail.folder.glob("*.eml")]
    page = email.message_from_bytes(source, policy=email.policy.default).get_body(("html",))
    assert page is not None
    links = re.findall(r'href="([^"]+)"', page.get_content())
    assert links
    assert all(link.startswith(AIRFLOW) for link in links)


def test_a_server_that_stumbles_is_asked_again(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """A 503 is tried again, alerts.attempts times in all, and the mail is not sent twice for it."""
    scene.hook.status = 503
    alerts.tell_failure(scene.context("train", AirflowException("x")))
    assert len(scene.hook.posted) == 3
    assert len(scene.mail.mails()) == 1
    assert any("kept for later (webhook)" in record.getMessage() for record in caplog.records)


def test_what_a_channel_missed_is_sent_later_once(scene: Scene, tmp_path: Path) -> None:
    """Without a mail server the webhook is still told; publish sends the mail when the server is back, and only it."""
    scene.mail.stop()
    alerts.tell_failure(scene.context("train", AirflowException("x")))
    assert len(scene.hook.posted) == 1
    published(scene, tmp_path, "champion")
    alerts.tell_published(scene.context("publish"))  # still down
    scene.mail.start()
    for _ in range(2):
        alerts.tell_published(scene.context("publish"))
    assert [mail.subject for mail in scene.mail.mails()] == [
        f"[regtune] 작업이 실패했습니다: train ({scene.spec.run_name})"
    ]
    assert len(scene.hook.posted) == 1
    assert list((Path(scene.store.url) / "alerts" / "outbox").iterdir()) == []


def test_what_no_publish_sends_the_triggerer_sends(scene: Scene) -> None:
    """With no other message to come, the callback at a run's end looks until the channel is back, then ends."""
    scene.mail.stop()
    alerts.tell_failure(scene.context("gate", AirflowException("x")))
    scene.change(keep_seconds=0.05, keep_hours=1)

    async def bring_it_back_while_looking() -> None:
        looking = asyncio.create_task(alerts.keep_sending())
        await asyncio.sleep(0.3)
        assert not looking.done()
        await asyncio.to_thread(scene.mail.start)
        await asyncio.wait_for(looking, 60)

    asyncio.run(bring_it_back_while_looking())
    assert len(scene.mail.mails()) == 1
    assert len(scene.hook.posted) == 1


def until_posted(hook: Receiver) -> None:
    """Wait until one channel has its message: the other's first attempts are under way or over."""
    end = time.monotonic() + 60
    while not hook.posted:
        assert time.monotonic() < end, "nothing was posted"
        time.sleep(0.05)


def test_a_changed_register_is_told_although_no_run_follows(scene: Scene) -> None:
    """The notice's own callback looks until the channel is back: a register changes when nothing runs."""
    scene.mail.stop()
    scene.change(keep_seconds=0.05, keep_hours=1)

    async def bring_it_back_while_looking() -> None:
        telling = asyncio.create_task(register_watch.tell_register("0123456789ab"))
        await asyncio.to_thread(until_posted, scene.hook)
        await asyncio.to_thread(scene.mail.start)
        await asyncio.wait_for(telling, 60)

    asyncio.run(bring_it_back_while_looking())
    assert ["규정 등록부가 바뀌었습니다" in mail.subject for mail in scene.mail.mails()] == [True]
    assert len(scene.hook.posted) == 1


def test_a_register_is_told_when_it_is_otherwise_than_last_told(scene: Scene) -> None:
    """A content that was told stays quiet; one that goes and comes back is news each time."""
    scene.change(keep_seconds=0.01)
    for content in ("a" * 12, "a" * 12, "b" * 12, "a" * 12):
        asyncio.run(register_watch.tell_register(content))
    assert ["규정 등록부가 바뀌었습니다" in mail.subject for mail in scene.mail.mails()] == [True] * 3


def test_looking_for_a_channel_ends(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """After alerts.keep_hours the callback gives up with a line that says where the messages are."""
    scene.mail.stop()
    alerts.tell_failure(scene.context("gate", AirflowException("x")))
    scene.change(keep_seconds=0.01, keep_hours=0.0001)
    asyncio.run(alerts.keep_sending())
    assert "messages wait in" in caplog.text


def test_a_process_that_died_while_sending_loses_no_message(scene: Scene) -> None:
    """What a dead process had taken is sent by the next one, when the claim is old enough; a fresh claim is left."""
    outbox = Outbox(scene.store.url)
    message = Message("task_failed/x", "[regtune] 제목", "본문")
    assert outbox.take(message, ["mail"])
    kept = Path(scene.store.url) / "alerts" / "outbox"
    [taken] = kept.glob("*.taken")
    config = current_config()
    assert not send_kept(config.alerts, scene.store.url)
    assert scene.mail.mails() == []
    taken.write_text('{"at": 0}')
    assert send_kept(config.alerts, scene.store.url)
    assert [mail.subject for mail in scene.mail.mails()] == ["[regtune] 제목"]
    assert not outbox.take(message, ["mail"])
    assert list(kept.iterdir()) == []


def test_two_at_a_time_send_what_is_kept_once(scene: Scene, tmp_path: Path) -> None:
    """Eight publishes at the same moment send each kept message once."""
    scene.mail.stop()
    for try_number in range(1, 6):
        alerts.tell_failure(scene.context("train", AirflowException("x"), try_number))
    published(scene, tmp_path, "champion")
    scene.mail.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(alerts.tell_published, [scene.context("publish")] * 8))
    assert len(scene.mail.mails()) == 5


@pytest.mark.parametrize("channel", ["mail", "webhook"])
def test_a_server_that_never_answers_holds_nobody_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, channel: str
) -> None:
    """A server that takes the connection and says nothing costs attempts times timeout_seconds; the other is told."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(8)
        gone = {"host": "127.0.0.1", "port": mute.getsockname()[1]}
        if channel == "mail":
            extra = {"disable_ssl": True, "disable_tls": True, "timeout": 30, "retry_limit": 5}
            monkeypatch.setenv("AIRFLOW_CONN_MAIL", json.dumps({**gone, "conn_type": "smtp", "extra": extra}))
        else:
            monkeypatch.setenv("AIRFLOW_CONN_HOOK", json.dumps({**gone, "conn_type": "http", "schema": "http"}))
        scene.change(attempts=2)
        done = threading.Event()
        work = threading.Thread(
            target=lambda: (alerts.tell_failure(scene.context("train", AirflowException("x"))), done.set())
        )
        work.start()
        assert done.wait(20)
        work.join()
    assert (len(scene.mail.mails()), len(scene.hook.posted)) == ((0, 1) if channel == "mail" else (1, 0))


def test_a_store_that_is_down_does_not_silence_an_alert(scene: Scene) -> None:
    """With the store's folder unusable the message still goes out."""
    root = Path(scene.store.url)
    (root / "alerts").write_text("in the way")
    alerts.tell_failure(scene.context("open_run", AirflowException("x")))
    assert len(scene.mail.mails()) == 1


def test_a_channel_without_a_connection_is_a_line_in_the_log(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that nobody made fails no callback."""
    monkeypatch.delenv("AIRFLOW_CONN_MAIL")
    alerts.tell_failure(scene.context("train", AirflowException("x")))
    assert len(scene.hook.posted) == 1
    assert any("not sent by mail" in record.getMessage() for record in caplog.records)

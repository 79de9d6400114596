"""Each message once, and none lost while a channel is down: what the store knows of messages.

    <store>/alerts/told/<name>.json     the event was told of: nobody tells of it again
    <store>/alerts/outbox/<name>.json   a message and the channels that it still has to take

In: messages. Out: mails and POSTs. A kept message is tried again by whatever tells of something next, and by the next
publish; taking it is a claim that only one process wins, so that it leaves at most once by each channel.
"""

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from regtune.artifacts import sha256_of_json
from regtune.config import AlertsConfig
from regtune.orchestration.alerts_channels import Channel, Message, channels, without_secrets
from regtune.orchestration.store import Store

_log = logging.getLogger(__name__)


class Outbox(Store):
    """The store's folder of messages."""

    def claim(self, message: Message) -> bool:
        """Whether nobody has told of this event yet; from now on somebody has."""
        return self._create(f"{self._root}/alerts/told/{_name(message)}", {"key": message.key})

    def keep(self, message: Message, pending: Sequence[str]) -> None:
        """Keep a message for the channels that did not take it."""
        self.point(f"alerts/outbox/{_name(message)}", {"message": message.as_json(), "channels": list(pending)})

    def kept(self) -> Iterator[tuple[Message, list[str]]]:
        """Take each kept message, the oldest name first; nobody else gets it until `release`."""
        folder = f"{self._root}/alerts/outbox"
        if not self._filesystem.exists(folder):
            return
        for path in sorted(self._names_below(folder)):
            if path.endswith(".json") and self._create(f"{folder}/{path}.taken", {}):
                content = self.pointer(f"alerts/outbox/{path}")
                if content is None:  # somebody sent it between the listing and the claim
                    self._filesystem.rm_file(f"{folder}/{path}.taken")
                    continue
                yield Message(**content["message"]), content["channels"]

    def release(self, message: Message, pending: Sequence[str]) -> None:
        """Keep what is still pending of a message that `kept` gave; a message without any is gone."""
        path = f"{self._root}/alerts/outbox/{_name(message)}"
        if pending:
            self.keep(message, pending)
        else:
            self._filesystem.rm_file(path)
        self._filesystem.rm_file(f"{path}.taken")

    def _create(self, path: str, content: Mapping[str, str]) -> bool:
        """Write a file that must not be there yet; whether it was not."""
        self._filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
        try:
            if self.local:  # fsspec's own for a folder looks first and writes then: two could win
                with Path(path).open("x", encoding="utf-8") as file:
                    json.dump(content, file)
            else:
                self._filesystem.pipe_file(path, json.dumps(content).encode(), mode="create")
        except FileExistsError:
            return False
        return True


def deliver(alerts: AlertsConfig, store_url: str, message: Message) -> None:
    """Tell of an event on every channel, once; then send what earlier messages still wait for.

    Nothing raises: a message never fails more than has failed already. Takes at most about
    channels x (attempts x timeout_seconds + the waits between).
    """
    outbox = Outbox(store_url)
    try:
        if not outbox.claim(message):
            _log.info("told before: %s", message.key)
            return
    except Exception as error:  # noqa: BLE001 - a store that is down is the more reason to tell
        _log.warning("the store cannot say whether %s was told before: %s", message.key, _line(error))
    down = [name for name, send in channels(alerts).items() if not _sent(alerts, name, send, message, alerts.attempts)]
    if down:
        try:
            outbox.keep(message, down)
            _log.warning("kept for later (%s): %s", ", ".join(down), message.key)
        except Exception as error:  # noqa: BLE001 - the same
            _log.warning("%s is lost for %s: %s", message.key, ", ".join(down), _line(error))
    send_kept(alerts, store_url, down)


def send_kept(alerts: AlertsConfig, store_url: str, down: Sequence[str] = ()) -> None:
    """Send what is in the outbox, one attempt each; a channel that fails once is left alone.

    Args:
        alerts: the channels.
        store_url: where the outbox is.
        down: channels that are known not to answer now.
    """
    outbox, found, silent = Outbox(store_url), channels(alerts), set(down)
    if not set(found) - silent:
        return
    try:
        for message, pending in outbox.kept():
            left = []
            for name in (
                name for name in pending if name in found
            ):  # a channel no longer configured is waited for by nobody
                if name in silent or not _sent(alerts, name, found[name], message, attempts=1):
                    silent.add(name)
                    left.append(name)
            outbox.release(message, left)
    except Exception as error:  # noqa: BLE001 - what is kept stays kept
        _log.warning("kept messages not sent: %s", _line(error))


def _sent(alerts: AlertsConfig, name: str, send: Channel, message: Message, attempts: int) -> bool:
    for attempt in range(attempts):
        if attempt:
            time.sleep(alerts.retry_seconds * 2 ** (attempt - 1))
        try:
            send(message)
        except Exception as error:  # noqa: BLE001 - whatever a channel raises, the other one and the run go on
            reason = without_secrets(alerts, _line(error))
            _log.warning("not sent by %s, attempt %d of %d: %s", name, attempt + 1, attempts, reason)
        else:
            _log.info("sent by %s: %s", name, message.key)
            return True
    return False


def _name(message: Message) -> str:
    return f"{message.key.partition('/')[0]}-{sha256_of_json(message.key)[:16]}.json"


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())

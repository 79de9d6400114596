"""Each message once, and none lost while a channel is down: what the store knows of messages.

    <store>/alerts/told/<name>.json            the event was told of: nobody tells of it again
    <store>/alerts/outbox/<name>.json          a message and the channels that it still has to take
    <store>/alerts/outbox/<name>.json.taken    a process sends it now

In: messages. Out: mails and POSTs. A message is kept before it is sent, so that it outlives the process that sends it;
sending it is a claim that only one process wins. What a channel did not take is tried again by whatever tells of
something next, and after every run by the triggerer (alerts.keep_sending). Once, then, except after a process that
died between sending and writing so: people rather hear twice than never.
"""

import json
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from regtune.artifacts import sha256_of_json
from regtune.config import AlertsConfig
from regtune.orchestration.alerts_channels import Channel, Message, channels, without_secrets
from regtune.orchestration.store import Store

_log = logging.getLogger(__name__)
_ABANDONED_SECONDS = 900
"""Age of a claim whose process is gone; many times what sending by all channels takes."""


class Outbox(Store):
    """The store's folder of messages."""

    def take(self, message: Message, pending: Sequence[str]) -> bool:
        """Keep a new message and claim it, until `release`; False where somebody told or tells of the event."""
        if not self._claim(self._kept(message)):
            return False
        if self.pointer(f"alerts/told/{_name(message)}") is not None:
            self._filesystem.rm_file(f"{self._kept(message)}.taken")
            return False
        self._keep(message, pending)
        return True

    def take_kept(self) -> Iterator[tuple[Message, list[str]]]:
        """Take each kept message, the first name first; nobody else gets it until `release`."""
        for path in self._paths():
            if self._claim(path):
                content = self.pointer(path.removeprefix(f"{self._root}/"))
                if content is None:  # somebody sent it between the listing and the claim
                    self._filesystem.rm_file(f"{path}.taken")
                    continue
                yield Message(**content["message"]), content["channels"]

    def release(self, message: Message, pending: Sequence[str]) -> None:
        """Write that a message was told of, and keep it for the channels that did not take it, if any."""
        self.point(f"alerts/told/{_name(message)}", {"key": message.key})
        if pending:
            self._keep(message, pending)
        else:
            self._filesystem.rm_file(self._kept(message))
        self._filesystem.rm_file(f"{self._kept(message)}.taken")

    def is_empty(self) -> bool:
        """Whether no message waits for a channel."""
        return not self._paths()

    def _keep(self, message: Message, pending: Sequence[str]) -> None:
        self.point(f"alerts/outbox/{_name(message)}", {"message": message.as_json(), "channels": list(pending)})

    def _kept(self, message: Message) -> str:
        return f"{self._root}/alerts/outbox/{_name(message)}"

    def _paths(self) -> list[str]:
        folder = f"{self._root}/alerts/outbox"
        if not self._filesystem.exists(folder):
            return []
        return [f"{folder}/{name}" for name in sorted(self._names_below(folder)) if name.endswith(".json")]

    def _claim(self, path: str) -> bool:
        """Whether this process now has a message, having it from nobody or from one that is gone."""
        taken = f"{path}.taken"
        if self._create(taken):
            return True
        claim = self._read(taken)
        if claim is None or time.time() - json.loads(claim or '{"at": 0}')["at"] < _ABANDONED_SECONDS:
            return False
        _log.warning("its process is gone; taken over: %s", path.rpartition("/")[2])
        self._filesystem.rm_file(taken)
        return self._create(taken)

    def _create(self, path: str) -> bool:
        """Write a claim that must not be there yet; whether it was not."""
        self._filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
        content = json.dumps({"at": time.time()})
        try:
            if self.local:  # fsspec's own for a folder looks first and writes then: two could win
                with Path(path).open("x", encoding="utf-8") as file:
                    file.write(content)
            else:
                self._filesystem.pipe_file(path, content.encode(), mode="create")
        except FileExistsError:
            return False
        return True


def deliver(alerts: AlertsConfig, store_url: str, message: Message) -> None:
    """Tell of an event on every channel, once; then send what earlier messages still wait for.

    Nothing raises: a message never fails more than has failed already. Takes at most about
    channels x (attempts x timeout_seconds + the waits between).
    """
    outbox, found = Outbox(store_url), channels(alerts)
    try:
        if not outbox.take(message, list(found)):
            _log.info("told before: %s", message.key)
            return
    except Exception as error:  # noqa: BLE001 - a store that is down is the more reason to tell
        _log.warning("the store cannot say whether %s was told before: %s", message.key, _line(error))
    down = [name for name, send in found.items() if not _sent(alerts, name, send, message, alerts.attempts)]
    try:
        outbox.release(message, down)
        if down:
            _log.warning("kept for later (%s): %s", ", ".join(down), message.key)
    except Exception as error:  # noqa: BLE001 - the same
        _log.warning("%s: not written in the store: %s", message.key, _line(error))
    send_kept(alerts, store_url, down)


def send_kept(alerts: AlertsConfig, store_url: str, down: Sequence[str] = ()) -> bool:
    """Send what is in the outbox, one attempt each; a channel that fails once is left alone.

    Args:
        alerts: the channels.
        store_url: where the outbox is.
        down: channels that are known not to answer now.

    Returns:
        Whether the outbox is empty now.
    """
    outbox, found, silent = Outbox(store_url), channels(alerts), set(down)
    try:
        if set(found) - silent:
            for message, pending in outbox.take_kept():
                left = []
                for name in (name for name in pending if name in found):  # nobody waits for one that was taken away
                    if name in silent or not _sent(alerts, name, found[name], message, attempts=1):
                        silent.add(name)
                        left.append(name)
                outbox.release(message, left)
        return outbox.is_empty()
    except Exception as error:  # noqa: BLE001 - what is kept stays kept
        _log.warning("kept messages not sent: %s", _line(error))
        return False


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

"""Chromium without a window, driven through its DevTools pipe: no package, no port."""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 60
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe")


def installed() -> str | None:
    """Path of a Chromium; None without one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass
class Page:
    """One tab."""

    read_end: int
    write_end: int
    session: str | None = None
    complaints: list[str] = field(default_factory=list)
    """Errors of the console, exceptions, and what could not be loaded or was forbidden."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _left: bytes = b""

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session is not None:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def tell(self, expression: str) -> Any:
        """Value of an expression in the page."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(str(found["exceptionDetails"]))
        return found["result"].get("value")

    def open(self, path: Path, width: int, height: int = 900) -> None:
        """Load a file at a width of the window in CSS pixels."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        self.ask("Page.navigate", url=path.as_uri())
        while self.tell("document.readyState") != "complete" or self.tell("location.href") == "about:blank":
            time.sleep(0.05)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            if not select.select([self.read_end], [], [], _SECONDS)[0]:
                raise TimeoutError("Chromium does not answer")
            part = os.read(self.read_end, 1 << 16)
            if not part:
                raise EOFError("Chromium is gone")
            self._left += part
        text, _, self._left = self._left.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method: str | None, told: dict[str, Any]) -> None:
        if method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.complaints.append(told["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(told["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and told["type"] == "error":
            self.complaints.append(str(told["args"]))


@contextmanager
def chromium() -> Iterator[Page]:
    """Give a tab of a fresh Chromium, which ends with the block."""
    program = installed()
    assert program is not None
    (their_in, our_out), (our_in, their_out) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        words = " ".join((*_FLAGS, f"--user-data-dir={profile}"))
        process = subprocess.Popen(
            ["bash", "-c", f'exec "$0" {words} 3<&{their_in} 4>&{their_out}', program],
            pass_fds=(their_in, their_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(their_in)
        os.close(their_out)
        try:
            page = Page(our_in, our_out)
            target = page.ask("Target.createTarget", url="about:blank")["targetId"]
            page.session = page.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log"):
                page.ask(f"{domain}.enable")
            yield page
        finally:
            process.terminate()
            process.wait(30)
            os.close(our_in)
            os.close(our_out)

"""How the stand-in endpoint misbehaves when it is told to: which request gets which fault, and what the fault does.

In: rules `NAME=SHARE`. Out: for a request its fault, or None. Faults of the content depend on the request alone; faults
of the transport also on how often it was sent, so that a retry can pass. Both are drawn by seed.
"""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

TRANSPORT: Mapping[str, int | None] = MappingProxyType(
    {
        "rate_limit": 429,
        "server_error": 500,
        "loading": 503,
        "unauthorised": 401,
        "reset": None,
        "slow": None,
    }
)
"""Name -> HTTP status; None: the connection breaks off, or the reply takes two seconds."""
CONTENT = (
    "invalid_json",
    "wrong_schema",
    "empty",
    "truncated",
    "whitespace",
    "english",
    "chinese",
    "refusal",
    "duplicate",
    "bad_dataset",
)
"""bad_dataset: a well-formed reply whose answer states a wrong figure; only a check of the dataset can find it."""


@dataclass(frozen=True)
class Fault:
    """One fault of one request."""

    name: str
    status: int | None = None


@dataclass
class Faults:
    """The rules of one server, and how often it got each request."""

    shares: dict[str, float]
    seed: int
    _seen: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def parse(cls, rules: Sequence[str], seed: int) -> "Faults":
        """Read `NAME` or `NAME=SHARE`.

        Raises:
            ValueError: there is no such rule, or the share is not between 0 and 1.
        """
        shares = {}
        for rule in rules:
            name, mark, share = rule.partition("=")
            if name not in (*TRANSPORT, *CONTENT):
                message = f"{name}: no such rule; there are {', '.join((*TRANSPORT, *CONTENT))}"
                raise ValueError(message)
            shares[name] = float(share) if mark else 1.0
            if not 0.0 <= shares[name] <= 1.0:
                message = f"{rule}: a share is between 0 and 1"
                raise ValueError(message)
        return cls(shares, seed)

    def of(self, key: str) -> Fault | None:
        """Return the fault of the request with this hash, arriving now."""
        if not self.shares:
            return None
        with self._lock:
            self._seen[key] += 1
            times = self._seen[key]
        for name, share in sorted(self.shares.items()):
            drawn = f"{self.seed}:{name}:{key}" + (f":{times}" if name in TRANSPORT else "")
            if int(hashlib.sha256(drawn.encode()).hexdigest()[:12], 16) / 16**12 < share:
                return Fault(name, TRANSPORT.get(name))
        return None


def spoiled(fault: Fault, text: str) -> str:
    """Return what a fault of the content makes of a reply."""
    made = {
        "invalid_json": text[: len(text) // 2] + "…",
        "wrong_schema": json.dumps({"result": text[:40], "score": "높음"}, ensure_ascii=False),
        "empty": "",
        "whitespace": '{"question": "' + " \n" * 4000,
        "english": _replaced(text, "How many days of leave may an employee take?", "Fifteen days a year."),
        "chinese": _replaced(text, "员工每年可以休多少天年假？", "根据规定，每年可以休十五天。"),
        "refusal": "죄송하지만 해당 요청은 도와드릴 수 없습니다.",
        "duplicate": _replaced(text, "회사 규정은 어디에서 확인할 수 있나요?", None),
    }
    return made.get(fault.name, text)


def _replaced(text: str, question: str, answer: str | None) -> str:
    """Put another question (and answer) into a question's JSON; other replies are left."""
    try:
        reply = json.loads(text)
    except ValueError:
        return answer or text
    if "question" not in reply:
        return text
    reply["question"] = question
    if answer is not None:
        reply["answer"] = answer
    return json.dumps(reply, ensure_ascii=False)

"""What each system costs, as the report tells it: figures, those that configuration states, and why one is unknown.

In: benchmark.json's record. Out: plain texts for the template. A figure that nobody has is a word on why, never a dash.
"""

from regtune.benchmark.metrics import PRIMARY
from regtune.benchmark.report_sections import gib, number
from regtune.benchmark.results import Benchmark, Efficiency, Speed
from regtune.benchmark.wording import with_interval

MEMORY_TITLES = {
    "gpu_peak_allocated": "GPU 최대 할당",
    "gpu_card_used": "서버가 잡아 둔 카드 메모리(캐시 포함, 필요한 최대치가 아님)",
    "process_peak_rss": "프로세스 최대 RSS (CPU)",
    "configuration": "설정값",
    "not_measured": "측정하지 않음",
}
_STATED = " (설정값)"
_SILENT_ENDPOINT = "엔드포인트가 알려 주지 않음"
_NO_STREAM = "흘려보내지 않는 서버라 재지 못함"
_ONE_AT_A_TIME = "동시 1에서만 잼"
_UNKNOWN_HERE = {
    "memory": "재지 못함",
    "weights": "허브 모델이라 파일 크기를 모름",
    "load": "재지 못함",
    "energy": "GPU 드라이버가 알려 주지 않음",
    "model_memory": "서버 로그에 없음",
}
_NOT_SERVED = "서버 없이 실행"
_FAILED = "답변이 모두 실패"


def weights(record: Efficiency) -> str:
    """Size of the weight files."""
    if record.weights_bytes is None:
        return unknown(record, "weights")
    return gib(record.weights_bytes) + (_STATED if record.weights_from == "configuration" else "")


def energy(record: Efficiency, speed: Speed | None) -> str:
    """Joules of an answer."""
    if speed is None or speed.joules_per_answer is None:
        return unknown(record, "energy")
    stated = "energy" in record.stated and speed == record.speeds[0]
    return number(speed.joules_per_answer, " J", 1) + (_STATED if stated else "")


def load(record: Efficiency) -> str:
    """Seconds until it answers."""
    if record.load_seconds is None:
        return unknown(record, "load")
    return number(record.load_seconds, "초", 1) + (_STATED if "load" in record.stated else "")


def taken(record: Efficiency) -> str:
    """Memory that is taken, with what is meant by it."""
    if record.peak_memory_bytes is None:
        return unknown(record, "memory")
    return f"{gib(record.peak_memory_bytes)} · {MEMORY_TITLES[record.memory_kind]}"


def unknown(record: Efficiency, what: str) -> str:
    """Why there is no figure."""
    if record.device == "endpoint":
        return _SILENT_ENDPOINT
    return _NOT_SERVED if what == "model_memory" and record.device != "vLLM" else _UNKNOWN_HERE[what]


def cost_rows(benchmark: Benchmark) -> list[dict[str, str]]:
    """What a manager asks of each system: how right, how fast, how big, and one for the other."""
    rows = []
    for record in benchmark.efficiency:
        score = benchmark.score(record.system, PRIMARY)
        slow, fast = (record.speeds[0], record.speeds[-1]) if record.speeds else (None, None)
        per_gib, per_second = record.correct_per_gib, record.correct_per_second
        rows.append(
            {
                "system": record.system,
                "correct": with_interval(PRIMARY, score) if score else "채점한 답변 없음",
                "first_token": _first_token(record, 2),
                "latency": _measured(slow.latency_p50_seconds if slow else None, "초"),
                "throughput": f"{_measured(fast.tokens_per_second, '', 0)} (동시 {fast.concurrency})"
                if fast
                else _FAILED,
                "memory": _memory(record),
                "weights": weights(record),
                "energy": energy(record, slow),
                "per_gib": "가중치 크기를 몰라 내지 못함" if per_gib is None else number(per_gib, "", 3),
                "per_second": "답변 시간을 몰라 내지 못함" if per_second is None else number(per_second, "", 3),
            }
        )
    return rows


def efficiency_rows(benchmark: Benchmark) -> list[dict[str, str | list[str]]]:
    """Every system at every concurrency, for engineers."""
    rows: list[dict[str, str | list[str]]] = []
    for record in benchmark.efficiency:
        for speed in record.speeds:
            texts = [
                record.device,
                f"{speed.concurrency}" + (f" (실패 {speed.failed})" if speed.failed else ""),
                _measured(speed.latency_p50_seconds, "초"),
                _measured(speed.latency_p95_seconds, "초"),
                _measured(speed.tokens_per_second, "", 1),
                _first_token(record, 3) if speed.concurrency == 1 else _ONE_AT_A_TIME,
                load(record),
                _on_the_card(record),
                taken(record),
                weights(record),
                energy(record, speed),
            ]
            rows.append({"system": record.system, "texts": texts})
    return rows


def memory_card(record: Efficiency) -> dict[str, str]:
    """Value and note of the card on memory."""
    if record.model_memory_bytes is not None:
        return {"value": gib(record.model_memory_bytes), "note": f"카드에 올린 모델 · {_reserve(record)}"}
    if record.peak_memory_bytes is None:
        return {"value": "모름", "note": unknown(record, "memory")}
    return {"value": gib(record.peak_memory_bytes), "note": MEMORY_TITLES[record.memory_kind]}


def _measured(value: float | None, unit: str, digits: int = 2) -> str:
    return _FAILED if value is None else number(value, unit, digits)


def _first_token(record: Efficiency, digits: int) -> str:
    first = record.first_token_p50_seconds
    return _NO_STREAM if first is None else number(first, "초", digits)


def _on_the_card(record: Efficiency) -> str:
    if record.model_memory_bytes is None:
        return unknown(record, "model_memory")
    cache = record.cache_memory_bytes
    return f"{gib(record.model_memory_bytes)} · " + ("캐시 몫은 로그에 없음" if cache is None else gib(cache))


def _memory(record: Efficiency) -> str:
    """The model's own memory first; what a server keeps of the card is its reserve, no peak of need."""
    if record.model_memory_bytes is not None:
        return f"모델 {gib(record.model_memory_bytes)} ({_reserve(record)})"
    if record.peak_memory_bytes is None:
        return unknown(record, "memory")
    return gib(record.peak_memory_bytes) + (_STATED if record.memory_kind == "configuration" else "")


def _reserve(record: Efficiency) -> str:
    parts = {"서버가 잡아 둔 카드 메모리": record.peak_memory_bytes, "그중 캐시 몫": record.cache_memory_bytes}
    told = [f"{name} {gib(size)}" for name, size in parts.items() if size is not None]
    return ", ".join(told) or "서버 로그에서 읽음"

"""How long the page takes with 1,000 runs in the store: Airflow's API server with FAB's login, real HTTP.

Where Chromium is installed it opens the page too: first paint as the browser itself reports it.
The runs are copies, as to size and number of files, of one run of every artifact that the page reads; they lie on 100
effective dates, all in the register, so that the advice has to know every one of them.
"""

import hashlib
import json
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / name) for name in ("tests", "tests/benchmark", "tests/end_to_end", "plugins")]
RUNS, DATES, REPEATS = 1000, 100, 10
STAGES = ("check_02", "check_48", "parse", "chunk", "compare", "serve", "generate", "stop", "validate", "gate", "split",
          "train", "benchmark", "publish")  # fmt: skip
SYSTEMS = ("base", "tuned", "base_open_book", "reference")
METRICS = ("correct", "absence_recognised", "false_absence", "quantities_right", "article_right", "korean",
           "judge_correctness", "judge_completeness", "judge_groundedness")  # fmt: skip
_PAINTED = """(() => {
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  const [load] = performance.getEntriesByType("navigation");
  const shown = document.querySelectorAll("table tr").length > 10;
  const done = location.href != "about:blank" && paint && load.loadEventEnd && shown;
  return done ? [paint.startTime, load.loadEventEnd] : null;
})()"""
TUNED_BASE = {"system": "tuned", "baseline": "base"}
TITLES = {"work-rules": "취업규칙", "travel": "여비규정", "service": "복무규정"}


def main() -> None:
    """Print seconds of the first and of later requests."""
    from page_server import PageServer, free_port

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        days = [date(2016, 1, 1) + timedelta(days=30 * n) for n in range(DATES)]
        size = sum(write_run(folder / "store" / "runs", days[n % DATES], n) for n in range(RUNS))
        register = write_register(folder / "register.yaml", days)
        server = PageServer(folder / "airflow", free_port(), folder / "store", register=register)
        try:
            server.start()
            server.token("op")
            first, *later = (_seconds(server.get, "/regtune/", "op") for _ in range(1 + REPEATS))
            last = _seconds(server.get, f"/regtune/?page={RUNS // 25}", "op")
            paints = _paints(server.url, server.token("op"))
        finally:
            server.stop()
    print(
        f"page: {RUNS} runs ({size / 2**20:.0f} MiB): first request after the server's start {first:.2f} s, "
        f"later ones {statistics.median(later):.2f} s (median of {REPEATS}), the last page of the list {last:.2f} s"
    )
    if not paints:
        print("page: first paint not measured, no Chromium is installed here")
        return
    painted, loaded = (statistics.median(each) / 1000 for each in zip(*paints, strict=True))
    print(f"page: in Chromium first paint {painted:.2f} s, loaded {loaded:.2f} s (median of {REPEATS}, empty cache)")


def _paints(url: str, token: str) -> list[tuple[float, float]]:
    """Milliseconds from the navigation to first contentful paint and to the load's end; none without a browser."""
    from chromium import chromium, installed

    if installed() is None:
        return []
    found = []
    with chromium() as tab:
        tab.ask("Network.enable")
        tab.ask("Network.setCacheDisabled", cacheDisabled=True)
        tab.ask("Network.setCookie", name="_token", value=token, url=url)
        for _ in range(REPEATS):
            tab.ask("Page.navigate", url="about:blank")
            tab.ask("Page.navigate", url=f"{url}/regtune/")
            while (told := tab.tell(_PAINTED)) is None:
                time.sleep(0.02)
            found.append((told[0], told[1]))
    return found


def write_run(folder: Path, day: date, number: int) -> int:
    """Write what the page reads of one run; returns its bytes."""
    name = f"{day}-{hashlib.sha256(str(number).encode()).hexdigest()[:12]}"
    sources = [
        {
            "regulation_id": i,
            "title": title,
            "effective_date": str(day),
            "file": f"{i}.pdf",
            "sha256": _hash(i, number % 5),
        }
        for i, title in TITLES.items()
    ]
    estimate = {"value": 0.6, "low": 0.5, "high": 0.7, "rows": 330, "articles": 120}
    expectation = {"name": "e", "column": "c", "description": "기준입니다. " * 5, "expected": "x", "observed": "y"}
    files: dict[str, object] = {
        "run.json": {"run_name": name, "sources": sources, "prompts": {f"p{n}": "지시 " * 300 for n in range(9)}},
        "gate_report.json": {
            "passed": number % 7 > 0, "rows": 300, "pool_rows": 300, "reasons": {"wrong_number": 3},
            "expectations": [{**expectation, "success": n != 3, "failed_ids": []} for n in range(25)],
        },
        "publish.json": {"decision": "not_champion", "headline": "정답률은 60%입니다.", "reason": "기준 미달"},
        "changes.json": {"summary": "조문 3개가 바뀌었습니다.", "articles": [{"new_text": "가" * 800}] * 3},
        "benchmark.json": {
            "scores": [{"system": s, "metric": m, "estimate": estimate} for s in SYSTEMS for m in METRICS],
            "differences": [{**TUNED_BASE, "metric": metric, "estimate": estimate} for metric in METRICS],
            "inputs": {f"file{n}": {"sha256": "0" * 64} for n in range(12)},
            "slices": [{"part": f"p{n}", "scores": [{"estimate": estimate}] * 4} for n in range(25)],
        },
    }  # fmt: skip
    for number_of_stage, stage in enumerate(STAGES):
        files[f"{stage}.manifest.json"] = {
            "stage": stage, "seconds": 12.5, "started_at": f"{day}T00:{number_of_stage:02}:00+00:00", "outputs": {},
            "inputs": {f"i{n}": {"sha256": "0" * 64} for n in range(4)}, "tokens": {"prompt_tokens": 1000, "calls": 10},
        }  # fmt: skip
    (folder / name).mkdir(parents=True)
    size = 0
    for file, content in files.items():
        size += (folder / name / file).write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
    for other in (
        "provisions.jsonl",
        "chunks.jsonl",
        "qa_pairs.jsonl",
        "answers.jsonl",
        "verdicts.jsonl",
        "report.html",
    ):
        (folder / name / other).touch()
    return size


def write_register(path: Path, days: list[date]) -> Path:
    """Write a register in which each regulation changes on each of the days."""
    lines = ["regulations:"]
    for regulation_id, title in TITLES.items():
        lines += [f"- regulation_id: {regulation_id}", f"  title: {title}", "  revisions:"]
        for day in days:
            entry = f"file: {regulation_id}-{day}.pdf, sha256: '{_hash(regulation_id, 0)}'"
            lines.append(f"  - {{effective_date: {day}, {entry}}}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _hash(regulation_id: str, revision: int) -> str:
    return hashlib.sha256(f"{regulation_id}{revision}".encode()).hexdigest()


def _seconds(get: object, path: str, user: str) -> float:
    assert callable(get)
    started = time.perf_counter()
    answer = get(path, user)
    seconds = time.perf_counter() - started
    assert answer.status == 200, answer.status
    return seconds


if __name__ == "__main__":
    main()

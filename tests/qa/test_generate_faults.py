"""What generate makes of every way in which a server misbehaves, over real HTTP."""

import gc
import threading
import time
import traceback
from collections import Counter
from pathlib import Path

import pytest
from counting_server import counting_server
from generate_run import generated, hashes
from stand_in import stand_in, stats

from regtune.artifacts import read_jsonl
from regtune.config import PipelineConfig, Quota
from regtune.contracts import QA_TYPES, QAPair, RejectedPair
from regtune.errors import PrerequisiteMissingError, QuotaShortError

QUOTA = Quota(lookup=8, procedure=4, negative=3)
POOL = Quota(lookup=2, procedure=1, negative=1)
SMALL = {"quota": QUOTA, "pool": POOL}
EVERYTHING = (
    *("rate_limit=0.01", "server_error=0.05", "loading=0.02", "reset=0.03"),
    *("invalid_json=0.05", "wrong_schema=0.04", "empty=0.04", "truncated=0.04", "whitespace=0.02", "english=0.03"),
    *("chinese=0.03", "refusal=0.04", "duplicate=0.06"),
)


def types_of(path: Path) -> dict[str, int]:
    """Pairs by type, as the files hold them."""
    found = Counter(pair.type for pair in read_jsonl(path, QAPair))
    return {qa_type: found[qa_type] for qa_type in QA_TYPES}


def assert_exact(folder: Path) -> None:
    """Both files hold their quotas."""
    assert types_of(folder / "qa_pairs.jsonl") == QUOTA.model_dump()
    assert types_of(folder / "evaluation_pool.jsonl") == POOL.model_dump()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param("rate_limit=0.1", "rate_limit", id="429 with Retry-After"),
        pytest.param("server_error=0.3", "server_error", id="500"),
        pytest.param("loading=0.2", "unavailable", id="503 while loading"),
        pytest.param("reset=0.2", "connection", id="reset in the middle of the body"),
        pytest.param("slow=0.2", "timeout", id="timed out"),
    ],
)
def test_what_the_transport_does_is_sent_again(
    tmp_path: Path, demo_config: PipelineConfig, fault: str, reason: str
) -> None:
    """The quotas are exact, the ledger counts the retries under their reason, and no pair is lost to them."""
    with stand_in(tmp_path, "--misbehave", fault) as url:
        result = generated(
            tmp_path / "run", demo_config, url, **SMALL, timeout_seconds=0.6, max_retries=8, outage_seconds=20.0
        )
    assert_exact(tmp_path / "run")
    assert result.tokens[f"retries_{reason}"] > 0
    assert result.tokens["failed_calls"] == 0


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param("truncated", "truncated", id="cut at max_tokens"),
        pytest.param("invalid_json", "invalid_json", id="no JSON"),
        pytest.param("wrong_schema", "wrong_schema", id="JSON of another schema"),
        pytest.param("empty", "empty", id="empty content"),
        pytest.param("whitespace", "endless_whitespace", id="endless white space"),
        pytest.param("english", "not_korean", id="English"),
        pytest.param("chinese", "not_korean", id="Chinese"),
        pytest.param("refusal", "refusal", id="refusal"),
        pytest.param("duplicate", "duplicate", id="the same question again"),
    ],
)
def test_what_the_model_does_is_asked_again(
    tmp_path: Path, demo_config: PipelineConfig, fault: str, reason: str
) -> None:
    """With the fault in a quarter of the replies the quotas are exact, and each is kept raw under its reason."""
    with stand_in(tmp_path, "--misbehave", f"{fault}=0.25") as url:
        result = generated(tmp_path / "run", demo_config, url, **SMALL)
    assert_exact(tmp_path / "run")
    rejected = read_jsonl(tmp_path / "run" / "qa_rejected.jsonl", RejectedPair)
    named = [row for row in rejected if row.reason == reason]
    assert len(named) == result.counts[f"rejected_{reason}"] > 0
    assert all(row.raw or fault == "empty" for row in named)


@pytest.mark.parametrize(
    ("arguments", "changes", "message"),
    [
        pytest.param((), {"model": "another"}, "model another.*does not exist.*endpoints", id="wrong model name"),
        pytest.param(("--misbehave", "unauthorised"), {}, "AuthenticationError.*api_key_env", id="bad key"),
    ],
)
def test_what_asking_on_cannot_mend_ends_at_once(
    tmp_path: Path,
    demo_config: PipelineConfig,
    arguments: tuple[str, ...],
    changes: dict[str, object],
    message: str,
) -> None:
    """One line says which address and model, and what to mend; no more was sent than was under way."""
    with stand_in(tmp_path, *arguments) as url:
        with pytest.raises(PrerequisiteMissingError, match=message) as caught:
            generated(tmp_path / "run", demo_config, url, outage_seconds=60.0, **changes)
        assert "\n" not in str(caught.value)
        assert stats(url).get("fault_unauthorised", 0) <= demo_config.endpoints.pacing.start


def test_a_server_that_is_gone_and_comes_back_is_waited_for(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """In the middle of a run nothing listens for a while: the run goes on by itself, with the same bytes.

    Seconds here; tests/bench/generate_outage.py does it with two minutes and the shipped settings.
    """
    with stand_in(tmp_path) as url:
        generated(tmp_path / "whole" / "run", demo_config, url, **SMALL)
    port = url.split(":")[2].removesuffix("/v1")
    over = threading.Event()

    def come_and_go() -> None:
        with stand_in(tmp_path, "--port", port, "--misbehave", "slow=0.5"):
            time.sleep(2.5)
        time.sleep(1.5)
        with stand_in(tmp_path, "--port", port):
            over.wait(60)

    servers = threading.Thread(target=come_and_go)
    servers.start()
    try:
        result = generated(tmp_path / "run", demo_config, url, **SMALL, outage_seconds=30.0)
    finally:
        over.set()
        servers.join()
    assert result.tokens["retries_connection"] > 0
    assert hashes(tmp_path / "run") == hashes(tmp_path / "whole" / "run")


def test_a_server_that_stays_away_is_named_and_nothing_is_lost(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """After endpoints.pacing.outage_seconds the run ends with one line; started again it asks only what is open."""
    folder = tmp_path / "run"
    with stand_in(tmp_path, "--misbehave", "loading=0.9") as url:
        with pytest.raises(PrerequisiteMissingError, match=r"no reply.*503.*what was answered is kept"):
            generated(folder, demo_config, url, **SMALL, outage_seconds=0.4, max_retries=1)
        answered = stats(url).get("requests", 0)
    with stand_in(tmp_path) as url:
        result = generated(folder, demo_config, url, **SMALL)
    assert_exact(folder)
    assert result.tokens["cached_calls"] >= min(answered, 1)


def test_twenty_seeds_have_exact_quotas_with_every_fault_on(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """Thirteen faults at once, in 40% of the requests: twenty runs out of twenty are exact."""
    exact = 0
    with stand_in(tmp_path, "--misbehave", *EVERYTHING) as url:
        for seed in range(20):
            folder = tmp_path / str(seed) / "run"
            generated(folder, demo_config, url, **SMALL, seed=seed, max_retries=8, outage_seconds=20.0)
            assert_exact(folder)
            exact += 1
    assert exact == 20


def test_what_brought_no_reply_is_no_misfit_and_no_reply(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """The shares are over the replies received; requests that failed for good are a figure of their own."""
    with stand_in(tmp_path, "--misbehave", "server_error=0.3") as url:
        counts = generated(tmp_path / "run", demo_config, url, **SMALL, max_retries=0, concurrency=2).counts
    assert counts["requests_without_reply"] == counts["rejected_endpoint_error"] > 0
    assert counts["first_pass_schema_valid_share"] == 1.0
    told = len(read_jsonl(tmp_path / "run" / "qa_rejected.jsonl", RejectedPair)) - int(counts["requests_without_reply"])
    assert counts["replies_per_pair"] == round((QUOTA.total + POOL.total + told) / (QUOTA.total + POOL.total), 3)


def test_a_404_between_good_replies_ends_in_one_line(
    tmp_path: Path, demo_config: PipelineConfig, caplog: pytest.LogCaptureFixture
) -> None:
    """Every request that was under way told of it again, with hundreds of lines of traceback."""
    with counting_server(not_found_after=30) as (url, _), pytest.raises(PrerequisiteMissingError) as caught:
        generated(tmp_path / "run", demo_config, url, quota=Quota(lookup=40, procedure=20, negative=10), pool=POOL)
    assert "NotFoundError" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert len(traceback.format_exception(caught.value)) < 40
    del caught
    gc.collect()
    assert not [record.getMessage() for record in caplog.records if record.name == "asyncio"]


def test_a_shortage_says_which_type_how_many_and_why(tmp_path: Path, demo_config: PipelineConfig) -> None:
    """The refused replies are kept and no half dataset is left under its name."""
    folder = tmp_path / "run"
    with (
        stand_in(tmp_path, "--misbehave", "english") as url,
        pytest.raises(
            QuotaShortError,
            match=r"lookup is short by 8 of 8 .*procedure is short by 4 of 4 .*commonest reasons: not_korean \d+",
        ),
    ):
        generated(folder, demo_config, url, **SMALL)
    assert read_jsonl(folder / "qa_rejected.jsonl", RejectedPair)
    assert not (folder / "qa_pairs.jsonl").exists()

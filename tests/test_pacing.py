"""What pacing.py claims, in simulated time against a server of known capacity (simulated_server.py)."""

import asyncio

import pytest
from simulated_server import FixedPool, SimulatedServer, in_simulated_time, reply_lengths, work_off

from regtune.pace import Pace
from regtune.pacing import Servers

START, MOST = 48, 256


def share_of_best(requests: int, start: int = START, most: int = MOST, **capacity: object) -> tuple[float, Pace]:
    """The shortest possible time as a share of the time taken."""
    server = SimulatedServer(**capacity)  # type: ignore[arg-type]
    lengths = reply_lengths(requests)
    pace = FixedPool(start, most) if start == most else Pace(start, most)
    _, seconds = in_simulated_time(lambda: work_off(Servers([pace]), [server], lengths))
    return server.best_seconds(lengths) / seconds, pace


@pytest.mark.parametrize(
    "capacity",
    [
        pytest.param({}, id="a batch of 128"),
        pytest.param({"batch": 32}, id="a batch of 32"),
        pytest.param({"batch": 256}, id="a batch of 256"),
        pytest.param({"load": 0.001}, id="every request slows the others down"),
        pytest.param({"refuses_beyond": 40}, id="429 beyond 40 at a time"),
    ],
)
def test_it_comes_within_five_percent_of_the_best_possible_time(capacity: dict[str, object]) -> None:
    """4,000 replies, whatever the server's capacity, with no setting for it."""
    share, _ = share_of_best(4000, **capacity)
    assert share >= 0.95


@pytest.mark.parametrize(
    "capacity",
    [
        pytest.param({}, id="a batch of 128"),
        pytest.param({"batch": 32}, id="a batch of 32"),
        pytest.param({"batch": 256}, id="a batch of 256"),
        pytest.param({"load": 0.001}, id="every request slows the others down"),
        pytest.param({"refuses_beyond": 40}, id="429 beyond 40 at a time"),
        pytest.param({"refuses_beyond": 100}, id="429 beyond 100 at a time"),
    ],
)
def test_a_run_of_600_replies_comes_within_five_percent_of_a_client_that_knows_everything(
    capacity: dict[str, object],
) -> None:
    """That one knows what the server takes and how long each reply will be, and asks for the longest first."""
    lengths = reply_lengths(600)

    def seconds(pace: Pace, order: list[int]) -> float:
        server = SimulatedServer(**capacity)  # type: ignore[arg-type]
        return in_simulated_time(lambda: work_off(Servers([pace]), [server], order))[1]

    takes = SimulatedServer(**capacity).takes  # type: ignore[arg-type]
    best = seconds(FixedPool(takes, takes), sorted(lengths, reverse=True))
    assert best / seconds(Pace(START, MOST), lengths) >= 0.95


def test_a_fixed_number_fits_one_server_only() -> None:
    """One by one, 8 and 32 at a time leave a batch of 128 idle: the measurement can tell."""
    shares = {most: share_of_best(600, most, most)[0] for most in (1, 8, 32)}
    assert shares[1] < shares[8] < shares[32] < 0.7


def test_the_number_stays_near_what_the_server_can_use() -> None:
    """Where more only waits in the server's queue, it is not asked for: at most four times its batch."""
    for batch in (32, 128):
        _, pace = share_of_best(4000, batch=batch)
        assert batch * 0.75 <= pace.limit <= batch * 4


@pytest.mark.parametrize(
    ("start", "most"), [pytest.param(64, 256, id="room to grow"), pytest.param(32, 32, id="start equal to most")]
)
def test_a_burst_of_refusals_brings_it_down_to_what_the_server_takes_at_once(start: int, most: int) -> None:
    """The others go on, and nobody is refused over and over: it went on sending, and paused everybody."""
    server, pace = SimulatedServer(refuses_beyond=12), Pace(start, most)
    _, seconds = in_simulated_time(lambda: work_off(Servers([pace]), [server], reply_lengths(300)))
    assert pace.limit in range(8, 17)
    assert server.refused <= start + 40
    assert server.best_seconds(reply_lengths(300)) / seconds >= 0.9


def test_refusals_of_one_burst_count_once_and_pause_nobody_else() -> None:
    """Of 16 under way ten are refused: six go on, no further one is sent, and Retry-After holds only the growth."""
    pace = Pace(16, 64)
    turns = [pace.send(0, 0.0) for _ in range(16)]
    for turn in turns[:10]:
        pace.failed(turn, "overload", 1.0, 5.0)
    assert (pace.limit, pace.failures, pace.paused_until) == (6, 1, 0.0)
    for _ in range(100):
        pace.replied(pace.send(0, 1.5), 10, 2.0)
    assert pace.limit == 6


def test_a_server_that_takes_nothing_is_left_alone_for_as_long_as_it_asks() -> None:
    """With none under way there is no reply to wait for, and everybody in turn would be refused."""
    pace = Pace(2, 64)
    for turn in [pace.send(0, 0.0) for _ in range(2)]:
        pace.failed(turn, "overload", 1.0, 5.0)
    assert pace.paused_until == 6.0


def test_after_several_failures_in_a_row_one_at_a_time_is_sent() -> None:
    """A server that answers 500 to everything got the full number again after each pause."""
    pace = Pace(8, 64)
    for now in range(1, 5):
        for turn in [pace.send(0, now - 0.5) for _ in range(pace.room)]:
            pace.failed(turn, "error", float(now), 0.1)
    assert pace.room == 1
    pace.replied(pace.send(0, 5.0), 10, 6.0)
    assert pace.room == 8


def test_a_timeout_halves_the_number_however_many_are_still_under_way() -> None:
    """A slow server with a long queue: 63 others wait in vain too, and are no proof of what it can do."""
    pace = Pace(64, 256)
    turns = [pace.send(0, 0.0) for _ in range(64)]
    for turn in turns[:20]:
        pace.failed(turn, "slow", 120.0, 0.1)
    assert pace.limit == 32


def test_it_does_not_grow_before_replies_have_come() -> None:
    """What the server does with more is unknown until then: it doubled every quarter of a second."""
    server, pace = SimulatedServer(), Pace(16, 256)

    async def watch() -> int:
        work = asyncio.ensure_future(work_off(Servers([pace]), [server], [300] * 400))
        await asyncio.sleep(2.0)  # the first reply takes three
        most = server.most_at_a_time
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return most

    assert in_simulated_time(watch)[0] == 16


def test_where_more_only_wait_it_does_not_grow_on() -> None:
    """Replies that take ever longer while the rate stays bring it to eight times the batch, within 600 replies."""
    pace = Pace(START, MOST)
    in_simulated_time(lambda: work_off(Servers([pace]), [SimulatedServer(batch=8)], reply_lengths(600)))
    assert pace.limit <= 64


def test_a_server_that_was_gone_is_filled_anew() -> None:
    """What it takes when it is back is not known: the limit begins at the start again."""
    pace = Pace(4, 64)
    for _ in range(40):
        pace.replied(pace.send(0, 0.0), 10, 1.0)
    pace.limit = 40
    pace.failed(pace.send(0, 2.0), "gone", 2.0, 0.1)
    assert pace.limit == 4


def test_a_request_at_fault_itself_changes_nothing() -> None:
    """A 400 or a broken body says nothing about the server's load."""
    pace = Pace(8, 64)
    pace.failed(pace.send(0, 0.0), "request", 1.0, 0.0)
    assert (pace.limit, pace.in_flight, pace.paused_until) == (8, 0, 0.0)


def test_several_servers_share_the_work_by_load() -> None:
    """A server twice as fast does more of it, and the two together are faster than the fast one alone."""
    lengths = reply_lengths(4000)
    fast, slow = SimulatedServer(), SimulatedServer(base=0.014, load=0.0004)
    paces = [Pace(START, MOST), Pace(START, MOST)]
    done = [0, 0]

    async def counted() -> None:
        servers = Servers(paces)

        async def one(tokens: int) -> None:
            turn = await servers.turn()
            await (fast, slow)[turn.server].answer(tokens)
            done[turn.server] += 1
            servers.replied(turn, tokens)

        await asyncio.gather(*(one(tokens) for tokens in lengths))

    _, together = in_simulated_time(counted)
    _, alone = in_simulated_time(lambda: work_off(Servers([Pace(START, MOST)]), [SimulatedServer()], lengths))
    assert done[0] > 1.3 * done[1] > 0
    assert together < 0.8 * alone


def test_a_cancelled_request_gives_its_turn_back() -> None:
    """Waiting or under way: afterwards everybody else still gets a turn."""

    async def work() -> int:
        servers = Servers([Pace(1, 1)])
        first = await servers.turn()
        waiting = asyncio.create_task(servers.turn())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        servers.withdrawn(first)
        await asyncio.wait_for(servers.turn(), 1)
        return servers.paces[0].in_flight

    assert in_simulated_time(work)[0] == 1

"""Asking one by one, in fixed pools and as generate does, against servers of known capacity in simulated time.

A figure is a share of the best possible speed: that of a client that knows what the server takes and how long each
reply will be, and asks for the longest first. The last columns compare with a full batch from the first moment to the
last, which no order of the work reaches, since the batch empties at the end; and with the best of the fixed pools, of
which nobody knows beforehand which it is. See tests/simulated_server.py for what a server does with its requests.
"""

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]
FIXED = (1, 8, 32, 128, 256)
SERVERS: dict[str, dict[str, object]] = {
    "batch of 128": {},
    "batch of 32": {"batch": 32},
    "batch of 256": {"batch": 256},
    "slower under load": {"load": 0.001},
    "429 beyond 40": {"refuses_beyond": 40},
    "429 beyond 100": {"refuses_beyond": 100},
    "429, wait 5 s": {"refuses_beyond": 40, "retry_after": 5.0},
}


def main() -> None:
    """Print a row for each server and amount of work."""
    from simulated_server import FixedPool, SimulatedServer, in_simulated_time, reply_lengths, work_off

    from regtune.config import load_config
    from regtune.pace import Pace
    from regtune.pacing import Servers

    config = load_config(REPOSITORY / "include" / "config" / "pipeline.yaml").endpoints
    start, most = config.pacing.start, config.generator.concurrency
    print(f"concurrency, share of the best possible speed; adaptive from {start} to at most {most}")
    print(
        f"{'server':18} {'replies':>7} {'best':>6} "
        + " ".join(f"{n:>6}" for n in FIXED)
        + "  adaptive (at the end)  of a full batch  of the best pool"
    )
    for name, capacity in SERVERS.items():
        for count in (600, 2000, 6000):
            lengths = reply_lengths(count)
            shares = []
            takes = SimulatedServer(**capacity).takes  # type: ignore[arg-type]
            knowing, pace = FixedPool(takes, takes), Pace(start, most)
            orders = [sorted(lengths, reverse=True), *[lengths] * (len(FIXED) + 1)]
            for one, order in zip([knowing, *(FixedPool(n, n) for n in FIXED), pace], orders, strict=True):
                server = SimulatedServer(**capacity)  # type: ignore[arg-type]
                paces = Servers([one])
                _, seconds = in_simulated_time(lambda p=paces, s=server, work=order: work_off(p, [s], work))  # type: ignore[misc]
                shares.append(server.best_seconds(lengths) / seconds)
            best = SimulatedServer(**capacity).best_seconds(lengths) / shares[0]  # type: ignore[arg-type]
            row = " ".join(f"{share / shares[0]:6.1%}" for share in shares[1:-1])
            print(
                f"{name:18} {count:7} {best:4.0f} s {row}  {shares[-1] / shares[0]:8.1%} ({pace.limit:3})"
                f"  {shares[-1]:15.1%}  {shares[-1] / max(shares[1:-1]):16.1%}",
                flush=True,
            )


if __name__ == "__main__":
    main()

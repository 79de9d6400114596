"""A server that is gone for two minutes in the middle of a run, and back: generate waits, goes on, and loses nothing.

    python tests/bench/generate_outage.py [SECONDS]

The settings are those of pipeline.yaml but for the address. In the test suite the same happens within seconds.
"""

import sys
import tempfile
import threading
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]
OUTAGE_SECONDS = 120.0
UP_SECONDS = 4.0


def main() -> None:
    """Print how long the server was gone, what the run made of it, and whether its files are those of a calm run."""
    from generate_run import generated, hashes
    from stand_in import stand_in

    from regtune.config import Quota, load_config

    outage = float(sys.argv[1]) if len(sys.argv) > 1 else OUTAGE_SECONDS
    config = load_config(REPOSITORY / "include" / "config" / "pipeline.yaml")
    patience = config.endpoints.pacing.outage_seconds
    model = load_config(REPOSITORY / "include" / "config" / "demo.yaml").endpoints.generator.model
    sizes = {"quota": Quota(lookup=16, procedure=8, negative=6), "pool": Quota(lookup=4, procedure=2, negative=2)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with stand_in(folder) as url:
            generated(folder / "calm" / "run", config, url, model=model, outage_seconds=patience, **sizes)
        port, over = url.split(":")[2].removesuffix("/v1"), threading.Event()

        def come_and_go() -> None:
            with stand_in(folder, "--port", port, "--misbehave", "slow=0.8"):
                time.sleep(UP_SECONDS)
            time.sleep(outage)
            with stand_in(folder, "--port", port):
                over.wait(60 + outage)

        server = threading.Thread(target=come_and_go)
        began = time.monotonic()
        server.start()
        try:
            result = generated(folder / "out" / "run", config, url, model=model, outage_seconds=patience, **sizes)
        finally:
            over.set()
            server.join()
        same = hashes(folder / "out" / "run") == hashes(folder / "calm" / "run")
    print(
        f"generate: server gone for {outage:.0f} s, run ended {time.monotonic() - began:.0f} s after its start; "
        f"{result.tokens['calls']} calls, {result.tokens['retries_connection']} sent again, "
        f"{result.tokens['failed_calls']} failed; the same bytes as without the outage: {same}"
    )


if __name__ == "__main__":
    main()

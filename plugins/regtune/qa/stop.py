"""stop: the model server that serve started is ended, whatever happened in between.

In: the run folder: what belongs to its server (server_process.py), with or without a serve.pid. Out: nothing runs that
serve started, nor what that has started.
A server that somebody else runs is never touched.
"""

import logging
from pathlib import Path

from regtune.contracts import RunSpec, StageResult
from regtune.qa import server_process

_log = logging.getLogger(__name__)


def run(run_dir: Path, spec: RunSpec) -> StageResult:  # noqa: ARG001 - every stage is called alike
    """End the server of this run folder."""
    ended = server_process.end(run_dir)
    (run_dir / server_process.PID_FILE).unlink(missing_ok=True)
    _log.info("stop: %s", "the model server is down" if ended else "no model server of this run is up")
    return StageResult(counts={"ended": int(ended)})

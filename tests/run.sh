#!/usr/bin/env bash
# All tests. What runs on a host is tested in the hosts' environment, what runs on the scheduler in the scheduler's;
# the gate and the split run in both. Arguments go to pytest.
set -u
cd "$(dirname "$0")/.." || exit 1
status=0
on_host=(
  tests/benchmark tests/documents tests/hosts tests/korean tests/qa tests/regulations tests/tuning tests/test_*.py
  tests/demo/test_base_model.py tests/demo/test_endpoint.py tests/demo/test_processes.py tests/demo/test_settings.py
)
on_scheduler=(
  tests/architecture tests/dags tests/orchestration tests/qa/test_gate.py tests/qa/test_split.py
  tests/demo/test_ssh_host.py tests/end_to_end
)
echo "== the hosts' environment"
OMP_NUM_THREADS=2 "$HOST" -m pytest -q "${on_host[@]}" "$@" || status=1
echo "== the scheduler's environment"
"$SCHEDULER" -m pytest -q "${on_scheduler[@]}" "$@" || status=1
exit $status

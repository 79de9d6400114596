#!/usr/bin/env bash
# All tests, in lanes side by side: most of the scheduler's time is waiting. What runs on a host is tested in the
# hosts' environment, what runs on the scheduler in the scheduler's; the gate and the split run in both.
# Each end-to-end part has an Airflow and a store of its own: what a run finds there decides what it does.
# A lane's output is shown when it has ended. Arguments go to pytest.
set -u
cd "$(dirname "$0")/.." || exit 1
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export OMP_NUM_THREADS=1

lane() { # NAME INTERPRETER PATH... -- ARGUMENT...
  local name=$1 python=$2
  shift 2
  "$python" -m pytest -q -p no:cacheprovider "$@" >"$logs/$name" 2>&1
  local status=$?
  echo "== $name"
  cat "$logs/$name"
  return $status
}

lane "hosts, pages and reports" "$HOST" \
  tests/benchmark tests/commands tests/documents tests/hosts tests/test_*.py tests/demo/test_base_model.py \
  tests/demo/test_endpoint.py tests/demo/test_processes.py tests/demo/test_settings.py "$@" & lanes=($!)
lane "hosts, pairs and training" "$HOST" tests/korean tests/qa tests/regulations tests/tuning "$@" & lanes+=($!)
(
  lane "scheduler" "$SCHEDULER" \
    tests/architecture tests/dags tests/orchestration tests/qa/test_gate.py tests/qa/test_split.py \
    tests/demo/test_database.py tests/demo/test_ssh_host.py "$@"
  first=$?
  lane "end to end, a backfill" "$SCHEDULER" tests/end_to_end/test_backfill.py "$@"
  exit $((first | $?))
) & lanes+=($!)
lane "end to end" "$SCHEDULER" tests/end_to_end \
  --ignore tests/end_to_end/test_backfill.py --ignore tests/end_to_end/test_bad_night.py "$@" & lanes+=($!)
lane "end to end, a bad night" "$SCHEDULER" tests/end_to_end/test_bad_night.py "$@" & lanes+=($!)

status=0
for pid in "${lanes[@]}"; do wait "$pid" || status=1; done
exit $status

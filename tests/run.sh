#!/usr/bin/env bash
# All tests, in lanes side by side: the end-to-end lanes wait more than they work, the others work more than they wait.
# What runs on a host is tested in the hosts' environment, what runs on the scheduler in the scheduler's; the split runs
# in both, and the gate in the hosts' too, as a part of the whole chain in tests/end_to_end/test_dag_run.py.
# Each end-to-end part has an Airflow and a store of its own: what a run finds there decides what it does.
# A lane's output is shown when it has ended, and at the end a line for each. Arguments go to pytest.
set -u
cd "$(dirname "$0")/.." || exit 1
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export OMP_NUM_THREADS=1
export REGTUNE_TESTS_BASE=$logs/base # of the end-to-end lanes: imports of torch and transformers for one

lane() { # NAME INTERPRETER PATH... -- ARGUMENT...
  local name=$1 python=$2 began=$SECONDS
  shift 2
  "$python" -m pytest -q -p no:cacheprovider "$@" >"$logs/$name" 2>&1
  local status=$?
  echo "== $name"
  cat "$logs/$name"
  printf '%-26s %5d s  %s\n' "$name" $((SECONDS - began)) "$(tail -n 1 "$logs/$name")" >>"$logs/.lanes"
  return $status
}

hosts_then_scheduler() {
  local status=0
  lane "hosts, pages and reports" "$HOST" \
    tests/benchmark tests/commands tests/documents tests/hosts tests/test_*.py tests/demo/test_base_model.py \
    tests/demo/test_endpoint.py tests/demo/test_processes.py tests/demo/test_settings.py "$@" || status=1
  lane "scheduler" "$SCHEDULER" \
    tests/architecture tests/dags tests/orchestration tests/qa/test_gate.py tests/qa/test_split.py \
    tests/demo/test_database.py tests/demo/test_ssh_host.py "$@" || status=1
  return $status
}

lane "end to end" "$SCHEDULER" tests/end_to_end \
  --ignore tests/end_to_end/test_backfill.py --ignore tests/end_to_end/test_bad_night.py "$@" & lanes=($!)
lane "end to end, a bad night" "$SCHEDULER" tests/end_to_end/test_bad_night.py "$@" & lanes+=($!)
lane "end to end, a backfill" "$SCHEDULER" tests/end_to_end/test_backfill.py "$@" & lanes+=($!)
lane "hosts, pairs and training" "$HOST" \
  tests/korean tests/qa tests/regulations tests/tuning --ignore tests/qa/test_gate.py "$@" & lanes+=($!)
hosts_then_scheduler "$@" & lanes+=($!)

status=0
for pid in "${lanes[@]}"; do wait "$pid" || status=1; done
echo "== lanes"
cat "$logs/.lanes"
exit $status

#!/usr/bin/env bash
# Prepare a host: environment from its lock, folders, env file. Run on the host, in a copy of include/hosts:
#   bash bootstrap.sh 02|48|cpu [BASE_DIR] [VENV]      PYTHON=python3.12 chooses the interpreter (3.10 or newer)
set -euo pipefail
role=${1:-}
base=${2:-/srv/regtune}
venv=${3:-/opt/regtune/venv}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lock="$here/requirements-$role.lock"
python=${PYTHON:-python3}
if [ -z "$role" ] || [ ! -f "$lock" ]; then
  echo "bootstrap: say which host this is: bash bootstrap.sh 02|48|cpu [BASE_DIR] [VENV]" >&2
  exit 2
fi
if ! "$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  echo "bootstrap: $python is not Python 3.10 or newer with its venv module; set PYTHON." >&2
  exit 4
fi
"$python" -m venv "$venv"
if [ "$role" = cpu ]; then
  "$venv/bin/python" -m pip install --quiet "$(grep '^torch==' "$here/requirements-cpu.txt")"
fi
"$venv/bin/python" -m pip install --quiet --no-deps --require-hashes -r "$lock"
if [ "$role" = 48 ]; then # benchmark.vllm.python: vLLM and Unsloth want different versions of torch
  "$python" -m venv "$venv-vllm"
  "$venv-vllm/bin/python" -m pip install --quiet --no-deps --require-hashes -r "$here/requirements-02.lock"
fi
mkdir -p "$base"
if [ ! -e "$base/regtune.env" ]; then
  install -m 600 "$here/regtune.env.example" "$base/regtune.env"
fi
echo "host $role is ready: interpreter $venv/bin/python, folder $base, keys in $base/regtune.env"

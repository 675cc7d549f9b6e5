#!/usr/bin/env bash
# Makes the Python environments that tests compare with, one for MXNet (frozen on an old numpy) and one for PyTorch.
# They are kept under $FACEDATA_ORACLES (default ~/.cache/facedata/oracles) and made anew when their requirements change.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=${FACEDATA_ORACLES:-$HOME/.cache/facedata/oracles}

install() {
  local name=$1 requirements=$here/requirements-$1.txt environment=$target/$1
  if cmp -s "$requirements" "$environment/requirements.txt"; then
    echo "oracle $name: ready in $environment"
    return
  fi
  echo "oracle $name: installing into $environment"
  rm -rf "$environment"
  mkdir -p "$target"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
  cp "$requirements" "$environment/requirements.txt"
}

oracles=("$@")
if [ $# -eq 0 ]; then oracles=(mxnet torch); fi
for name in "${oracles[@]}"; do install "$name"; done

#!/usr/bin/env bash
# Makes Python environments, one for each requirements file given: without any, those that tests compare with, one for
# MXNet (frozen on an old numpy) and one for PyTorch. The environment of requirements-NAME.txt is kept under
# $FACEDATA_ORACLES/NAME (default ~/.cache/facedata/oracles/NAME) and made anew when its requirements change.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=${FACEDATA_ORACLES:-$HOME/.cache/facedata/oracles}

install() {
  local requirements=$1 name=${1##*/requirements-}
  name=${name%.txt}
  local environment=$target/$name
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

if [ $# -eq 0 ]; then set -- "$here/requirements-mxnet.txt" "$here/requirements-torch.txt"; fi
for requirements in "$@"; do install "$requirements"; done

#!/usr/bin/env bash
# Later versions of Node.js, from the registry's packages of its binaries, for the tests that load the native addon in
# each. They lie under ~/.cache/facedata/nodes, or under $FACEDATA_NODES.
set -euo pipefail
folder=${FACEDATA_NODES:-$HOME/.cache/facedata/nodes}
platform=$(node -p 'process.platform + "-" + process.arch')
for version in 22 24; do
  binary=$folder/$version/bin/node
  if [ ! -x "$binary" ]; then
    mkdir -p "$folder/$version.tmp"
    (cd "$folder/$version.tmp" && npm pack --silent "node-$platform@$version" >/dev/null && tar xzf ./*.tgz)
    rm -rf "${folder:?}/$version"
    mv "$folder/$version.tmp/package" "$folder/$version"
    rm -rf "$folder/$version.tmp"
  fi
  "$binary" --version
done

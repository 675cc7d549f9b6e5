#!/usr/bin/env bash
# Slurm and munge from Debian's packages, for test/cluster/slurm: its tests start daemons of their own in a temporary
# folder, as root, and are skipped without these.
set -euo pipefail
command -v slurmctld >/dev/null && command -v munged >/dev/null && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "Slurm is not installed: that takes root and apt-get. Its tests are skipped." >&2
  exit 1
fi
apt-get update >/dev/null
# No service is started: policy-rc.d says no while the packages are set up, where there is an init system.
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends slurmctld slurmd slurm-client munge >/dev/null

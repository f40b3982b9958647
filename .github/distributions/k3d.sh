#!/bin/bash
# A cluster of k3d, with the context "k3d". https://k3d.io/stable/
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# renovate: datasource=github-releases depName=k3d-io/k3d
release=https://github.com/k3d-io/k3d/releases/download/v5.9.0
"$here/download.sh" $release/k3d-linux-amd64 $release/checksums.txt "$HOME/.local/bin/k3d"
hpa=--kube-controller-manager-arg=horizontal-pod-autoscaler
"$HOME/.local/bin/k3d" cluster create demo --wait \
  --k3s-arg "$hpa-sync-period=2s@server:*" \
  --k3s-arg "$hpa-initial-readiness-delay=5s@server:*" \
  --k3s-arg "$hpa-cpu-initialization-period=10s@server:*"
kubectl config rename-context k3d-demo k3d

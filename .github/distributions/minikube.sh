#!/bin/bash
# A cluster of minikube, with the context "minikube". https://minikube.sigs.k8s.io/docs/start/
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# renovate: datasource=github-releases depName=kubernetes/minikube
release=https://github.com/kubernetes/minikube/releases/download/v1.39.0/minikube-linux-amd64
"$here/download.sh" "$release" "$release.sha256" "$HOME/.local/bin/minikube"
hpa=controller-manager.horizontal-pod-autoscaler
"$HOME/.local/bin/minikube" start --driver=docker --addons=metrics-server \
  --extra-config=$hpa-sync-period=2s \
  --extra-config=$hpa-initial-readiness-delay=5s \
  --extra-config=$hpa-cpu-initialization-period=10s

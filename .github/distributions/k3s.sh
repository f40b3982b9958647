#!/bin/bash
# K3s as a service of this machine, with the context "k3s". https://docs.k3s.io/quick-start
# Its script, that of the version's tag, compares the sum of what it downloads.
set -euo pipefail
# renovate: datasource=github-releases depName=k3s-io/k3s
export INSTALL_K3S_VERSION=v1.37.1+k3s1
hpa=--kube-controller-manager-arg=horizontal-pod-autoscaler
script=https://raw.githubusercontent.com/k3s-io/k3s/$INSTALL_K3S_VERSION/install.sh
curl --fail --silent --show-error --location "$script" | sh -s - server \
  $hpa-sync-period=2s $hpa-initial-readiness-delay=5s $hpa-cpu-initialization-period=10s
mkdir -p ~/.kube
sudo install -o "$(id -u)" -g "$(id -g)" -m 600 /etc/rancher/k3s/k3s.yaml ~/.kube/config
kubectl config rename-context default k3s

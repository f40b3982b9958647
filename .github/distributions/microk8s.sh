#!/bin/bash
# MicroK8s as a snap of this machine, with the context "microk8s".
# https://canonical.com/microk8s/docs/getting-started
set -euo pipefail
sudo snap install microk8s --classic --channel=1.36/stable
sudo microk8s status --wait-ready --timeout 300
hpa=--horizontal-pod-autoscaler
printf '%s\n' $hpa-sync-period=2s $hpa-initial-readiness-delay=5s \
  $hpa-cpu-initialization-period=10s |
  sudo tee --append /var/snap/microk8s/current/args/kube-controller-manager
sudo snap restart microk8s.daemon-kubelite
sudo microk8s status --wait-ready --timeout 300
sudo microk8s enable rbac dns hostpath-storage metrics-server
mkdir -p ~/.kube
sudo microk8s config | install -m 600 /dev/stdin ~/.kube/config

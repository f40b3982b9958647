#!/bin/bash
# One node by kubeadm, with the context "kubeadm", and what it leaves to you: a network,
# storage and metrics-server.
# https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
packages=https://pkgs.k8s.io/core:/stable:/v1.37/deb
sudo mkdir -p -m 755 /etc/apt/keyrings
curl --fail --silent --show-error --location "$packages/Release.key" |
  sudo gpg --dearmor --yes -o /etc/apt/keyrings/kubernetes-apt-keyring.gpg
echo "deb [signed-by=/etc/apt/keyrings/kubernetes-apt-keyring.gpg] $packages/ /" |
  sudo tee /etc/apt/sources.list.d/kubernetes.list
sudo apt-get update -qq
sudo apt-get install -y -qq kubelet kubeadm kubectl
# The runner's containerd is Docker's, which has the kubelet's interface switched off.
containerd config default | sed 's/SystemdCgroup = false/SystemdCgroup = true/' |
  sudo tee /etc/containerd/config.toml >/dev/null
sudo systemctl restart containerd
sudo swapoff --all
sudo modprobe --all br_netfilter overlay
sudo sysctl --quiet net.ipv4.ip_forward=1
sudo kubeadm init --config "$here/kubeadm.yaml"
mkdir -p ~/.kube
sudo install -o "$(id -u)" -g "$(id -g)" -m 600 /etc/kubernetes/admin.conf ~/.kube/config
kubectl config rename-context kubernetes-admin@kubernetes kubeadm
kubectl taint nodes --all node-role.kubernetes.io/control-plane-
github=https://github.com
# renovate: datasource=github-releases depName=flannel-io/flannel
flannel=$github/flannel-io/flannel/releases/download/v0.28.10
kubectl apply -f $flannel/kube-flannel.yml
# renovate: datasource=github-releases depName=rancher/local-path-provisioner
storage=https://raw.githubusercontent.com/rancher/local-path-provisioner/v0.0.30
kubectl apply -f $storage/deploy/local-path-storage.yaml
kubectl annotate storageclass local-path storageclass.kubernetes.io/is-default-class=true
pinned=$here/../../sandbox/from_source/go/metrics-server/go.mod
version=$(sed -n 's,^.*sigs.k8s.io/metrics-server \(v[^ ]*\).*,\1,p' "$pinned")
metrics=$github/kubernetes-sigs/metrics-server/releases/download/$version/components.yaml
kubectl apply -f "$metrics"
# kubeadm's kubelets sign their certificates themselves.
kubectl patch deployment metrics-server -n kube-system --type=json -p '[
  {"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--kubelet-insecure-tls"}
]'

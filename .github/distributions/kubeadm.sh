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
raw=https://raw.githubusercontent.com
# Neither project publishes sums. When Renovate has moved a version, read what has changed
# in the file, and write its sum.
# renovate: datasource=github-releases depName=flannel-io/flannel
flannel=$raw/flannel-io/flannel/v0.28.10/Documentation/kube-flannel.yml
sum=944a3c1f925f117727a1b7272a323c80965da642498397ec7e6ea9bef0f9e6c5
"$here/download.sh" $flannel $sum ~/manifests/network.yaml
# renovate: datasource=github-releases depName=rancher/local-path-provisioner
storage=$raw/rancher/local-path-provisioner/v0.0.30/deploy/local-path-storage.yaml
sum=fe682186b00400fe7e2b72bae16f63e47a56a6dcc677938c6642139ef670045e
"$here/download.sh" $storage $sum ~/manifests/storage.yaml
kubectl apply -f ~/manifests
kubectl annotate storageclass local-path storageclass.kubernetes.io/is-default-class=true
sandbox=$here/../../sandbox
pinned=$sandbox/from_source/go/metrics-server/go.mod
version=$(sed -n 's,^.*sigs.k8s.io/metrics-server \(v[^ ]*\).*,\1,p' "$pinned")
sed "s,\(image: .*/metrics-server\)$,\1:$version," "$sandbox/manifests/metrics-server.yaml" |
  kubectl apply -f -

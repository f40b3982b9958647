# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Ask the nodes which container runtime they use, and how old their kubelet is."""

import re

from kubernetes import client, config

NAMESPACE = "overview-runtimes"

RUNTIMES = {
    "containerd": "containerd",
    "cri-o": "CRI-O",
    "docker": "Docker Engine, behind cri-dockerd",
    "kwok": "none, KWOK plays this node",
}

config.load_kube_config()
core = client.CoreV1Api()


def runtime(reported: str) -> str:
    """Say what a node means by its containerRuntimeVersion, NAME://VERSION."""
    name, _, version = reported.partition("://")
    return f"{RUNTIMES.get(name, 'not known to this program')} ({version})"


def minor(version: str) -> int:
    """Return 37 for v1.37.2, and for v1.37.2 with a vendor's suffix."""
    return int(re.match(r"v1\.(\d+)", version)[1])


for reported in [
    "containerd://2.3.7",
    "cri-o://1.37.0",
    "docker://29.1.3",
    "kwok://simulated",
]:
    print(f"{reported}: {runtime(reported)}")
    #> containerd://2.3.7: containerd (2.3.7)
    #> cri-o://1.37.0: CRI-O (1.37.0)
    #> docker://29.1.3: Docker Engine, behind cri-dockerd (29.1.3)
    #> kwok://simulated: none, KWOK plays this node (simulated)

# What each of your nodes says: name, runtime, kubelet, operating system.
nodes = {
    node.metadata.name: (
        runtime(node.status.node_info.container_runtime_version),
        node.status.node_info.kubelet_version,
        node.status.node_info.os_image,
    )
    for node in core.list_node(_request_timeout=30).items
    if node.status.node_info and node.status.node_info.kubelet_version  # it reported
}
unknown = [name for name, (runs, _, _) in nodes.items() if "not known" in runs]
print("nodes with a runtime of another kind:", len(unknown))
#> nodes with a runtime of another kind: 0

server = minor(client.VersionApi().get_code(_request_timeout=10).git_version)
behind = [server - minor(kubelet) for _, kubelet, _ in nodes.values()]
print("kubelets newer than the API server:", sum(age < 0 for age in behind))
#> kubelets newer than the API server: 0
print("kubelets more than 3 minor versions older:", sum(age > 3 for age in behind))
#> kubelets more than 3 minor versions older: 0

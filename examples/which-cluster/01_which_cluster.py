# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Say which kind of cluster this is and by what evidence, or that nobody can tell."""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any, NoReturn

from kubernetes import client, config

NAMESPACE = "overview-which-cluster"

# What is seen, what it points to, what it speaks against. The first that fits counts.
RULES = [
    (r"(version|kubelet) v[\w.-]+\+k3s\d+", "K3s", "EKS GKE"),
    (r"(version|kubelet) v[\w.]+-eks-[\w-]+", "EKS", "GKE K3s k3d"),
    (r"(version|kubelet) v[\w.]+-gke\.\d+", "GKE", "EKS K3s k3d"),
    (r"version v\d[\w.+-]{1,60}$", "", "EKS GKE K3s k3d"),
    (r"API group config\.openshift\.io$", "OpenShift", ""),
    (r"API group config\.openshift\.io is missing", "", "OpenShift"),
    (r"API group vpcresources\.k8s\.aws$", "EKS", ""),
    (r"API group cloud\.google\.com$", "GKE", ""),
    # A cloud's service runs in that cloud, and shows no node of its control plane.
    (r"providerID (aws|eks-hybrid)://", "", "AKS GKE"),
    (r"providerID azure://", "", "EKS GKE"),
    (r"providerID gce://", "", "AKS EKS"),
    (r"providerID kind://", "kind", "AKS EKS GKE"),
    (r"providerID k3s://", "K3s", "AKS EKS GKE"),
    (r"providerID [\w-]{1,20}://", "", "AKS EKS GKE"),
    (r"label node-role\.kubernetes\.io/(control-plane|master)$", "", "AKS EKS GKE"),
    (r"label eks\.amazonaws\.com/(nodegroup|compute-type)$", "EKS", ""),
    (r"label kubernetes\.azure\.com/cluster$", "AKS", ""),
    (r"label cloud\.google\.com/gke-nodepool$", "GKE", ""),
    (r"label microk8s\.io/cluster$", "MicroK8s", ""),
    (r"label minikube\.k8s\.io/name$", "minikube", ""),
    (r"label node\.kubernetes\.io/instance-type=k3s$", "K3s", ""),
    (r"label type=kwok$", "KWOK", ""),
    (r"annotation kwok\.x-k8s\.io/node$", "KWOK", ""),
    (r"annotation kubeadm\.alpha\.kubernetes\.io/cri-socket$", "kubeadm", ""),
    (r"annotation machineconfiguration\.openshift\.io/state$", "OpenShift", ""),
    (r"annotation k3s\.io/hostname$", "K3s", ""),
    (r"name aks-[a-z0-9]+-\d{8}-vm", "AKS", ""),
    (r"name k3d-[\w.-]+-(server|agent)-\d+$", "k3d", ""),
    (r"ConfigMap kubeadm-config$", "kubeadm", ""),
    (r"ConfigMap kubeadm-config is missing", "", "kubeadm"),
]
# Who is built on another shows that one's signs, too.
BUILT_ON = {"kind": "kubeadm", "minikube": "kubeadm", "k3d": "K3s"}
# Who can't be told from whom as long as nobody may look at the nodes.
TWINS = {
    "kubeadm": "kind or minikube",
    "K3s": "k3d",
    "EKS": "EKS Anywhere",
    "GKE": "Google Distributed Cloud",
}

Evidence = tuple[str, str, str]  # as in RULES, with what was seen


def at(data: Any, path: str, kind: type) -> Any:
    """What is there if it is of this kind, else an empty one: proxies answer, too."""
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, kind) else kind()


def facts_of(node: Any) -> list[str]:
    labels = at(node, "metadata.labels", dict)
    return [
        f"providerID {at(node, 'spec.providerID', str)}",
        *(f"label {key}" for key in labels),
        *(f"label {key}={value}" for key, value in labels.items()),
        *(f"annotation {key}" for key in at(node, "metadata.annotations", dict)),
        f"kubelet {at(node, 'status.nodeInfo.kubeletVersion', str)}",
        f"name {at(node, 'metadata.name', str)}",
    ]


def judge(fact: str) -> Evidence | None:
    for pattern, system, others in RULES:
        if seen := re.match(pattern, fact):
            return seen[0], system, others
    return None


def which(said: dict[str, Any]) -> tuple[str, list[Evidence]]:
    """The answer and the evidence, from what an API server said to each question.

    That is the decoded JSON, {} for what is not there, or a text that tells why there
    is no answer.
    """
    groups = [at(each, "name", str) for each in at(said["API groups"], "groups", list)]
    if groups and "config.openshift.io" not in groups:
        groups.append("config.openshift.io is missing")
    settings = at(said["kubeadm-config"], "metadata.name", str)
    if said["kubeadm-config"] == {}:
        settings = "kubeadm-config is missing"
    nodes = at(said["nodes"], "items", list)
    facts = {
        "version": [[f"version {at(said['version'], 'gitVersion', str)}"]],
        "API groups": [[f"API group {name}" for name in groups]],
        "nodes": [facts_of(node) for node in nodes],
        "kubeadm-config": [[f"ConfigMap {settings}"]],
    }
    evidence: list[Evidence] = []
    for question, objects in facts.items():
        judged = Counter(j for each in objects for j in {*map(judge, each)} if j)
        for (fact, system, others), n in sorted(judged.items()):
            if question == "nodes":
                fact = f"{n} of {len(nodes)} nodes: {fact}"
                # It plays nodes in clusters of other kinds, too.
                system = "" if system == "KWOK" and n < len(nodes) else system
            evidence.append((fact, system, others))
        if not judged:
            why = said[question] if isinstance(said[question], str) else "tells nothing"
            evidence.append((f"{question}: {why}", "", ""))

    systems = {system for _, system, _ in evidence} - {""}
    if "K3s" not in systems:
        systems -= {"k3d"}  # a name alone is not enough
    systems -= {system for _, _, others in evidence for system in others.split()}
    systems -= {BUILT_ON.get(system) for system in systems}
    if len(systems) != 1:
        return "can't tell", evidence
    [system] = systems
    looked = any(at(node, "metadata.name", str) for node in nodes)
    own_group = any(f.startswith("API group") and s == system for f, s, _ in evidence)
    if system in TWINS and not (looked or own_group):
        return f"can't tell {system} from {TWINS[system]}", evidence
    return system, evidence


def ask(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """What the API server says, as `which` takes it. Ends the program without that."""
    try:
        answer = call(*args, **options, _preload_content=False, _request_timeout=30)
        text = answer.data
    except client.ApiException as error:
        if error.status == 401:
            give_up("the API server does not know you (401): log in again")
        return {} if error.status == 404 else f"{error.status} {error.reason}"
    except Exception as error:  # whatever has kept it from answering
        give_up(f"the API server does not answer, is it up? {error}")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return "the answer is not JSON"
    return data if isinstance(data, dict) else "the answer is no JSON object"


def give_up(why: str) -> NoReturn:
    print(why.partition("\n")[0], file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    try:
        config.load_kube_config()
    except Exception as error:  # no file, no context, no YAML
        give_up(f"no usable kubeconfig, set KUBECONFIG to one: {error}")
    core = client.CoreV1Api()
    said = {
        "version": ask(client.VersionApi().get_code),
        "API groups": ask(client.ApisApi().get_api_versions),
        "nodes": ask(core.list_node, limit=500),
        "kubeadm-config": ask(
            core.read_namespaced_config_map, "kubeadm-config", "kube-system"
        ),
    }
    missing = sum(isinstance(answer, str) for answer in said.values())
    print(f"{len(said) - missing} of {len(said)} questions answered")
    #> 4 of 4 questions answered
    answer, evidence = which(said)
    # This differs from cluster to cluster. The page shows it for two of them.
    sys.stdout.write(f"{answer}\n")
    for fact, system, others in evidence:
        says = f"speaks against {', '.join(others.split())}" if others else "is no help"
        says = f"points to {system}" if system else says
        sys.stdout.write(f"  {fact}: {says}\n")

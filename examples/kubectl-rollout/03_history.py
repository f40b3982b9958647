# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""List a Deployment's revisions, as `kubectl rollout history` does."""

from kubernetes import client, config

NAMESPACE = "overview-kubectl-rollout"
REVISION = "deployment.kubernetes.io/revision"
CHANGE_CAUSE = "kubernetes.io/change-cause"


def revisions(
    apps: client.AppsV1Api, deployment: client.V1Deployment
) -> dict[int, client.V1ReplicaSet]:
    """Return the ReplicaSet of each revision of a Deployment, oldest first."""
    found = {}
    namespace = deployment.metadata.namespace
    for each in apps.list_namespaced_replica_set(namespace, _request_timeout=10).items:
        for owner in each.metadata.owner_references or []:
            # By uid: labels may be shared, and a name may have been used before.
            if owner.controller and owner.uid == deployment.metadata.uid:
                found[int((each.metadata.annotations or {}).get(REVISION, 0))] = each
    return dict(sorted(found.items()))


def rollout_history(apps: client.AppsV1Api, deployment: client.V1Deployment) -> str:
    """Return the table which kubectl prints below the Deployment's name."""
    found = revisions(apps, deployment)
    if not found:
        return "No rollout history found."
    lines = ["REVISION  CHANGE-CAUSE"]
    for revision, replica_set in found.items():
        annotations = replica_set.metadata.annotations or {}
        lines.append(f"{revision:<10}{annotations.get(CHANGE_CAUSE) or '<none>'}")
    return "\n".join(lines)


if __name__ == "__main__":
    config.load_kube_config()
    apps = client.AppsV1Api()

    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    for line in rollout_history(apps, web).splitlines():
        print(line)
        #> REVISION  CHANGE-CAUSE
        #> 1         first version
        #> 2         first version

    for revision, replica_set in revisions(apps, web).items():
        server = replica_set.spec.template.spec.containers[0]
        env = {each.name: each.value for each in server.env or []}
        print(f"{revision}: {env}, {replica_set.spec.replicas} Pods asked for")
        #> 1: {}, 0 Pods asked for
        #> 2: {'GREETING': 'hello'}, 3 Pods asked for

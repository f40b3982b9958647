# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Give a Deployment's Pods their settings, then change the settings under them."""

import time

from kubernetes import client, config

NAMESPACE = "overview-configuration"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()

container = client.V1Container(
    name="server",
    image="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    args=["netexec", "--http-port=8080"],
    resources=client.V1ResourceRequirements(requests={"cpu": "10m", "memory": "32Mi"}),
    readiness_probe=client.V1Probe(
        http_get=client.V1HTTPGetAction(path="/healthz", port=8080), period_seconds=1
    ),
    # All keys as environment variables, each under its own name.
    env_from=[
        client.V1EnvFromSource(
            config_map_ref=client.V1ConfigMapEnvSource(name="settings")
        )
    ],
    env=[
        # One key, under a name of our choice.
        client.V1EnvVar(
            name="LOGIN_PASSWORD",
            value_from=client.V1EnvVarSource(
                secret_key_ref=client.V1SecretKeySelector(name="login", key="PASSWORD")
            ),
        ),
        # One that may be missing: without optional, the container would not start.
        client.V1EnvVar(
            name="LANGUAGE",
            value_from=client.V1EnvVarSource(
                config_map_key_ref=client.V1ConfigMapKeySelector(
                    name="settings", key="LANGUAGE", optional=True
                )
            ),
        ),
    ],
    # All keys as files.
    volume_mounts=[client.V1VolumeMount(name="settings", mount_path="/etc/settings")],
)
volume = client.V1Volume(
    name="settings", config_map=client.V1ConfigMapVolumeSource(name="settings")
)
labels = {"app": "web"}
deployment = client.V1Deployment(
    metadata=client.V1ObjectMeta(name="web"),
    spec=client.V1DeploymentSpec(
        replicas=2,
        selector=client.V1LabelSelector(match_labels=labels),
        template=client.V1PodTemplateSpec(
            metadata=client.V1ObjectMeta(labels=labels),
            spec=client.V1PodSpec(containers=[container], volumes=[volume]),
        ),
    ),
)


def wait_until_available(name: str, seconds: float) -> client.V1Deployment:
    """Return the Deployment once all of its replicas are available."""
    deadline = time.monotonic() + seconds
    while True:
        now = apps.read_namespaced_deployment(name, NAMESPACE, _request_timeout=10)
        available = now.status.available_replicas or 0
        if available == now.spec.replicas:
            return now
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name}, after {seconds} s: {available} available")
        time.sleep(0.2)


def pods() -> dict[str, client.V1Pod]:
    """List the Pods of "web" that are not being deleted, by their UID."""
    found = core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items
    return {p.metadata.uid: p for p in found if not p.metadata.deletion_timestamp}


apps.create_namespaced_deployment(NAMESPACE, deployment, _request_timeout=30)
before = wait_until_available("web", seconds=120)
pods_before = pods()
spec = min(pods_before.values(), key=lambda pod: pod.metadata.name).spec
[from_secret, _] = spec.containers[0].env
where = from_secret.value_from.secret_key_ref
print(f"{from_secret.name}: key {where.key} of the Secret {where.name}")
#> LOGIN_PASSWORD: key PASSWORD of the Secret login
print(f"the values stand in the Pod: {'green' in str(spec)}")
#> the values stand in the Pod: False

# What each Pod gets without asking: a token, in a volume that is a projection.
[token] = [
    source.service_account_token
    for each in spec.volumes
    if each.projected
    for source in each.projected.sources
    if source.service_account_token
]
print(f"a token of its ServiceAccount, for {token.expiration_seconds} s")
#> a token of its ServiceAccount, for 3607 s

core.patch_namespaced_config_map(
    "settings", NAMESPACE, {"data": {"COLOUR": "blue"}}, _request_timeout=30
)
time.sleep(3)  # nothing is expected to happen, and that takes a moment to see
after = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
grown = after.metadata.generation - before.metadata.generation
same = pods().keys() == pods_before.keys()
print(f"settings changed: generation +{grown}, the same Pods: {same}")
#> settings changed: generation +0, the same Pods: True

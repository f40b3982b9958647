# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Take image names apart, and ask the API server when each would be pulled."""

from kubernetes import client, config

NAMESPACE = "overview-runtimes"
DIGEST = "sha256:" + 64 * "0"

config.load_kube_config()
core = client.CoreV1Api()


def full_name(image: str) -> str:
    """Return an image's name with the parts that may be left out."""
    rest, at, digest = image.partition("@")
    path, colon, tag = rest.rpartition(":")
    if "/" in tag or not colon:  # that colon was before a port, or is not there
        path, tag = rest, ""
    first, slash, _ = path.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        path = f"docker.io/{path}"  # the first part is no host
    if path.startswith("docker.io/") and path.count("/") == 1:
        path = path.replace("/", "/library/")  # nor is there a user
    if not tag and not digest:
        tag = "latest"
    return path + (f":{tag}" if tag else "") + at + digest


def pull_policy(image: str) -> str:
    """Return the policy that the API server fills in; the Pod is not stored."""
    container = client.V1Container(name="main", image=image)
    pod = client.V1Pod(
        metadata=client.V1ObjectMeta(name="never-stored"),
        spec=client.V1PodSpec(containers=[container]),
    )
    filled_in = core.create_namespaced_pod(
        NAMESPACE, pod, dry_run="All", _request_timeout=30
    )
    return filled_in.spec.containers[0].image_pull_policy


for image in [
    "busybox",
    "busybox:1.37",
    "example/web",
    "registry.k8s.io/pause:3.10",
    "localhost:5000/team/app",
    f"registry.k8s.io/pause@{DIGEST}",
    f"registry.k8s.io/pause:3.10@{DIGEST}",
]:
    name = full_name(image).replace(DIGEST, "sha256:...")
    print(f"{name}: {pull_policy(image)}")
    #> docker.io/library/busybox:latest: Always
    #> docker.io/library/busybox:1.37: IfNotPresent
    #> docker.io/example/web:latest: Always
    #> registry.k8s.io/pause:3.10: IfNotPresent
    #> localhost:5000/team/app:latest: Always
    #> registry.k8s.io/pause@sha256:...: IfNotPresent
    #> registry.k8s.io/pause:3.10@sha256:...: IfNotPresent

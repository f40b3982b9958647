# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Ask the API server who it takes you for, and all that you may do."""

from kubernetes import client, config

NAMESPACE = "overview-connect"

# What every identity may do: ask such questions as these, and read the public CAs.
OF_EVERYBODY = {
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
}

config.load_kube_config()

review = client.AuthenticationV1Api().create_self_subject_review(
    {}, _request_timeout=30
)
me = review.status.user_info
print(me.username)
#> system:serviceaccount:overview-connect:connect
for group in me.groups:
    print(f"in {group}")
    #> in system:serviceaccounts
    #> in system:serviceaccounts:overview-connect
    #> in system:authenticated

review = client.AuthorizationV1Api().create_self_subject_rules_review(
    {"spec": {"namespace": NAMESPACE}}, _request_timeout=30
)
may = [
    f"{verb} {resource}{f' named {name}' if name else ''}"
    for rule in review.status.resource_rules
    if not OF_EVERYBODY & set(rule.api_groups)
    for verb in rule.verbs
    for resource in rule.resources
    for name in rule.resource_names or [""]
]
for right in sorted(may):
    print(right)
    #> create configmaps
    #> create secrets
    #> create serviceaccounts/token named connect
    #> delete secrets named session-1
    #> delete secrets named session-2
    #> deletecollection configmaps
    #> list configmaps
    #> watch configmaps
print(f"is that all? {'no' if review.status.incomplete else 'yes'}")
#> is that all? yes

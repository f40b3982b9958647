"""A throwaway Kubernetes cluster: `sandbox up`, `sandbox down`."""

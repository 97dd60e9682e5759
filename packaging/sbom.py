"""What an image is made of, as SPDX 2.3 JSON: Debian's packages by their files, npm's by the web client's lock."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

WEB = Path(__file__).resolve().parents[1] / "web"


def _ask(*words):
    """What dpkg says, also when it does not know some of the names."""
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60).stdout


def _debian(files):
    """{package: (version, source)} of those that own the files."""
    # dpkg knows some by /lib, which is a link to /usr/lib.
    paths = {path for file in files for path in (str(file), str(file).removeprefix("/usr"))}
    owners = {line.split(": ")[0].split(",")[0] for line in _ask("dpkg-query", "-S", *sorted(paths)).splitlines()}
    shown = _ask("dpkg-query", "-W", "-f=${Package}\\t${Version}\\t${source:Package}\\n", *sorted(owners))
    return {name: (version, source)
            for name, version, source in (line.split("\t") for line in shown.splitlines())}


def _npm():
    """Packages that end up in the web client: those that are no tools of its build."""
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    return {path.rpartition("node_modules/")[2]: entry["version"]
            for path, entry in lock["packages"].items() if path and not entry.get("dev")}


def _package(name, version, purl, **more):
    spdx_id = "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", f"{purl.split('/')[0][4:]}-{name}")
    return {"SPDXID": spdx_id, "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
            "copyrightText": "NOASSERTION",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": purl}], **more}


def spdx(version, files):
    """`files`: {path in the image: file here}."""
    ours = _package("respring", version, f"pkg:generic/respring@{version}", licenseDeclared="Apache-2.0")
    others = [_package(name, found, f"pkg:deb/debian/{name}@{found}?distro=bookworm", sourceInfo=f"source: {source}")
              for name, (found, source) in sorted(_debian(files.values()).items())]
    others += [_package(name, found, f"pkg:npm/{name.replace('@', '%40')}@{found}")
               for name, found in sorted(_npm().items())]
    body = json.dumps([ours, others], sort_keys=True).encode()
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": f"respring-{version}",
            "documentNamespace": f"https://respring.invalid/sbom/{hashlib.sha256(body).hexdigest()}",
            # Fixed: the same inputs give the same bytes.
            "creationInfo": {"created": "1970-01-01T00:00:00Z", "creators": ["Tool: packaging/image.py"]},
            "packages": [ours, *others],
            "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                               "relatedSpdxElement": ours["SPDXID"]}] +
                             [{"spdxElementId": ours["SPDXID"], "relationshipType": "CONTAINS",
                               "relatedSpdxElement": other["SPDXID"]} for other in others]}

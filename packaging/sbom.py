"""What an image is made of, as SPDX 2.3 JSON: Debian's packages by their files, those that are compiled in by their
headers, npm's by the web client's lock."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

# What packages make when they are installed belongs to none by dpkg.
MADE_BY = {"/etc/ssl/certs/ca-certificates.crt": "ca-certificates"}
WEB = Path(__file__).resolve().parents[1] / "web"


def _ask(*words):
    """What dpkg says, also when it does not know some of the names."""
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60).stdout


def owners(files):
    """{file: package} of files of this machine; who owns none has no key."""
    # dpkg knows some by /lib, which is a link to /usr/lib, and some by the name that a link leads to.
    names = {file: {form for path in {str(file), str(Path(file).resolve())}
                    for form in (path, path.removeprefix("/usr"))} for file in files}
    asked = sorted(set().union(*names.values()))
    owned = {}
    for line in _ask("dpkg-query", "-S", *asked).splitlines():
        package, _, path = line.rpartition(": ")
        owned[path] = package.split(",")[0].split(":")[0]
    found = {file: next((owned[form] for form in sorted(forms) if form in owned), MADE_BY.get(str(file)))
             for file, forms in names.items()}
    return {file: package for file, package in found.items() if package}


def _debian(files):
    """{package: (version, source)} of those that own the files; a file of nobody is an error."""
    known = owners(files)
    if foreign := sorted(str(file) for file in set(files) - set(known)):
        raise ValueError(f"no package owns {', '.join(foreign)}")
    shown = _ask("dpkg-query", "-W", "-f=${Package}\\t${Version}\\t${source:Package}\\n", *sorted(set(known.values())))
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


def _debian_packages(files):
    return [_package(name, found, f"pkg:deb/debian/{name}@{found}?distro=bookworm", sourceInfo=f"source: {source}")
            for name, (found, source) in sorted(_debian(files).items())]


def spdx(version, files, compiled):
    """`files`: those of others in the image, as they lie here; `compiled`: those whose content is in the binary."""
    ours = _package("respring", version, f"pkg:generic/respring@{version}", licenseDeclared="Apache-2.0")
    beside = _debian_packages(files)
    beside += [_package(name, found, f"pkg:npm/{name.replace('@', '%40')}@{found}")
               for name, found in sorted(_npm().items())]
    within = [part for part in _debian_packages(compiled) if part not in beside]
    others = [("CONTAINS", part) for part in beside] + [("STATIC_LINK", part) for part in within]
    body = json.dumps([ours, others], sort_keys=True).encode()
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": f"respring-{version}",
            "documentNamespace": f"https://respring.invalid/sbom/{hashlib.sha256(body).hexdigest()}",
            # Fixed: the same inputs give the same bytes.
            "creationInfo": {"created": "1970-01-01T00:00:00Z", "creators": ["Tool: packaging/image.py"]},
            "packages": [ours, *(part for _, part in others)],
            "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                               "relatedSpdxElement": ours["SPDXID"]}] +
                             [{"spdxElementId": ours["SPDXID"], "relationshipType": how,
                               "relatedSpdxElement": part["SPDXID"]} for how, part in others]}

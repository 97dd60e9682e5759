#!/usr/bin/env python3
"""An OCI image of the binary, without a container engine: the binary, the libraries it loads, certificates,
a user, and nothing else; no shell. The same binary and libraries give the same bytes. Beside it: its parts as SPDX JSON.

    packaging/image.py --binary build/release/respring --out build/image
    skopeo copy oci:build/image:respring docker://registry.example.org/respring:0.1.0
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from compiled import compiled_in
from sbom import spdx

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
OURS = "usr/bin/respring"
USER = 10001
# By the machine in the header of an ELF file, as OCI images (Go's GOARCH) name them.
ARCHITECTURES = {0x3E: "amd64", 0xB7: "arm64", 0xF3: "riscv64", 0x15: "ppc64le", 0x16: "s390x"}


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=120,
                          env={**os.environ, "LC_ALL": "C"}).stdout


def architecture(binary):
    """Of the machines that the binary runs on."""
    header = binary.read_bytes()[:20]
    order = {1: "little", 2: "big"}.get(header[5] if len(header) == 20 else 0)
    name = ARCHITECTURES.get(int.from_bytes(header[18:20], order)) if order and header[:4] == b"\x7fELF" else None
    if name is None:
        sys.exit(f"image: {binary} is for no machine that is known here")
    return name


def libraries(binary):
    """{path in the image: file here} of everything the loader opens, itself included."""
    found = {}
    for line in run("ldd", str(binary)).splitlines():
        match = re.search(r"(?:=> )?(/\S+) \(0x", line)
        if match:
            found[match[1].lstrip("/")] = Path(match[1]).resolve()
        elif "not found" in line:
            sys.exit(f"image: {line.strip()}")
    return found


def opened_later(found):
    """What libraries load by name while they run: how MySQL wants passwords to be sent."""
    for name, file in list(found.items()):
        if "libmariadb.so" in name:
            for plugin in sorted((file.parent / "libmariadb3/plugin").glob("*.so")):
                found.update(libraries(plugin))
                found[f"{Path(name).parent}/libmariadb3/plugin/{plugin.name}"] = plugin
    return found


def stripped(binary, folder):
    out = folder / "respring"
    run("strip", "--strip-debug", "-o", str(out), str(binary))
    return out


def layer(files, texts, folders):
    """A tar, sorted, owned by root, without times."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        names = {**dict.fromkeys(folders), **files, **texts}
        parents = {str(p) for name in names for p in Path(name).parents if str(p) != "."} | set(folders)
        for name in sorted(parents | set(names)):
            info = tarfile.TarInfo(name)
            if name in parents:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                info.uid = info.gid = USER if name in folders else 0
                tar.addfile(info)
                continue
            data = files[name].read_bytes() if name in files else texts[name].encode()
            info.size = len(data)
            info.mode = 0o755 if name in files and os.access(files[name], os.X_OK) else 0o644
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Layout:
    """A folder as the OCI image layout has it: blobs by their digest."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "blobs/sha256").mkdir(parents=True, exist_ok=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def blob(self, data, kind):
        digest = hashlib.sha256(data).hexdigest()
        (self.folder / "blobs/sha256" / digest).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}",
                "size": len(data)}


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def build(binary, version, out):
    with tempfile.TemporaryDirectory() as scratch:
        files = {OURS: stripped(binary, Path(scratch)), **opened_later(libraries(binary)),
                 str(CERTIFICATES).lstrip("/"): CERTIFICATES}
        texts = {"etc/passwd": f"respring:x:{USER}:{USER}::/var/lib/respring:/nonexistent\n",
                 "etc/group": f"respring:x:{USER}:\n",
                 "etc/nsswitch.conf": "hosts: files dns\n"}
        plain = layer(files, texts, {"var/lib/respring", "tmp"})
    layout = Layout(out)
    # No time and no name in the header: the same layer gives the same bytes.
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, compresslevel=6) as file:
        file.write(plain)
    stored = layout.blob(packed.getvalue(), "layer.v1.tar+gzip")
    config = {"architecture": architecture(binary), "os": "linux",
              "config": {"User": f"{USER}:{USER}", "Entrypoint": ["/usr/bin/respring"], "Cmd": ["serve"],
                         "WorkingDir": "/var/lib/respring", "StopSignal": "SIGTERM",
                         "ExposedPorts": {"8080/tcp": {}, "9090/tcp": {}},
                         "Labels": {"org.opencontainers.image.title": "respring",
                                    "org.opencontainers.image.version": version,
                                    "org.opencontainers.image.licenses": "Apache-2.0"}},
              "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(plain).hexdigest()}"]}}
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": layout.blob(as_json(config), "config.v1+json"), "layers": [stored]}
    entry = layout.blob(as_json(manifest), "manifest.v1+json")
    entry["annotations"] = {"org.opencontainers.image.ref.name": "respring"}
    (out / "index.json").write_bytes(as_json({"schemaVersion": 2, "manifests": [entry]}))
    return {file for name, file in files.items() if name != OURS}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    args = parser.parse_args()
    version = json.loads(run(str(args.binary.resolve()), "version", "--json"))["version"]
    files = build(args.binary.resolve(), version, args.out)
    parts = Path(f"{args.out}.spdx.json")
    try:
        listed = spdx(version, files, compiled_in(args.binary.resolve()))
    except ValueError as wrong:
        sys.exit(f"image: {wrong}")
    parts.write_bytes(json.dumps(listed, indent=1, sort_keys=True).encode() + b"\n")
    size = sum(f.stat().st_size for f in (args.out / "blobs/sha256").iterdir())
    print(f"{args.out}: {size / 1e6:.1f} MB; {parts}")


if __name__ == "__main__":
    main()

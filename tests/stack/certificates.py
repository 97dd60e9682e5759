"""A certificate authority for tests, a certificate for 127.0.0.1, and an authority nobody knows."""

from stack.places import cached
from stack.process import run

NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost"


def folder():
    """ca.pem, server.pem, server.key; other-ca.pem has signed nothing here."""
    return cached("certificates-1", _make)


def _make(target):
    for name in ("ca", "other-ca"):
        run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650",
             "-subj", f"/CN=respring test {name}", "-keyout", target / f"{name}.key",
             "-out", target / f"{name}.pem"], "making certificates")
    run(["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
         "-keyout", target / "server.key", "-out", target / "server.csr"], "making certificates")
    (target / "names").write_text(NAMES + "\n", "ascii")
    run(["openssl", "x509", "-req", "-in", target / "server.csr", "-days", "3650",
         "-CA", target / "ca.pem", "-CAkey", target / "ca.key", "-CAcreateserial",
         "-extfile", target / "names", "-out", target / "server.pem"], "making certificates")
    (target / "server.key").chmod(0o600)

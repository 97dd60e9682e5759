"""S3: versitygw over a folder, with one bucket. Go builds it, so it is not part of `all`."""

import contextlib
import http.client
import socket
import sys
from pathlib import Path

from stack import certificates
from stack.process import Server

sys.path.append(str(Path(__file__).resolve().parents[1] / "ops"))
import gotools  # noqa: E402

BUCKET = "respring-test"
ACCESS_KEY = "respring"
SECRET_KEY = "the-secret-of-tests-0123456789"


class S3(Server):
    scheme = "http"

    def install(self):
        gotools.versitygw()

    def prepare(self):
        (self.folder / "buckets" / BUCKET).mkdir(parents=True, exist_ok=True)

    def command(self):
        return [gotools.versitygw(), "--port", f"127.0.0.1:{self.port}", "--access", ACCESS_KEY,
                "--secret", SECRET_KEY, "--region", "us-east-1", "--quiet", "--keep-alive", *self.options(),
                "posix", self.folder / "buckets"]

    def options(self):
        return []

    def answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            return connection.getresponse().status == 403  # it wants a key

    def endpoint(self):
        return {"url": f"{self.scheme}://127.0.0.1:{self.port}", "bucket": BUCKET,
                "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}


class S3Tls(S3):
    """With a certificate of an authority that this machine does not know."""

    scheme = "https"

    def options(self):
        keys = certificates.folder()
        return ["--cert", keys / "server.pem", "--key", keys / "server.key"]

    def answers(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5):
            return True

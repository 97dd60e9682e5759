"""The archive with every role in a process of its own, on MySQL, and blobs in a real bucket."""

import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "integration")]
import cli_archive_test  # noqa: E402
from support import apart  # noqa: E402
from support.cli import Operator  # noqa: E402
from stack.s3 import BUCKET, S3  # noqa: E402  (support.apart put tests/ on the path)


class InABucket(cli_archive_test.Archive):
    @classmethod
    def setUpClass(cls):
        folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.bucket = cls.enterClassContext(S3(folder / "s3"))
        at = cls.bucket.endpoint()
        secret = folder / "secret"
        secret.write_text(at["secret_key"] + "\n", "utf-8")
        secret.chmod(0o600)
        cls.settings = {"blobs": f"s3://{BUCKET}?endpoint={at['url']}",
                        "blobs_access_key": at["access_key"], "blobs_secret_key_file": str(secret)}

    def begin(self):
        for left in self.blobs().rglob("*.zst"):
            left.unlink()
        server = apart.Server(self.settings)
        server.start()
        words = ["--config", str(server.folder / "respring.yaml")]
        for key, value in self.settings.items():
            words += ["--set", f"{key}={value}"]
        return server, Operator(server.data, *words)

    def blobs(self):
        return self.bucket.folder / "buckets" / BUCKET

    def messages(self):
        servers = self.server.servers
        return sum(int(servers.server_of(shard).execute("SELECT COUNT(*) FROM message",
                                                        f"{servers.name}_{shard}"))
                   for shard in ("shard_0", "shard_1"))

    def meet_an_older_program(self):
        servers = self.server.servers
        now = str(time.time_ns() // 1_000_000)
        servers.server_of("shard_1").execute(cli_archive_test.OLDER.replace("?", now),
                                             f"{servers.name}_shard_1")

    def build_the_index(self):
        made = self.operator("search", "reindex", "--fresh", timeout=120)
        self.assertEqual(made.code, 0, made)

    def test_while_the_bucket_is_away_everything_new_goes_on(self):
        self.archived()
        self.server.stop()
        self.server.settings["blobs"] = f"s3://{BUCKET}?endpoint=http://127.0.0.1:1"
        self.server.start()
        newest = self.jiwoo.get(f"/v1/rooms/{self.room}/messages", limit=5)
        self.assertEqual(newest.status, 200, newest)
        older = self.jiwoo.get(f"/v1/rooms/{self.room}/messages", after=1, limit=5)
        self.assertEqual((older.status, older.code), (502, "upstream_unavailable"), older)
        refused = self.minsu.edit(self.room, self.sent[2], "지금은 안 됩니다")
        self.assertEqual((refused.status, refused.code), (503, "overloaded"), refused)
        self.minsu.send(self.room, "새 편지는 갑니다")


if __name__ == "__main__":
    unittest.main()

"""Real servers for tests on this machine's loopback; see README.md."""

"""A TCP proxy that misbehaves as it is told; see README.md."""

from proxy.proxy import Proxy

__all__ = ["Proxy"]

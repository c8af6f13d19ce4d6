"""Fixtures of the tests that open sockets."""

from .certificates import certificates as certificates

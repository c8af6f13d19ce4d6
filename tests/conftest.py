"""
Names the plug-ins that tests share.
"""

pytest_plugins = [
    "tests.support.requirements",
    "tests.support.servers",
    "tests.support.fetched",
    "tests.support.known_gaps",
]

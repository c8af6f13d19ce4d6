"""
Names the plug-ins that tests share, and from where property tests start.
"""

import os

from hypothesis import settings

pytest_plugins = [
    "tests.support.requirements",
    "tests.support.servers",
    "tests.support.fetched",
    "tests.support.known_gaps",
    "tests.support.pymongos_sockets",
    "tests.support.modules",
    "tests.support.shares",
    "tests.support.told",
]

# The same examples at each run: what fails is the change's doing, and stays until it is
# mended. To search for more: HYPOTHESIS_PROFILE=search, and MONGOLANE_EXAMPLES=2000.
settings.register_profile("same", derandomize=True)
settings.register_profile("search")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

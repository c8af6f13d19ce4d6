"""
Builds what ``real_server.py`` runs: one folder to chroot into.

PostgreSQL 18 with the DocumentDB extension comes from the distribution's packages, by
debootstrap, so that nothing is installed on the machine itself. FerretDB, which speaks
MongoDB's protocol in front of it, comes from the Go modules. Both registries are the
ones this machine is set up for.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path

import cache
from cache import ToolError, say

FERRETDB = "github.com/FerretDB/FerretDB/v2/cmd/ferretdb"
FERRETDB_VERSION = "v2.7.0"
SUITE = "forky"
PACKAGES = ("postgresql-18", "postgresql-18-documentdb")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def home() -> Path:
    """
    The server's part of the cache.
    """
    return cache.cache_dir() / "real-server"


def root_dir() -> Path:
    """
    The folder to chroot into, named by what is in it so that an old one isn't reused.
    """
    return home() / "-".join([SUITE, *PACKAGES, "ferretdb", FERRETDB_VERSION])


def build() -> Path:
    """
    Give the folder, making it first if it isn't there yet.
    """
    if not root_dir().exists():
        check_host()
        cache.made_once(root_dir(), build_root)
    return root_dir()


def check_host() -> None:
    """
    Refuse at once where a build can't end well.
    """
    if sys.platform != "linux":
        raise ToolError("the real server needs Linux, because it lives in a chroot")
    if os.geteuid() != 0:
        raise ToolError("the real server needs root, for its chroot; try sudo -E")
    cache.need("unshare", "it is part of util-linux")
    cache.need("go", "FerretDB is built by it; 1.24 or newer")


def build_root(folder: Path) -> None:
    """
    Fill a folder with both parts.
    """
    gateway = cache.made_once(home() / f"ferretdb-{FERRETDB_VERSION}", build_ferretdb)
    install_debootstrap()
    say("building PostgreSQL 18 with DocumentDB; this takes about a minute ...")
    # Its own mount namespace: what is mounted goes away with the process, even when
    # that is killed, and never stands in the way of removing the folder.
    command = ["unshare", "--mount", "--propagation", "private", "debootstrap"]
    command += ["--variant=minbase", f"--include={','.join(PACKAGES)}"]
    command += [f"--keyring={KEYRING}"] if KEYRING.exists() else ["--no-check-gpg"]
    command += [SUITE, str(folder), mirror(), "/usr/share/debootstrap/scripts/sid"]
    cache.run(command, log=home() / "log" / "debootstrap.log")
    shutil.rmtree(folder / "var/cache/apt", ignore_errors=True)
    shutil.copy2(gateway / "ferretdb", folder / "usr/local/bin/ferretdb")


def build_ferretdb(folder: Path) -> None:
    """
    Let Go build the gateway, as a static program that runs in any chroot.
    """
    say(f"building FerretDB {FERRETDB_VERSION}; this takes about a minute ...")
    cache.run(
        ["go", "install", f"{FERRETDB}@{FERRETDB_VERSION}"],
        env={"GOBIN": str(folder), "CGO_ENABLED": "0"},
        cwd=folder,
        log=home() / "log" / "go-install.log",
    )


def install_debootstrap() -> None:
    """
    Get debootstrap from the distribution, unless it's there.
    """
    if shutil.which("debootstrap"):
        return
    cache.need("apt-get", "debootstrap is missing and is installed by it")
    install = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "install", "-y"]
    install += ["--no-install-recommends", "debootstrap"]
    try:
        cache.run(install, env=QUIET)
    except ToolError:
        # A new machine has no package lists yet, an old one has stale ones. A foreign
        # source that can't be reached fails the update but not the install.
        with contextlib.suppress(ToolError):
            cache.run(["apt-get", "update"], env=QUIET)
        cache.run(install, env=QUIET)


def mirror() -> str:
    """
    The archive this machine itself uses, from its apt sources.
    """
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    targets = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
    for line in cache.run(targets).splitlines():
        uri, release, component = line.split()
        archive = uri.rstrip("/")
        # The main archive's address ends in the distribution's name; security, updates
        # and foreign sources have another address or a suffix on the release.
        if component == "main" and archive.endswith("/debian") and "-" not in release:
            return archive
    raise ToolError("no Debian archive among this machine's apt sources")

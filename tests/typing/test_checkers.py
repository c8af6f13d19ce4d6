"""Type checkers know the results, without a plugin."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RIGHT = sorted(file.name for file in HERE.glob("right_*.py"))
WRONG = sorted(file.name for file in HERE.glob("wrong_*.py"))


@pytest.fixture(scope="session")
def mypy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[int, str]]:
    """What mypy --strict says of the samples: messages by file and line."""
    pytest.importorskip("mypy")
    cache = tmp_path_factory.mktemp("mypy")
    options = ["--strict", "--no-error-summary", f"--cache-dir={cache}"]
    modules = [f"tests.typing.{name.removesuffix('.py')}" for name in (*RIGHT, *WRONG)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--config-file=", "--no-color-output",
         *(part for module in modules for part in ("-p", module))],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"MYPYPATH": str(ROOT / "python"), "PATH": ""},
        check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr
    said: dict[str, dict[int, str]] = {}
    for row in done.stdout.splitlines():
        file, line, _, message = [*row.split(":", 3), "", "", ""][:4]
        if line.isdigit() and "note:" not in message[:6]:
            said.setdefault(Path(file).name, {})[int(line)] = message
    return said


@pytest.fixture(scope="session")
def pyright(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[int, str]]:
    """What pyright, strict, says of the samples: messages by file and line."""
    program = shutil.which("pyright", path=Path(sys.executable).parent)
    program = program or shutil.which("pyright")
    if program is None:
        pytest.skip("no pyright: it comes with the lint extra")
    folder = tmp_path_factory.mktemp("pyright")
    for name in (*RIGHT, *WRONG):
        shutil.copy(HERE / name, folder)
    config = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT / "python")]}
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    done = subprocess.run(
        [program, "--outputjson", "--pythonpath", sys.executable],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    said: dict[str, dict[int, str]] = {}
    for one in json.loads(done.stdout)["generalDiagnostics"]:
        if one["severity"] == "error":
            line = one["range"]["start"]["line"] + 1
            said.setdefault(Path(one["file"]).name, {})[line] = one["message"]
    return said


def marked(file: str) -> set[int]:
    """The lines of a file that are marked as wrong."""
    lines = (HERE / file).read_text().splitlines()
    return {number for number, line in enumerate(lines, 1) if "# wrong" in line}


@pytest.mark.parametrize("file", RIGHT)
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_right_programs_pass(
    checker: str, file: str, request: pytest.FixtureRequest
) -> None:
    """A right program passes strictly, with no ignore in it."""
    said = request.getfixturevalue(checker)

    assert said.get(file, {}) == {}
    assert "type: ignore" not in (HERE / file).read_text()


@pytest.mark.parametrize("file", RIGHT)
def test_right_programs_run(file: str) -> None:
    """What the checkers pass does what it says, without a warning."""
    module = f"tests.typing.{file.removesuffix('.py')}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", module],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("file", WRONG)
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_wrong_lines_are_found(
    checker: str, file: str, request: pytest.FixtureRequest
) -> None:
    """Each wrong line is complained about, and no other."""
    said = request.getfixturevalue(checker)

    assert marked(file) == set(said.get(file, {}))


def test_every_public_type_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing public is left to a checker's guess."""
    program = shutil.which("pyright", path=Path(sys.executable).parent)
    program = program or shutil.which("pyright")
    if program is None:
        pytest.skip("no pyright: it comes with the lint extra")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "python"))
    # It asks the first Python on the PATH where pydantic and bson are.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    done = subprocess.run(
        [program, "--verifytypes", "mongolane", "--ignoreexternal", "--outputjson"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    found = json.loads(done.stdout)["typeCompleteness"]
    # Where it begins; the types of others are unknown since these are.
    unknown = {
        (Path(why["file"]).name, why["range"]["start"]["line"] + 1)
        for one in found["symbols"]
        for why in one["diagnostics"]
        if re.search("missing type annotation|Ambiguous", why["message"])
    }

    assert unknown == set()
    assert found["completenessScore"] == 1


def test_stub_of_the_native_module_is_true() -> None:
    """``_native.pyi`` says what the native module has."""
    pytest.importorskip("mypy")
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "mongolane._native"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "python"), "PATH": ""},
        check=False,
    )

    assert done.returncode == 0, done.stdout

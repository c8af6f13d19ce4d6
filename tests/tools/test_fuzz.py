"""
How the fuzz targets are started.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz.run import PYTHON, RUST, command
from fuzz.seeds import dictionary, seeds

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("target", RUST)
def test_a_rust_target_is_given_its_seed_and_time(target: str) -> None:
    """
    Every option is a name with a number or a path, none twice; the corpus stands first.
    """
    program, corpus, *options = command(target, 60, 7)
    given = dict(option.split("=") for option in options)

    assert Path(program).name == Path(corpus).name == target
    assert (given["-seed"], given["-max_total_time"]) == ("7", "60")
    assert len(given) == len(options)
    assert all(value.isdigit() or "/" in value for value in given.values())


@pytest.mark.parametrize("target", PYTHON)
def test_a_python_target_is_given_its_seed_and_time(target: str) -> None:
    """
    Seconds, then the seed.
    """
    assert command(target, 60, 7)[1:] == ["-m", f"fuzz.{target}", "60", "7"]


@pytest.mark.parametrize("target", RUST)
def test_every_rust_target_has_something_to_begin_with(target: str) -> None:
    """
    Its source is there and declared, and it gets inputs and words.
    """
    assert (ROOT / "fuzz" / "fuzz_targets" / f"{target}.rs").is_file()
    assert f'name = "{target}"' in (ROOT / "fuzz" / "Cargo.toml").read_text()
    assert len(list(seeds(target))) > 10
    assert dictionary(target)

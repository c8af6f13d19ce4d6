"""The samples of every page run, and what they claim holds."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import mongolane
from mongolane import DataBase
from tests.docs.samples import Sample, run, samples

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_SAMPLES = [page for page in PAGES if "```python\n" in page.read_text()]


@pytest.fixture
def page_module(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module of the page's own, where its classes find their annotations."""
    before = set(sys.modules)
    module = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    yield module
    # Its classes go, or later tests would make their indexes.
    module.__dict__.clear()
    gc.collect()
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "motormongo":
            del sys.modules[name]


@pytest.mark.parametrize(
    "page", WITH_SAMPLES, ids=[str(page.relative_to(ROOT)) for page in WITH_SAMPLES]
)
async def test_samples_of_a_page_run(
    page: Path,
    page_module: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each block of a page runs after the one before it, connected to the engine."""
    monkeypatch.chdir(tmp_path)
    await DataBase.connect(uri="embedded://", db="page")
    found = list(samples(page))
    try:
        for sample in found:
            await run(sample, page_module.__dict__)
    finally:
        await DataBase.close()

    # What a block claims is raised by ``run``; that there are any is not.
    assert found


@pytest.mark.parametrize(
    "name",
    [
        "cli",
        "documents",
        "errors",
        "fastapi",
        "fields",
        "indexes",
        "migrating-from-motormongo",
        "queries",
        "reading-old-data",
        "reference",
        "testing",
        "types",
        "writes",
    ],
)
def test_every_page_is_there(name: str) -> None:
    """The guide has this page, the menu leads to it, and it has a heading."""
    page = ROOT / "docs" / f"{name}.md"

    assert page.read_text().startswith("# ")
    assert f"{name}.md" in (ROOT / "mkdocs.yml").read_text()


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("1 + 1  # -> 3", "is 2"),
        ("int('1')  # raises ValueError", "raises nothing"),
        ("int('x')  # raises KeyError", "raises ValueError"),
        ("print(1)  # prints 2", "line 1"),
        ("(1 +  # -> 2\n 1)", "no statement's end"),
    ],
)
async def test_a_false_claim_is_noticed(code: str, complaint: str) -> None:
    """A sample that claims what is not so does not pass."""
    with pytest.raises(AssertionError, match=complaint):
        await run(Sample(Path("page.md"), code, True), {})


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(page: str) -> None:
    """Each relative link of a page outside the documentation names what is there."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text())

    # `make bench` writes the results.
    links = [link for link in links if not link.startswith("benchmarks/results/")]

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_public_name_is_in_the_reference() -> None:
    """What an application may import has its place on a page."""
    page = (ROOT / "docs" / "reference.md").read_text()
    shown = {name.rpartition(".")[2] for name in re.findall(r"^::: (\S+)$", page, re.M)}

    assert set(mongolane.__all__) - {"__version__"} - shown == set()

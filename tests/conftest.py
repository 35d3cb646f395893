"""Options and fixtures that several tests share."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from auditkit.wording import speak

settings.register_profile(
    "auditkit",
    max_examples=int(os.environ.get("HYPOTHESIS_MAX_EXAMPLES", "120")),
    deadline=None,
    derandomize="HYPOTHESIS_MAX_EXAMPLES" not in os.environ,
)
settings.load_profile("auditkit")

# What tests decide is kept in a log of their own, never in anybody's.
_folder = tempfile.mkdtemp(prefix="auditkit-log-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["AUDITKIT_LOG"] = f"{_folder}/annotations.sqlite"

collect_ignore = ["benchmarks"]
pytest_plugins = ["batches", "logs"]  # fixtures of the tests of batches and of the log
SAMPLES = Path(__file__).parent.parent / "data" / "samples"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forms", type=Path, help="folder of transcribed forms to measure reading on")
    words = "take as many kills, processes and files as a proof takes, and the tests marked long"
    parser.addoption("--long", action="store_true", help=words)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        left = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session")
def at_length(pytestconfig: pytest.Config) -> bool:
    """Whether ``--long`` asks for a proof: a test that repeats something then does so to the full.

    What is shown is the same either way; the docstrings of such modules say how much it is.
    """
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(scope="session")
def xinhong() -> Path:
    """The first sample: one form of one page."""
    return SAMPLES / "xinhong-2024" / "xinhong-2024.pdf"


@pytest.fixture(scope="session")
def disclosure() -> Path:
    """A disclosure of thirty pages with three forms in its middle."""
    return SAMPLES / "county-disclosure-2023" / "county-disclosure-2023.pdf"


@pytest.fixture(autouse=True)
def _no_test_leaves_its_language_to_the_next() -> Iterator[None]:
    yield
    speak()

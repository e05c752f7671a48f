"""Types carry axes, and tests check them: every linmech module is imported under jaxtyping and beartype."""

import os
from pathlib import Path

from jaxtyping import install_import_hook

os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
install_import_hook("linmech", "typecheck.check")

import pytest  # noqa: E402
import torch  # noqa: E402
from tqdm import tqdm  # noqa: E402

pytest_plugins = ["additive_world", "discs", "extracted", "finetuned", "layer_files", "objaverse_server"]  # fixtures
torch.set_num_threads(1)
tqdm.monitor_interval = 0  # no thread that may hold a lock while a test forks
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that takes minutes comes first, so that no worker waits for it at the end."""
    items.sort(key=lambda item: item.path.name != "test_pipeline.py")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The project's test data, `../shared/data`; skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not on this machine")
    return SHARED

"""Types carry axes, and tests check them: every linmech module is imported under jaxtyping and beartype."""

import os
from pathlib import Path

os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ |= {  # no threads, before numpy starts them: there is a worker for each core, and tests fork
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false",
}  # fmt: skip

from jaxtyping import install_import_hook

install_import_hook("linmech", "typecheck.check")

import pytest  # noqa: E402
import torch  # noqa: E402
from tqdm import tqdm  # noqa: E402

pytest_plugins = ["additive_world", "discs", "extracted", "finetuned", "layer_files", "objaverse_server"]  # fixtures
torch.set_num_threads(1)
tqdm.monitor_interval = 0  # no thread that may hold a lock while a test forks
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take minutes come first, so that no worker waits for one of them at the end."""
    items.sort(key=lambda item: (item.path.name != "test_pipeline.py", item.path.parent.name != "workflow"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The project's test data, `../shared/data`; skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not on this machine")
    return SHARED

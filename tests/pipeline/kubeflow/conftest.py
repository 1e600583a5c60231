"""The pipeline, compiled once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import kubeflow_runner
from pipeline.kubeflow.admission import Document, read_package
from tests.kubeflow_server import KubeflowServer

PROJECT = Path(__file__).parents[3]
CONFIG = """\
seed = 7
[kubeflow]
image = "registry.example.com/recommender:1"
cpu = "500m"
memory = "4Gi"
beam_args = ["--direct_num_workers=1"]
env = { OMP_NUM_THREADS = "2" }
secrets = { shop-db = { password = "PGPASSWORD" } }
volumes = { exports = "/mnt/exports" }
image_pull_secrets = ["registry"]
[kubeflow.tasks.trainer-retrieval]
memory_limit = "16Gi"
accelerators = 2
retries = 5
node_selector = { pool = "gpu" }
tolerations = [{ key = "nvidia.com/gpu", effect = "NoSchedule" }]
[kubeflow.tasks.transform]
cache = false
launcher_copies = false
beam_args = ["--runner=DataflowRunner"]
"""


WITH_REPORT = (
    CONFIG.replace("[kubeflow]\n", "[kubeflow]\nfinal_status = true\n").replace(
        'PGPASSWORD" } }', 'PGPASSWORD" }, chat = { url = "FINAL_STATUS_WEBHOOK" } }'
    )
    + """\
[kubeflow.tasks.final-status]
memory = "256M"
node_selector = { pool = "small" }
tolerations = [{ key = "spot" }]
"""
)


def compile_into(folder: Path, config: str) -> Path:
    """The file, as the command writes it."""
    (folder / "config.toml").write_text(config)
    words = ["compile", "--data", "postgresql://shop:secret@db/shop_{SPAN}", "--span", "17"]
    words += ["--schema", str(PROJECT / "schema" / "demo_shop.pbtxt"), "--config", str(folder / "config.toml")]
    words += ["--output", str(folder / "nightly.yaml")]
    assert kubeflow_runner.main(words, {}) == 0
    return folder / "nightly.yaml"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file."""
    return compile_into(tmp_path_factory.mktemp("compiled"), CONFIG)


@pytest.fixture
def documents(compiled: Path) -> tuple[Document, Document]:
    """Its two documents, a copy for each test."""
    return read_package(compiled)


@pytest.fixture(scope="session")
def with_report(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Document]:
    """The same with a report of how runs end, and a secret for it; not to be changed."""
    return read_package(compile_into(tmp_path_factory.mktemp("with_report"), WITH_REPORT))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[KubeflowServer]:
    """A server with state, and nothing of this machine's own clusters."""
    monkeypatch.setenv("HOME", str(tmp_path))
    started = KubeflowServer()
    yield started
    started.stop()

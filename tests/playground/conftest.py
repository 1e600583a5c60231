"""A root that tests of the page share; who changes it copies it."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("streamlit", reason="needs Streamlit: uv sync --group demo")


@pytest.fixture(scope="session")
def shop_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.playground.shop_root import make_root  # imports TensorFlow: only where it is needed

    return make_root(tmp_path_factory.mktemp("playground") / "root")

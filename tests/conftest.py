"""Settings for all tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.gadget_run import GadgetRun

# Read when TensorFlow is first imported, whichever test does that.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# No GPU has to be shared between the processes of a test run, and results are those of the CPU kernels.
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

# The same examples in every run, kept nowhere, and no time limit an example: the machine may be busy.
settings.register_profile("deterministic", derandomize=True, database=None, deadline=None, max_examples=50)
settings.load_profile("deterministic")


@pytest.fixture(scope="session")
def gadgets_run(tmp_path_factory: pytest.TempPathFactory) -> GadgetRun:
    """The pipeline over the gadget shop; see `tests.gadget_run`."""
    from tests.gadget_run import GadgetRun  # imports TFX: only where it is needed

    return GadgetRun(tmp_path_factory.mktemp("gadgets"))

"""The `[compute]` section of the configuration."""

from __future__ import annotations

import dataclasses
from typing import Literal


@dataclasses.dataclass(frozen=True)
class ComputeConfig:
    """How the two Trainers use the hardware.

    Attributes:
        precision: of matrix products; variables stay float32. "mixed_float16" is for GPUs with tensor cores, with the
            loss scaled; "mixed_bfloat16" for CPUs that have it.
        xla: whether XLA compiles the parts of the training step that it can. It does so on GPUs; on CPUs TensorFlow
            leaves them alone.
    """

    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = "float32"
    xla: bool = False

"""What a run is made of, fixed before the first component starts."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING

from components.gate.config import GateConfig
from components.gate.refresh_verdicts import RefreshConfig
from modules.monitoring_config import MonitoringConfig
from pipeline.config import PipelineConfig
from pipeline.kubeflow.config import KubeflowConfig

if TYPE_CHECKING:  # a runner looks at its flags before TensorFlow is imported
    from tfx.orchestration.data_types import RuntimeParameter


@dataclasses.dataclass(frozen=True)
class RunInputs:
    """Everything that decides what comes out of a run.

    Attributes:
        source: where the tables are, without passwords; or a parameter that is given when a run starts.
        fingerprint: of the tables' content; empty where it is not known before a run starts.
        schema_text: the annotated schema.
        rules_text: of the rules file; empty without one.
        slice_columns: columns that metrics are broken down by.
        code_version: digest of the source code.
        config: the configuration.
        span: which span of the source is read, or such a parameter; empty: the newest.
        late_seed: such a parameter, which takes the place of the configuration's seed.
    """

    source: str | RuntimeParameter
    fingerprint: str
    schema_text: str
    rules_text: str
    slice_columns: tuple[str, ...]
    code_version: str
    config: PipelineConfig
    span: str | RuntimeParameter = ""
    late_seed: RuntimeParameter | None = None

    @property
    def seed(self) -> int | RuntimeParameter:
        """Of every random choice."""
        return self.late_seed or self.config.seed

    def digest(self) -> str:
        """Hex digest that two runs share if, and only if, they make and measure the same models.

        The limits of the gates and of monitoring are left out: what they are held against does not depend on them. So
        is where it runs. Empty where that cannot be known before a run starts.
        """
        if not self.fingerprint:
            return ""
        parts = [self.fingerprint, self.schema_text, self.rules_text, self.slice_columns, self.code_version]
        config = dataclasses.replace(
            self.config,
            gate=GateConfig(),
            refresh=RefreshConfig(),
            monitoring=MonitoringConfig(),
            kubeflow=KubeflowConfig(),
        )
        return hashlib.sha256(json.dumps([*parts, config.digest()]).encode()).hexdigest()[:16]

    def schema_digest(self) -> str:
        """Hex digest of the schema: models of another one cannot be fed the same examples."""
        return hashlib.sha256(self.schema_text.encode()).hexdigest()[:16]


@dataclasses.dataclass(frozen=True)
class Destination:
    """Where a run publishes, and what it has to be at least as good as.

    Attributes:
        serving_root: folder or URL of what is published, or a parameter that is given when a run starts.
        store_id: tells that place from another one that was there before; empty where nothing is cached that depends
            on it.
        baseline_version: the published version that the new models are compared with; 0 for none, `LOOK_UP` for the
            newest when the run gets there.
        baseline_root: folder that it is in; empty for `serving_root`.
        withdrawn: whether this very run was made before, published and then rolled back.
    """

    serving_root: str | RuntimeParameter
    store_id: str
    baseline_version: int
    baseline_root: str = ""
    withdrawn: bool = False

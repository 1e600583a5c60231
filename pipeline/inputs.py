"""What a run is made of, fixed before the first component starts."""

from __future__ import annotations

import dataclasses
import hashlib
import json

from components.gate.config import GateConfig
from components.gate.refresh_verdicts import RefreshConfig
from modules.monitoring_config import MonitoringConfig
from pipeline.config import PipelineConfig


@dataclasses.dataclass(frozen=True)
class RunInputs:
    """Everything that decides what comes out of a run.

    Attributes:
        source: where the tables are, without passwords.
        fingerprint: of the tables' content.
        schema_path: a copy of the annotated schema whose path changes with its text.
        schema_text: the same.
        rules_text: of the rules file; empty without one.
        slice_columns: columns that metrics are broken down by.
        code_version: digest of the source code.
        config: the configuration.
    """

    source: str
    fingerprint: str
    schema_path: str
    schema_text: str
    rules_text: str
    slice_columns: tuple[str, ...]
    code_version: str
    config: PipelineConfig

    def digest(self) -> str:
        """Hex digest that two runs share if, and only if, they make and measure the same models.

        The limits of the gates and of monitoring are left out: what they are held against does not depend on them.
        """
        parts = [self.fingerprint, self.schema_text, self.rules_text, self.slice_columns, self.code_version]
        limits = {"gate": GateConfig(), "refresh": RefreshConfig(), "monitoring": MonitoringConfig()}
        config = dataclasses.replace(self.config, **limits)  # type: ignore[arg-type]
        return hashlib.sha256(json.dumps([*parts, config.digest()]).encode()).hexdigest()[:16]

    def schema_digest(self) -> str:
        """Hex digest of the schema: models of another one cannot be fed the same examples."""
        return hashlib.sha256(self.schema_text.encode()).hexdigest()[:16]


@dataclasses.dataclass(frozen=True)
class Destination:
    """Where a run publishes, and what it has to be at least as good as.

    Attributes:
        serving_root: folder of what is published.
        store_id: tells that folder from another one that was in the same place.
        baseline_version: the published version that the new models are compared with; 0 for none.
        baseline_root: folder that it is in; empty for `serving_root`.
        withdrawn: whether this very run was made before, published and then rolled back.
    """

    serving_root: str
    store_id: str
    baseline_version: int
    baseline_root: str = ""
    withdrawn: bool = False

"""The configuration of a run: one frozen dataclass a section, every key with a default."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.evaluation.config import EvaluationConfig
from components.gate.config import GateConfig
from components.gate.refresh_verdicts import RefreshConfig
from components.source.config import DataConfig
from components.training.refit_config import RefitConfig
from modules.compute_config import ComputeConfig
from modules.errors import InputError
from modules.index.config import IndexConfig
from modules.monitoring_config import MonitoringConfig
from modules.ranking_config import RankingConfig
from modules.retrieval_config import RetrievalConfig
from modules.serving.config import ServingConfig
from modules.toml_text import toml_text
from modules.tuner_config import TunerConfig, Value, tuned
from modules.typed_config import as_json, as_mapping, from_mapping
from modules.warm_start_config import WarmStartConfig
from pipeline.kubeflow.config import KubeflowConfig


@dataclasses.dataclass(frozen=True)
class PipelineConfig:
    """Everything that may be configured; `docs/configuration.md` lists the keys.

    Attributes:
        seed: of every random choice: splits, initial weights, the order of batches.
        data, retrieval, ranking, tuner, compute, index, evaluation, gate, refit, warm_start, refresh, serving,
            monitoring, kubeflow: the sections of the same names.
    """

    seed: int = 42
    data: DataConfig = dataclasses.field(default_factory=DataConfig)
    retrieval: RetrievalConfig = dataclasses.field(default_factory=RetrievalConfig)
    ranking: RankingConfig = dataclasses.field(default_factory=RankingConfig)
    tuner: TunerConfig = dataclasses.field(default_factory=TunerConfig)
    compute: ComputeConfig = dataclasses.field(default_factory=ComputeConfig)
    index: IndexConfig = dataclasses.field(default_factory=IndexConfig)
    evaluation: EvaluationConfig = dataclasses.field(default_factory=EvaluationConfig)
    gate: GateConfig = dataclasses.field(default_factory=GateConfig)
    refit: RefitConfig = dataclasses.field(default_factory=RefitConfig)
    warm_start: WarmStartConfig = dataclasses.field(default_factory=WarmStartConfig)
    refresh: RefreshConfig = dataclasses.field(default_factory=RefreshConfig)
    serving: ServingConfig = dataclasses.field(default_factory=ServingConfig)
    monitoring: MonitoringConfig = dataclasses.field(default_factory=MonitoringConfig)
    kubeflow: KubeflowConfig = dataclasses.field(default_factory=KubeflowConfig)

    def __post_init__(self) -> None:
        """Refuses a seed that not every random generator takes, and a search that cannot be made."""
        if not 0 <= self.seed < 2**31:
            raise InputError("config, key seed", "a whole number from 0 to 2147483647", self.seed)
        self.tuner.bases(self.retrieval)

    def digest(self) -> str:
        """Short hex digest of all values."""
        return hashlib.sha256(as_json(self).encode()).hexdigest()[:12]

    def tuned(self, values: Mapping[str, Value]) -> PipelineConfig:
        """What gives, without another search, the model that this one gives after finding `values`."""
        return dataclasses.replace(self, retrieval=tuned(self.retrieval, values), tuner=TunerConfig())

    def to_toml(self) -> str:
        """What `read_config` reads back: the keys that differ from their defaults."""
        return toml_text(_changed(as_mapping(self), as_mapping(PipelineConfig())))

    def changed_json(self) -> str:
        """JSON of the same keys; `from_mapping` reads it back."""
        return json.dumps(_changed(as_mapping(self), as_mapping(PipelineConfig())), sort_keys=True)


def read_config(path: str | Path | None) -> PipelineConfig:
    """Reads a TOML file; without one, the defaults.

    Raises:
        InputError: the file cannot be read, is not TOML, has an unknown key or a value of the wrong type or range.
    """
    if path is None:
        return PipelineConfig()
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"config {path}", "a readable UTF-8 text file", error) from error
    try:
        values = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, or an integer of more digits than Python reads
        raise InputError(f"config {path}", "TOML", error) from error
    return from_mapping(PipelineConfig, values, f"config {path}")


def config_of(values: object, where: str) -> PipelineConfig:
    """The inverse of `changed_json`, of its parsed value.

    Raises:
        InputError: as `read_config`.
    """
    return from_mapping(PipelineConfig, values, where)


def _changed(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The values that differ; a mapping that is empty by default is taken as a whole."""
    return {
        key: _changed(value, defaults[key]) if isinstance(value, Mapping) and defaults[key] else value
        for key, value in values.items()
        if value != defaults[key]
    }

"""The `[tuner]` section of the configuration, and what its findings do to `[retrieval]`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from modules.errors import InputError
from modules.retrieval_config import QueryTowerName, RetrievalConfig

KEYS = ("dimension", "learning_rate", "batch_size", "history_dropout", "vector_dropout")
VARIANT = "variant"  # of a trial: its query tower and loss
Value = int | float | str


@dataclasses.dataclass(frozen=True)
class TunerConfig:
    """How the hyper-parameters of retrieval are searched for.

    Attributes:
        trials: short trainings, the first ones with what would be taken untuned; 0 switches the search off.
        epochs: of a trial, at most; None: a third of what the whole training takes.
        towers: query towers that are tried beside `[retrieval] query_tower`.
    """

    trials: int = 0
    epochs: int | None = None
    towers: tuple[QueryTowerName, ...] = ()

    def __post_init__(self) -> None:
        """Refuses what no search can use."""
        if self.trials < 0:
            raise InputError("config [tuner], key trials", "a number from 0", self.trials)
        if self.epochs is not None and self.epochs < 1:
            raise InputError("config [tuner], key epochs", "a number above 0", self.epochs)

    def bases(self, retrieval: RetrievalConfig) -> list[RetrievalConfig]:
        """The configuration for each tower that is tried, the configured one first.

        Raises:
            InputError: a tower cannot learn by the configured loss, or there is nothing to search for.
        """
        names = dict.fromkeys((retrieval.query_tower, *self.towers))
        found = [dataclasses.replace(retrieval, query_tower=name) for name in names]
        if self.trials and len(found) == 1 and not open_keys(retrieval):
            raise InputError(
                "config [tuner], key trials", f"0, or one of {list(KEYS)} left open in [retrieval]", self.trials
            )
        return found


def open_keys(config: RetrievalConfig) -> list[str]:
    """The keys that are searched for: those that the configuration leaves open and the tower reads."""
    unread: tuple[str, ...] = () if config.query_tower == "history" else ("history_dropout",)
    if config.loss == "fold_in":
        unread = ("history_dropout", "vector_dropout")  # nothing is hidden
    return [key for key in KEYS if getattr(config, key) is None and key not in unread]


def tuned(config: RetrievalConfig, values: Mapping[str, Value]) -> RetrievalConfig:
    """The configuration with what was found, floats rounded to three digits that people can read."""
    return dataclasses.replace(config, **{key: _rounded(value) for key, value in values.items()})  # type: ignore[arg-type]


def of_trial(values: Mapping[str, Value]) -> dict[str, Value]:
    """The keys of `[retrieval]` that a trial was made with.

    KerasTuner forgets a value if another parameter of its name is inactive, so each variant's have names of their own:
    {"variant": "history/softmax", "history/softmax/dimension": 64} → query_tower, loss and dimension.
    """
    tower, loss = str(values[VARIANT]).split("/")
    keys = {name.rpartition("/")[2]: _rounded(value) for name, value in values.items() if name != VARIANT}
    return {"query_tower": tower, "loss": loss, **keys}


def _rounded(value: Value) -> Value:
    return float(f"{value:.3g}") if isinstance(value, float) else value

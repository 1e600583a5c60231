"""The `[kubeflow]` section of the configuration: where and how the pipeline runs on a cluster."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection

from modules.errors import InputError
from pipeline.kubeflow.cron import check_cron

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_QUANTITIES = ("cpu", "memory", "cpu_limit", "memory_limit")
_UNITS: dict[str | None, float] = {None: 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_UNITS |= {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}


def number_of(quantity: str, where: str = "quantity") -> float:
    """The number that a quantity of Kubernetes means: "500m" is 0.5, "8Gi" is 8 · 2³⁰.

    Raises:
        InputError: it is none.
    """
    match = _QUANTITY.fullmatch(quantity)
    if not match:
        raise InputError(where, 'a quantity such as "2", "500m" or "8Gi"', quantity)
    return float(match[1]) * _UNITS[match[2]]


@dataclasses.dataclass(frozen=True)
class Toleration:
    """A taint that pods may run beside, in Kubernetes' words; `operator` is "Exists" or "Equal"."""

    key: str = ""
    operator: str = "Exists"
    value: str = ""
    effect: str = ""


@dataclasses.dataclass(frozen=True)
class TaskConfig:
    """A `[kubeflow.tasks.NAME]` section: what one task has instead of what all have.

    Attributes:
        cpu, memory: what its pod asks for, as Kubernetes writes quantities; `cpu_limit`, `memory_limit`: the most it
            gets. None: no more said than for all.
        accelerator: resource name of accelerators, such as "nvidia.com/gpu"; `accelerators`: how many.
        retries: how often it is tried again.
        cache: whether its result may be taken from an earlier run.
        beam_args: options for Beam, after those for all.
        node_selector: labels of the nodes it may run on, beside those for all.
        tolerations: beside those for all.
        launcher_copies: see `KubeflowConfig`.
    """

    cpu: str | None = None
    memory: str | None = None
    cpu_limit: str | None = None
    memory_limit: str | None = None
    accelerator: str = "nvidia.com/gpu"
    accelerators: int = 0
    retries: int | None = None
    cache: bool | None = None
    beam_args: tuple[str, ...] = ()
    node_selector: dict[str, str] = dataclasses.field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    launcher_copies: bool | None = None

    def __post_init__(self) -> None:
        """Refuses quantities that Kubernetes could not read."""
        for key in _QUANTITIES:
            if getattr(self, key) is not None:
                number_of(getattr(self, key), f"config [kubeflow], key {key}")
        if self.accelerators < 0 or (self.retries or 0) < 0:
            raise InputError("config [kubeflow.tasks]", "0 or more accelerators and retries", self)


@dataclasses.dataclass(frozen=True)
class KubeflowConfig:
    """The `[kubeflow]` section. Every key has a default. Address and credentials of the cluster are no part of it.

    Attributes:
        name: of the pipeline, its experiment and its schedule.
        image: container image with this project in it.
        pipeline_root: where artifacts go, a URL.
        minio_endpoint: address of MinIO as pods see it, for `minio://` URLs.
        cpu, memory, cpu_limit, memory_limit: of every task that has none of its own.
        retries: how often a task is tried again; `retry_seconds`: pause before the first time, doubled each time.
        cache: whether results may be taken from earlier runs.
        env: environment of all tasks.
        secrets: by name of a Kubernetes secret, the environment variable for each of its keys.
        volumes: by name of a PersistentVolumeClaim, the path where all tasks see it.
        node_selector, tolerations: of all tasks.
        service_account: that runs use; empty: the cluster's default.
        image_pull_secrets: names of Kubernetes secrets.
        beam_args: options for Beam, for all tasks that use it.
        launcher_copies: whether tasks work on the copies of artifacts that Kubeflow's launcher makes. Off for tasks
            whose Beam workers run elsewhere, such as on Dataflow, and need the URLs themselves.
        tasks: by name of a task, what it has instead.
        cron: when the schedule runs: six fields, seconds first, UTC.
        max_concurrency: how many scheduled runs may go on at once, 1 to 10.
        catch_up: whether runs that were missed are made up for.
        final_status: whether a task reports how each run ended; needs a Kubeflow Pipelines backend of 2.14 or later.
    """

    name: str = "recommender"
    image: str = "tfx-recommender:0.1.0"
    pipeline_root: str = "minio://mlpipeline/v2/artifacts"
    minio_endpoint: str = "http://minio-service.kubeflow:9000"
    cpu: str | None = None
    memory: str | None = None
    cpu_limit: str | None = None
    memory_limit: str | None = None
    retries: int = 2
    retry_seconds: int = 30
    cache: bool = True
    env: dict[str, str] = dataclasses.field(default_factory=dict)
    secrets: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    volumes: dict[str, str] = dataclasses.field(default_factory=dict)
    node_selector: dict[str, str] = dataclasses.field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    service_account: str = ""
    image_pull_secrets: tuple[str, ...] = ()
    beam_args: tuple[str, ...] = ()
    launcher_copies: bool = True
    tasks: dict[str, TaskConfig] = dataclasses.field(default_factory=dict)
    cron: str = "0 30 3 * * *"
    max_concurrency: int = 1
    catch_up: bool = False
    final_status: bool = False

    def __post_init__(self) -> None:
        """Refuses what the cluster would refuse later, or take for something else."""
        _demand(bool(_LABEL.fullmatch(self.name)), "name", "lower-case letters, digits and -", self.name)
        _demand(bool(self.image.strip()), "image", "the name of a container image", repr(self.image))
        _demand("://" in self.pipeline_root, "pipeline_root", "a URL such as s3://bucket/folder", self.pipeline_root)
        _demand(1 <= self.max_concurrency <= 10, "max_concurrency", "1 to 10", self.max_concurrency)
        _demand(self.retries >= 0, "retries", "0 or more", self.retries)
        _demand(self.retry_seconds >= 1, "retry_seconds", "1 or more", self.retry_seconds)
        for claim, path in self.volumes.items():
            _demand(path.startswith("/"), f"volumes.{claim}", "an absolute path", path)
        check_cron(self.cron, "config [kubeflow], key cron")
        TaskConfig(**{key: getattr(self, key) for key in _QUANTITIES})  # refuses quantities that are none

    def task(self, name: str) -> TaskConfig:
        """What the task `name` has, all things considered."""
        own = self.tasks.get(name, TaskConfig())
        return dataclasses.replace(
            own,
            **{key: getattr(own, key) or getattr(self, key) for key in _QUANTITIES},
            retries=self.retries if own.retries is None else own.retries,
            cache=self.cache if own.cache is None else own.cache,
            launcher_copies=self.launcher_copies if own.launcher_copies is None else own.launcher_copies,
            beam_args=(*self.beam_args, *own.beam_args),
            node_selector={**self.node_selector, **own.node_selector},
            tolerations=(*self.tolerations, *own.tolerations),
        )

    def check_tasks(self, names: Collection[str]) -> None:
        """Refuses sections for tasks that the pipeline does not have.

        Raises:
            InputError: names the first.
        """
        for name in self.tasks:
            if name not in names:
                raise InputError("config [kubeflow.tasks]", f"names of tasks ({', '.join(names)})", name)


def _demand(right: bool, key: str, expected: str, received: object) -> None:
    if not right:
        raise InputError(f"config [kubeflow], key {key}", expected, received)

"""A Kubeflow Pipelines API server: uploading, running, scheduling, looking."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from modules.errors import InputError
from pipeline.kubeflow.api_client import Address, ApiClient, one_line_complaints
from pipeline.kubeflow.config import KubeflowConfig

_PAGE = 100
_TIMEOUT = 60.0  # seconds for an answer
_ENABLED = "ENABLED"


@dataclasses.dataclass(frozen=True)
class Uploaded:
    """A version of a pipeline on the server."""

    pipeline_id: str
    version_id: str


@dataclasses.dataclass(frozen=True)
class Schedule:
    """A recurring run."""

    id: str
    name: str
    cron: str
    enabled: bool
    version_id: str


@dataclasses.dataclass(frozen=True)
class RunState:
    """A run that was started; `serving` is the published store that it was given, empty for the pipeline's own."""

    id: str
    name: str
    state: str
    created: str
    serving: str = ""


class Cluster:
    """The server.

    Args:
        address: of it.
        timeout: seconds to wait for each answer.

    Raises:
        InputError: each method, in one line, where the server cannot be reached, does not answer in time or refuses.
    """

    def __init__(self, address: Address, timeout: float = _TIMEOUT) -> None:
        self._place = f"Kubeflow {address.host or 'of the current context'}"
        with one_line_complaints(self._place):
            self._client = ApiClient(address, timeout)
        self._namespace = address.namespace or None

    def upload(self, package: Path, name: str) -> Uploaded:
        """Uploads a compiled file as a version of the pipeline `name`, unless it is there already."""
        version = hashlib.sha256(package.read_bytes()).hexdigest()[:12]
        with one_line_complaints(self._place):
            pipeline_id = self._client.get_pipeline_id(name)
            if pipeline_id is None:
                pipeline_id = self._client.upload_pipeline(str(package), name, namespace=self._namespace).pipeline_id
            found = self._version(pipeline_id, version)
            if found is None:
                sent = self._client.upload_pipeline_version(str(package), version, pipeline_id)
                found = sent.pipeline_version_id
        return Uploaded(pipeline_id, found)

    def run(self, uploaded: Uploaded, config: KubeflowConfig, parameters: Mapping[str, Any]) -> str:
        """Starts a run and returns its id."""
        moment = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
        with one_line_complaints(self._place):
            run = self._client.run_pipeline(
                self._experiment(config.name),
                f"{config.name}-{moment}",
                params=dict(parameters),
                pipeline_id=uploaded.pipeline_id,
                version_id=uploaded.version_id,
                pipeline_root=config.pipeline_root,
                service_account=config.service_account or None,
            )
        return str(run.run_id)

    def schedule(self, uploaded: Uploaded, config: KubeflowConfig, parameters: Mapping[str, Any]) -> Schedule:
        """Makes the schedule of the pipeline; one that there was before is replaced, so scheduling twice leaves one."""
        before = self.schedules(config.name)
        with one_line_complaints(self._place):
            made = self._client.create_recurring_run(
                self._experiment(config.name),
                config.name,
                cron_expression=config.cron,
                max_concurrency=config.max_concurrency,
                no_catchup=not config.catch_up,
                params=dict(parameters),
                pipeline_id=uploaded.pipeline_id,
                version_id=uploaded.version_id,
                pipeline_root=config.pipeline_root,
                service_account=config.service_account or None,
            )
            for old in before:
                self._client.delete_recurring_run(old.id)
        return _schedule(made)

    def unschedule(self, name: str) -> list[Schedule]:
        """Deletes the schedules of a pipeline and returns them."""
        found = self.schedules(name)
        with one_line_complaints(self._place):
            for schedule in found:
                self._client.delete_recurring_run(schedule.id)
        return found

    def switch(self, name: str, enabled: bool) -> list[Schedule]:
        """Pauses the schedule of a pipeline, or lets it go on; returns it as it is then.

        Raises:
            InputError: there is none.
        """
        found = self.schedules(name)
        if not found:
            raise InputError(self._place, f"a schedule of {name}", "none")
        change = self._client.enable_recurring_run if enabled else self._client.disable_recurring_run
        with one_line_complaints(self._place):
            for schedule in found:
                change(schedule.id)
        return self.schedules(name)

    def schedules(self, name: str) -> list[Schedule]:
        """The schedules of a pipeline."""

        def page(token: str, **scope: str) -> tuple[list[Any], str]:
            answer = self._client.list_recurring_runs(page_token=token, page_size=_PAGE, **scope)
            return answer.recurring_runs or [], answer.next_page_token or ""

        return [_schedule(found) for found in self._of_experiment(name, page) if found.display_name == name]

    def runs(self, name: str, newest: int = 10) -> list[RunState]:
        """The newest runs of a pipeline, newest first."""

        def page(token: str, **scope: str) -> tuple[list[Any], str]:
            answer = self._client.list_runs(page_token=token, page_size=newest, sort_by="created_at desc", **scope)
            return answer.runs or [], ""

        return [
            RunState(run.run_id, run.display_name, run.state or "PENDING", str(run.created_at), _serving(run))
            for run in self._of_experiment(name, page)
        ]

    def _of_experiment(self, name: str, page: Callable[..., tuple[list[Any], str]]) -> list[Any]:
        """Everything that is listed of the experiment of a pipeline, page by page."""
        with one_line_complaints(self._place):
            experiment = self._known_experiment(name)
            found, token = [], ""
            while experiment:
                some, token = page(token, experiment_id=experiment)
                found += some
                if not token:
                    break
        return found

    def _known_experiment(self, name: str) -> str | None:
        try:
            return str(self._client.get_experiment(experiment_name=name, namespace=self._namespace).experiment_id)
        except ValueError as error:
            if "No experiment is found" in str(error):
                return None
            raise

    def _experiment(self, name: str) -> str:
        return str(self._client.create_experiment(name, namespace=self._namespace).experiment_id)

    def _version(self, pipeline_id: str, name: str) -> str | None:
        token = ""
        while True:
            answer = self._client.list_pipeline_versions(pipeline_id, page_token=token, page_size=_PAGE)
            for version in answer.pipeline_versions or []:
                if version.display_name == name:
                    return str(version.pipeline_version_id)
            token = answer.next_page_token or ""
            if not token:
                return None


def _serving(run: Any) -> str:
    given = (run.runtime_config.parameters if run.runtime_config else None) or {}
    return str(given.get("serving", ""))


def _schedule(run: Any) -> Schedule:
    return Schedule(
        run.recurring_run_id,
        run.display_name,
        run.trigger.cron_schedule.cron if run.trigger and run.trigger.cron_schedule else "",
        run.status == _ENABLED,
        run.pipeline_version_reference.pipeline_version_id if run.pipeline_version_reference else "",
    )

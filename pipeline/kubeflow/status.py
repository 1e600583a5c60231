"""What `status` shows: schedules, runs, and what the reports of those that ended say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from components.publishing.reports import reports_in
from components.report import wording
from modules.errors import InputError
from pipeline.kubeflow.cluster import Cluster, RunState

_ENDED = ("SUCCEEDED", "FAILED", "CANCELED")


def status_lines(cluster: Cluster, name: str, serving: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Lines for people. A published store that cannot be read from here hides nothing of what Kubeflow says.

    Args:
        cluster: the server.
        name: of the pipeline.
        serving: the published store of runs that were given no other one.
        environment: by which a store is found.
    """
    for schedule in cluster.schedules(name):
        yield f"schedule {schedule.id}  {schedule.cron}  {'enabled' if schedule.enabled else 'paused'}"
    runs = cluster.runs(name)
    verdicts, problem = _verdicts(runs, serving, environment)
    for run in runs:
        verdict = verdicts.get(run.id, "")
        yield f"run      {run.id}  {run.created}  {run.state}{f'  {verdict}' if verdict else ''}"
    if problem:
        yield f"reports  {problem}"


def _verdicts(runs: Sequence[RunState], serving: str, environment: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """By id of a run, what its report says; and what keeps reports from being read."""
    found: dict[str, str] = {}
    for run in runs:
        if run.state not in _ENDED:
            continue
        try:
            scorecard = reports_in(run.serving or serving, environment).scorecard(run.id)
        except InputError as error:
            return found, f"not readable: {error}"
        found[run.id] = wording.verdict(scorecard) if scorecard else "no report"
    return found, ""

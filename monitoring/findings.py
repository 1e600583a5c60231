"""What the graph found, read back from its files."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from pathlib import Path

from modules.errors import InputError
from monitoring import graph
from monitoring.columns import Columns, compared, read_statistics
from monitoring.latency import Latency
from monitoring.outcomes import Outcomes
from monitoring.traffic import Traffic
from monitoring.watched_version import WatchedVersion


@dataclasses.dataclass(frozen=True)
class Known:
    """How much of the feedback is by users and of items that the version does not know."""

    rows: int = 0
    unknown_users: int = 0
    unknown_items: int = 0


@dataclasses.dataclass(frozen=True)
class Findings:
    """Everything that is measured.

    Attributes:
        traffic: of the logs.
        requests: their columns.
        feedback, known, outcomes: None without feedback.
        latency: None where nobody said.
        catalogue_size: items that the version has.
    """

    traffic: Traffic
    requests: Columns
    catalogue_size: int
    feedback: Columns | None = None
    known: Known | None = None
    outcomes: Outcomes | None = None
    latency: Latency | None = None

    @classmethod
    def read(cls, job: graph.Job, version: WatchedVersion, has_feedback: bool, latency: Latency | None) -> Findings:
        """Reads the results of a job.

        Raises:
            InputError: a cell of the feedback is not what the schema says; names the first one.
        """
        folder = Path(job.folder)
        traffic = json.loads((folder / graph.TRAFFIC).read_text(encoding="utf-8"))
        for name in ("versions", "hours"):
            traffic[name] = {int(key): count for key, count in traffic[name].items()}
        counters = {name: Counter(value) for name, value in traffic.items() if isinstance(value, dict)}
        asked = read_statistics(folder, graph.REQUESTS)
        found = cls(
            traffic=Traffic(**(traffic | counters)),
            requests=compared(asked, graph.REQUESTS, version.training, job.request_schema, job.roles, "skew"),
            catalogue_size=sum(1 for _ in version.items.open(encoding="utf-8")),
            latency=latency,
        )
        if not has_feedback:
            return found
        problems = json.loads((folder / graph.PROBLEMS).read_text(encoding="utf-8"))
        if problems:
            raise InputError(*min(problems))
        given = read_statistics(folder, graph.FEEDBACK)
        return dataclasses.replace(
            found,
            feedback=compared(given, graph.FEEDBACK, version.training, job.feedback_schema, job.roles, "drift"),
            known=Known(**json.loads((folder / graph.KNOWN).read_text(encoding="utf-8"))),
            outcomes=Outcomes(**json.loads((folder / graph.OUTCOMES).read_text(encoding="utf-8"))),
        )

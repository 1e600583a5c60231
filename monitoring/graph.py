"""The Beam graph: request logs and tables of feedback → sums, statistics and outcomes, each in a file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import apache_beam as beam
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx_bsl.tfxio.tf_example_record import TFExampleBeamRecord

from components.source import INTERACTIONS
from modules.roles import Roles
from monitoring import feedback
from monitoring.feedback import FeedbackTables
from monitoring.outcomes import Event, Outcomes, Served, outcomes
from monitoring.request_rows import RECOMMENDING, RequestRow, request_rows
from monitoring.traffic import CountTraffic, Traffic, unknown
from monitoring.watched_version import read_ids

REQUESTS, FEEDBACK = "requests", "feedback"
TRAFFIC, OUTCOMES, KNOWN, PROBLEMS = "traffic.json", "outcomes.json", "known.json", "problems.json"


@dataclasses.dataclass(frozen=True)
class Job:
    """What is read, and what is to be found out.

    Attributes:
        logs: TFRecord files of PredictionLogs.
        users, items: files with the ids that the version knows.
        roles: of the schema's columns.
        request_schema, feedback_schema: of the examples of both.
        attribution_seconds: how long after a list what its user takes counts for it.
        folder: for the results.
    """

    logs: tuple[str, ...]
    users: str
    items: str
    roles: Roles
    request_schema: schema_pb2.Schema
    feedback_schema: schema_pb2.Schema
    attribution_seconds: float
    folder: str


def build(pipeline: beam.Pipeline, job: Job, tables: FeedbackTables | None) -> None:
    """Builds the graph.

    Args:
        pipeline: to build in.
        job: what to do.
        tables: of feedback, if there is any.
    """
    ids = [_known(pipeline, name, path) for name, path in (("users", job.users), ("items", job.items))]
    columns = frozenset(feature.name for feature in job.request_schema.feature)
    rows = (
        pipeline
        | "Log files" >> beam.Create(job.logs, reshuffle=True)
        | "Read logs" >> beam.io.ReadAllFromTFRecord()
        | "Request rows" >> beam.FlatMap(request_rows, job.roles, columns)
    )
    unknown_of = rows | "Unknown ids" >> beam.Map(unknown, *ids)
    traffic = unknown_of | "Count traffic" >> beam.CombineGlobally(CountTraffic())
    _ = traffic | "Traffic to JSON" >> beam.Map(_as_json) | _write(job, TRAFFIC)
    asked = rows | "Recommending" >> beam.Filter(lambda row: row.signature in RECOMMENDING)
    examples = asked | "Request examples" >> beam.Map(lambda row: row.example).with_output_types(bytes)
    _statistics(examples, job, REQUESTS, job.request_schema)
    if tables is None:
        return
    span = beam.pvalue.AsSingleton(traffic | "Span" >> beam.Map(_span, job.attribution_seconds))
    found = feedback.read_feedback(pipeline, tables, span)
    joined = found["joined"] | "Feedback examples" >> beam.FlatMap(feedback.examples).with_output_types(bytes)
    _statistics(joined, job, FEEDBACK, job.feedback_schema)
    _ = (
        found[INTERACTIONS]
        | "Known" >> beam.Map(feedback.known_share, job.roles, *ids)
        | "Count known" >> beam.CombineGlobally(_added)
        | "Known to JSON" >> beam.Map(json.dumps)
        | _write(job, KNOWN)
    )
    both = {
        "served": asked | "Served" >> beam.FlatMap(_served),
        "taken": found[INTERACTIONS] | "Taken" >> beam.FlatMap(feedback.taken, job.roles, tables.data),
    }
    _ = (
        both
        | "By user" >> beam.CoGroupByKey()
        | "Judge" >> beam.Map(_judged, job.attribution_seconds)
        | "Add up" >> beam.CombineGlobally(lambda all_of_them: sum(all_of_them, Outcomes()))
        | "Outcomes to JSON" >> beam.Map(_as_json)
        | _write(job, OUTCOMES)
    )
    _ = (
        found[feedback.PROBLEMS]
        | "List problems" >> beam.combiners.ToList()
        | "Problems to JSON" >> beam.Map(json.dumps)
        | _write(job, PROBLEMS)
    )


def _known(pipeline: beam.Pipeline, name: str, path: str) -> Any:
    """Side input: the ids that the version knows, which every worker reads once."""
    files = pipeline | f"File of {name}" >> beam.Create([path])
    return beam.pvalue.AsSingleton(files | f"Known {name}" >> beam.Map(read_ids))


def _write(job: Job, name: str) -> beam.PTransform:
    return f"Write {name}" >> beam.io.WriteToText(str(Path(job.folder, name)), shard_name_template="", num_shards=1)


def _statistics(examples: beam.PCollection, job: Job, name: str, schema: schema_pb2.Schema) -> None:
    """Writes TFDV's statistics of serialised examples, which are laid out as those that StatisticsGen writes."""
    _ = (
        examples
        | f"Decode {name}" >> TFExampleBeamRecord("inmem", ["monitoring"], schema).BeamSource()
        | f"Statistics of {name}" >> tfdv.GenerateStatistics(tfdv.StatsOptions(schema=schema))
        | f"Write statistics of {name}"
        >> tfdv.WriteStatisticsToBinaryFile(str(Path(job.folder, f"Split-{name}", "FeatureStats.pb")))
    )


def _as_json(value: Traffic | Outcomes) -> str:
    return json.dumps(vars(value))  # their values are numbers and counters


def _span(traffic: Traffic, seconds: float) -> tuple[int, int]:
    """When feedback counts: from the first logged request until the last one's lists count no more."""
    return (traffic.first, int(traffic.last + seconds)) if traffic.last else (0, 0)


def _served(row: RequestRow) -> list[tuple[str, Served]]:
    """A list can be judged if it is known whose it was, and when."""
    return [(row.user, Served(row.time, row.served))] if row.user and row.time else []


def _judged(element: tuple[str, Mapping[str, Iterable[Any]]], seconds: float) -> Outcomes:
    served: Iterable[Served] = element[1]["served"]
    events: Iterable[Event] = element[1]["taken"]
    return outcomes(served, events, seconds)


def _added(sums: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total = {"rows": 0, "unknown_users": 0, "unknown_items": 0}
    for one in sums:
        total = {name: count + one[name] for name, count in total.items()}
    return total

"""The report: what was read, every measure, and the alarms; as JSON and as Prometheus text."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from components.json_file import json_text
from monitoring.findings import Findings
from monitoring.judge import ALARM, Measure, alarms

JSON_FILE, PROMETHEUS_FILE, PAGE, DATA_PAGE = "report.json", "metrics.prom", "index.html", "data.html"
_PREFIX = "recommender_monitoring"
_TOP_ITEMS = 20


@dataclasses.dataclass(frozen=True)
class Report:
    """What `report.json` holds.

    Attributes:
        made: moment (ISO 8601) of the report.
        version: that was watched.
        log, feedback: where they are; "" without feedback.
        rows: of requests; `lists` of them were answered with recommendations; `feedback_rows` that counted.
        first, last: moments of the first and last request, in seconds; 0 where logs don't say.
        signatures, versions: rows by name and number.
        hours: [hour in seconds, rows], oldest first.
        top_items: [item, share of all places], most served first.
        served_curve: shares of all places by hundredths of the catalogue, the most served items first, added up.
        measures: all of them.
        alarms: a line each.
    """

    made: str
    version: int
    log: str
    feedback: str
    rows: int
    lists: int
    feedback_rows: int
    first: int
    last: int
    signatures: dict[str, int]
    versions: dict[str, int]
    hours: list[tuple[int, int]]
    top_items: list[tuple[str, float]]
    served_curve: list[float]
    measures: list[Measure]
    alarms: list[str]

    @classmethod
    def of(cls, found: Findings, judged: list[Measure], version: int, log: str, feedback: str, made: str) -> Report:
        """Puts it together."""
        traffic = found.traffic
        places = traffic.served.total() or 1
        return cls(
            made=made,
            version=version,
            log=log,
            feedback=feedback,
            rows=traffic.rows,
            lists=traffic.lists,
            feedback_rows=found.known.rows if found.known else 0,
            first=traffic.first,
            last=traffic.last,
            signatures=dict(traffic.signatures.most_common()),
            versions={str(number): rows for number, rows in sorted(traffic.versions.items())},
            hours=sorted(traffic.hours.items()),
            top_items=[(item, count / places) for item, count in traffic.served.most_common(_TOP_ITEMS)],
            served_curve=served_curve(found),
            measures=judged,
            alarms=alarms(judged),
        )

    def to_json(self) -> str:
        """The text of `report.json`."""
        return json_text(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Report:
        """What `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        values["measures"] = [Measure(**measure) for measure in values["measures"]]
        for name in ("hours", "top_items"):
            values[name] = [tuple(pair) for pair in values[name]]
        return cls(**values)


def served_curve(found: Findings) -> list[float]:
    """For 0, 1, …, 100 hundredths of the catalogue: the share of all places that the most served ones of them got."""
    counts = [count for _, count in found.traffic.served.most_common()]
    places, size = sum(counts), max(found.catalogue_size, 1)
    if not places:
        return []
    return [sum(counts[: round(hundredth * size / 100)]) / places for hundredth in range(101)]


def prometheus_text(report: Report) -> str:
    """The measures as gauges, to be picked up by node_exporter's textfile collector or pushed to a gateway.

    The text format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
    """
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    gauges: dict[str, list[tuple[dict[str, str], float]]] = {}
    for measure in report.measures:
        labels = {"source": measure.source} | ({"column": measure.column} if measure.column else {})
        by_limit = {"limit": measure.limit_name, **labels}
        if measure.value is not None:
            gauges.setdefault(measure.name, []).append((labels, measure.value))
        if measure.limit is not None:
            gauges.setdefault("limit", []).append((by_limit | {"measure": measure.name}, measure.limit))
        if measure.limit_name and measure.verdict in (ALARM, "ok", "too few"):
            said = by_limit | {"measure": measure.name, "what": measure.title}
            gauges.setdefault("alarm", []).append((said, float(measure.verdict == ALARM)))
    gauges["requests"] = [({"signature": name}, float(rows)) for name, rows in report.signatures.items()]
    gauges["feedback_rows"] = [({}, float(report.feedback_rows))]
    gauges["version"] = [({}, float(report.version))]
    gauges["alarms"] = [({}, float(len(report.alarms)))]
    gauges["last_request_timestamp_seconds"] = [({}, float(report.last))]
    for name, samples in gauges.items():
        yield f"# TYPE {_PREFIX}_{name} gauge"
        for labels, value in samples:
            inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            yield f"{_PREFIX}_{name}{{{inside}}} {value!r}" if inside else f"{_PREFIX}_{name} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

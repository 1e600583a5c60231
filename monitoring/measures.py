"""What was found, held against the limits."""

from __future__ import annotations

from modules.monitoring_config import MonitoringConfig
from monitoring.columns import Columns
from monitoring.findings import Findings
from monitoring.judge import ALARM, Judge, Measure, Verdict
from monitoring.traffic import HEAD, concentration, gini


def measures(found: Findings, config: MonitoringConfig) -> list[Measure]:
    """Every measure, those of the whole first, then those of columns."""
    everything = [*_of_requests(found, config), *_of_answers(found, config), *_of_feedback(found, config)]
    for columns in (found.requests, found.feedback):
        if columns:
            everything += _of_columns(columns, config)
    return everything


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def _of_requests(found: Findings, config: MonitoringConfig) -> list[Measure]:
    judge, traffic = Judge(config), found.traffic
    others = ", ".join(name for name, _ in traffic.other_columns.most_common(3))
    return [
        judge(
            "unknown_users",
            "share by unknown users",
            "requests",
            _share(traffic.unknown_users, traffic.lists),
            traffic.lists,
            "unknown_users_max",
        ),
        judge(
            "unknown_items",
            "share of unknown items",
            "requests",
            _share(traffic.unknown_items, traffic.items),
            traffic.items,
            "unknown_items_max",
        ),
        judge(
            "unknown_columns",
            "share with columns that the schema lacks",
            "requests",
            _share(traffic.rows_with_other_columns, traffic.rows),
            traffic.rows,
            "unknown_columns_max",
            detail=f"such as {others}" if others else "",
        ),
    ]


def _of_answers(found: Findings, config: MonitoringConfig) -> list[Measure]:
    judge, traffic, size = Judge(config), found.traffic, found.catalogue_size
    lists, served, latency = traffic.lists, traffic.served, found.latency
    some, timed = bool(served), latency.requests if latency else 0
    return [
        judge(
            "concentration",
            "share of places for the top 1 % of items",
            "answers",
            concentration(served, size) if some else None,
            lists,
            "concentration_max",
        ),
        judge("gini", "Gini coefficient of the places", "answers", gini(served, size) if some else None, lists),
        judge(
            "coverage_at_10",
            "share of the catalogue served",
            "answers",
            _share(len(served), size) if some else None,
            lists,
            "coverage_at_10_min",
        ),
        judge(
            "short_lists",
            f"share of lists with fewer than {HEAD}",
            "answers",
            _share(traffic.short_lists, lists),
            lists,
        ),
        judge("latency_p50_ms", "median latency, ms", "server", latency.p50_ms if latency else None, timed),
        judge(
            "latency_p99_ms",
            "99th percentile of latency, ms",
            "server",
            latency.p99_ms if latency else None,
            timed,
            "latency_p99_ms_max",
        ),
    ]


def _of_feedback(found: Findings, config: MonitoringConfig) -> list[Measure]:
    judge, known, by = Judge(config), found.known, found.outcomes
    rows, judged = known.rows if known else 0, by.judged if by else 0
    return [
        judge(
            "unknown_users",
            "share by unknown users",
            "feedback",
            _share(known.unknown_users, rows) if known else None,
            rows,
            "unknown_users_max",
        ),
        judge(
            "unknown_items",
            "share of unknown items",
            "feedback",
            _share(known.unknown_items, rows) if known else None,
            rows,
            "unknown_items_max",
        ),
        judge(
            "hit_rate_at_10",
            "hit rate@10 of what was served",
            "feedback",
            _share(by.hits, judged) if by else None,
            judged,
            "hit_rate_at_10_min",
        ),
        judge(
            "ndcg_at_10",
            "nDCG@10 of what was served",
            "feedback",
            _share(by.ndcg, judged) if by else None,
            judged,
            "ndcg_at_10_min",
        ),
        judge(
            "from_list",
            "share of what was taken that came from the list",
            "feedback",
            _share(by.taken_from_list, by.taken) if by else None,
            by.taken if by else 0,
        ),
        judge("judged", "share of lists with feedback", "feedback", _share(judged, by.lists) if by else None, judged),
    ]


def _of_columns(columns: Columns, config: MonitoringConfig) -> list[Measure]:
    """The schema's limits, and values that training did not have."""
    judge, enough = Judge(config), columns.rows >= config.least_rows
    found = []
    for drift in columns.drifts:
        missed = drift.limit is not None and drift.value > drift.limit
        verdict: Verdict = "ok" if not missed else ALARM if enough else "too few"
        name = drift.measure.replace(" ", "_").replace("l_infty", "infinity_norm")
        where = f"schema, feature {drift.column}, {drift.kind}_comparator {name}"
        title = f"{drift.kind} from training ({drift.measure})"
        found.append(
            Measure(
                drift.kind, title, columns.source, drift.value, columns.rows, drift.column, drift.limit, where, verdict
            )
        )
    for new in columns.new_values:
        detail = f"such as {', '.join(repr(value[:40]) for value in new.examples)}" if new.examples else ""
        found.append(
            judge(
                "unknown_values",
                "share of values that training lacks",
                columns.source,
                new.share,
                new.values,
                "unknown_values_max",
                new.column,
                detail,
            )
        )
    for anomaly in columns.anomalies:
        severe: Verdict = "no limit" if anomaly.severity != "error" else ALARM if enough else "too few"
        where = f"schema, feature {anomaly.column}"
        found.append(
            Measure(
                "anomaly",
                anomaly.problem,
                columns.source,
                None,
                columns.rows,
                anomaly.column,
                None,
                where,
                severe,
                anomaly.detail,
            )
        )
    return found

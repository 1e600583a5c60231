"""Means over seeds, bars, and the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.markdown import markdown_table
from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.config_changes import merged
from benchmarks.quality.page import number, page
from benchmarks.quality.results import OURS, TRAIN_AND_EVAL, Bar, Row, read_rows, write_rows
from benchmarks.quality.schemas import SEQUENCES, published, with_split, without_text
from benchmarks.quality.servable import padded
from benchmarks.quality.summary import lines_of, verdicts
from modules.roles import parse_roles

ROWS = [
    Row("EASE", {"ndcg@10": 0.48}),
    Row("ALS", {"ndcg@10": 0.47}),
    Row(OURS, {"ndcg@10": 0.50, "s": 10.0}, seed=42),
    Row(OURS, {"ndcg@10": 0.52, "s": 14.0}, seed=43),
]


def test_seeds_become_mean_and_spread() -> None:
    line = lines_of(ROWS)[-1]
    assert line.seeds == (42, 43)
    assert line.figures["ndcg@10"].mean == pytest.approx(0.51)
    assert line.figures["ndcg@10"].spread == pytest.approx(0.02 / 2**0.5)
    assert lines_of(ROWS)[0].figures["ndcg@10"].spread is None


def test_bars() -> None:
    bars = [
        Bar("ndcg@10", least=0.51),
        Bar("ndcg@10", least=0.511),
        Bar("ndcg@10", over_baselines=True),
        Bar("s", most=12),
        Bar("s", most=11),
        Bar("ndcg@10", over_system="ALS", system="EASE"),
        Bar("recall@10", least=0.1),
    ]
    found = verdicts(bars, lines_of(ROWS))
    assert [verdict.reached for verdict in found] == [True, False, True, True, False, True, None]
    assert (found[2].limit, found[2].limit_of) == (0.48, "EASE")


def test_baselines_that_learned_from_more_set_no_bar() -> None:
    more = Row("EASE", {"ndcg@10": 0.9}, learned_from=TRAIN_AND_EVAL)
    (verdict,) = verdicts([Bar("ndcg@10", over_baselines=True)], lines_of([*ROWS, more]))
    assert (verdict.limit, verdict.reached) == (0.48, True)
    refitted = Row(OURS, {"ndcg@10": 0.5}, learned_from=TRAIN_AND_EVAL)
    (verdict,) = verdicts([Bar("ndcg@10", over_baselines=True)], lines_of([*ROWS[:2], more, refitted]))
    assert (verdict.limit, verdict.reached) == (0.9, False)


def test_results_are_kept(tmp_path: Path) -> None:
    write_rows(tmp_path / "a" / "rows.json", ROWS)
    assert read_rows(tmp_path / "a" / "rows.json") == ROWS
    assert read_rows(tmp_path / "none.json") == []


def test_page_holds_bars_and_tables() -> None:
    def baselines(bench: Bench) -> list[Row]:
        raise AssertionError

    def ours(bench: Bench, seed: int) -> list[Row]:
        raise AssertionError

    protocol = Protocol("p", "A protocol", "What is done.", ("ndcg@10",), (Bar("ndcg@10", least=0.6),), baselines, ours)
    text = page({"p": protocol, "unmeasured": protocol}, {"p": ROWS})
    assert "| A protocol | ndcg@10 | 0.5100 ± 0.0141 | ≥ 0.6000 | **no** |" in text
    assert "| **ours** | train | 0.5100 ± 0.0141 | 42, 43 |" in text
    assert text.count("## A protocol") == 1


def test_numbers() -> None:
    assert [number(value) for value in (0.12345, 12.345, 1234.5, float("nan"))] == ["0.1235", "12.3", "1,234", "–"]
    assert markdown_table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |\n"


def test_configurations_are_changed_key_by_key() -> None:
    config = {"seed": 1, "retrieval": {"query_tower": "gru", "logq": False}, "ranking": {"hidden": [8, 4]}}
    assert merged(config, {"retrieval": {"logq": True}, "gate": {"x": 1.0}}) == {
        "seed": 1,
        "retrieval": {"query_tower": "gru", "logq": True},
        "ranking": {"hidden": [8, 4]},
        "gate": {"x": 1.0},
    }


@pytest.mark.parametrize("name", ["movielens_100k", "movielens_1m_notime", "demo_shop"])
def test_schemas_of_protocols(name: str) -> None:
    whole = parse_roles(published(name))
    assert parse_roles(with_split(published(name))).split == "split"
    bare = parse_roles(without_text(published(name)))
    assert bare.title == whole.title
    assert not [column for column in bare.columns if column.encoding and column.encoding.value == "text"]
    assert [column for column in whole.columns if column.encoding and column.encoding.value == "text"]


def test_schema_of_sequences() -> None:
    roles = parse_roles(SEQUENCES)
    assert (roles.time, roles.split, roles.target) == ("place", "split", None)


def test_requests_are_padded() -> None:
    assert padded([["a"], ["b", "c"], []]).tolist() == [["a", ""], ["b", "c"], ["", ""]]
    assert padded([[], []]).shape == (2, 1)
    assert isinstance(padded([[]]), np.ndarray)

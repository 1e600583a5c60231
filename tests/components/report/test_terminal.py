"""The scorecard as text."""

from __future__ import annotations

from components.report.scorecard import Scorecard
from components.report.terminal import render, table


def test_full(full: Scorecard) -> None:
    text = render(full)
    lines = text.splitlines()
    assert lines[0] == "Pushed version 1714960811   (run 2024-05-06T02-00-11, 6 min 53 s)"
    assert "  runs/serving/recommender/1714960811" in lines
    # Popularity .0312345; the recommender is set at 1.7 times that, .05310; the best achievable is .0712.
    [test_line, eval_line] = [line.split() for line in lines if line.startswith("  ndcg@10 ")]
    assert test_line == ["ndcg@10", "0.0312", "0.0469", "0.0531", "1.70×", "0.0712"]
    assert eval_line == ["ndcg@10", "0.0312", "0.0469", "0.0531", "1.70×"]
    assert "Quality on test, 4,873 queries" in lines
    assert "  above retrieval in ndcg@10 by +0.0062, 95 % interval -0.0003 to +0.0121" in lines
    assert "  rows     123,456 interactions, 3,706 items, 6,040 users" in lines
    assert "  split    by time: 98,764 train, 12,346 eval, 12,346 test" in lines
    assert "  time     2023-01-01 00:00:00 UTC to 2024-05-05 23:58:12 UTC" in lines
    assert any(line.split() == ["device", "=", "phone", "3,000", "0.0534", "0.3800"] for line in lines)
    assert "   1    0.9000  Title number 0" in lines
    assert max(map(len, lines)) < 160


def test_titles_cannot_repaint_the_terminal(full: Scorecard) -> None:
    text = render(full)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "🦊" in text


def test_refused(refused: Scorecard) -> None:
    assert render(refused).splitlines() == [
        "Not pushed: refused by retrieval ndcg@10   (run r2, 31 s)",
        "  retrieval ndcg@10: 0.0210 against a limit of 0.0500, off by 0.0290 (58%) – the least that may be pushed",
    ]


def test_columns_are_aligned() -> None:
    assert table([("a", "1", "10"), ("bcd", "100", "2")]) == ["  a      1  10", "  bcd  100   2"]
    assert table([]) == []

"""Rules about single answers: whether they belong together, and whether their scores say anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.gate.config import GateConfig
from components.gate.verdict import Verdict, at_least, at_most, number


def judge_answers(integrity: Mapping[str, Any], limits: GateConfig) -> list[Verdict]:
    """Titles, flat lists, and the spread of the ranking model's predictions.

    Args:
        integrity: what `components.evaluation.integrity` found; `titles_right` is absent where items have no title.
        limits: the section.
    """
    answers = integrity.get("answers")
    answers = answers if isinstance(answers, Mapping) else {}
    found = [
        at_most(
            "flat_lists",
            "the share of lists all of whose scores are equal",
            number(answers.get("flat_lists")),
            limits.flat_lists_max,
        ),
        _spread(answers, limits.score_spread_min),
    ]
    if "titles_right" in answers or not answers:
        what = "the share of recommended items with the title that the catalogue gives them"
        found.append(at_least("titles", what, number(answers.get("titles_right")), limits.titles_right_min))
    return found


def _spread(answers: Mapping[str, Any], share: float) -> Verdict:
    """Predictions must differ where what they predict does."""
    predicted, actual = number(answers.get("predicted_spread")), number(answers.get("actual_spread"))
    limit = None if actual is None else share * actual
    what = "the standard deviation of the ranking model's predictions"
    return at_least("ranking_scores_vary", what, predicted, limit, f" ({share:g} × that of what they predict)")

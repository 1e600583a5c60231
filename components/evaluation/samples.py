"""Recommendations for a few users, with titles: for people to look at."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from modules.raw_columns import first_values, read_raw_columns
from modules.roles import HISTORY, Roles

USERS, HISTORY_SHOWN, ITEMS_SHOWN = 5, 5, 5


def sample_recommendations(
    folder: str, model: Any, item_ids: list[bytes], all_titles: list[bytes], roles: Roles, seed: int
) -> list[dict[str, Any]]:
    """What some users with a history took last, and what the servable recommends to them.

    Args:
        folder: of the serving split of the queries.
        model: the loaded servable.
        item_ids, all_titles: of the catalogue; a title may be empty.
        roles: of the columns.
        seed: of the choice of users.
    """
    raw = read_raw_columns(folder, {roles.user_id: tf.string, HISTORY: tf.string})
    users, histories = first_values(raw[roles.user_id]), raw[HISTORY]
    active = np.flatnonzero(np.diff(histories.row_splits) >= 1)
    chosen = np.sort(np.random.default_rng(seed).permutation(active)[:USERS])
    titles = dict(zip(item_ids, all_titles, strict=True))
    samples = []
    for row in chosen:
        answer = model.signatures["serving_default"](user_id=tf.constant([users[row]]))
        shown = zip(answer["item_id"].numpy()[0], answer["title"].numpy()[0], answer["score"].numpy()[0], strict=True)
        taken = histories.values[histories.row_splits[row] : histories.row_splits[row + 1]][-HISTORY_SHOWN:]
        samples.append(
            {
                "user_id": users[row].decode(),
                "history": [(titles.get(item) or item).decode() for item in taken],
                "items": [
                    {"item_id": item.decode(), "title": (title or item).decode(), "score": float(score)}
                    for item, title, score in list(shown)[:ITEMS_SHOWN]
                    if item
                ],
            }
        )
    return samples

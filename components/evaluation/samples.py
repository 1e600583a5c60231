"""Recommendations for a few users, with titles and what they may be due to: for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.candidate_index.files import IndexedCatalogue
from modules.raw_columns import first_values, read_raw_columns
from modules.roles import HISTORY, Roles

USERS, HISTORY_SHOWN, ITEMS_SHOWN, REASONS_SHOWN = 5, 5, 5, 2


def sample_recommendations(
    folder: str, model: Any, indexed: IndexedCatalogue, all_titles: list[bytes], roles: Roles, seed: int
) -> list[dict[str, Any]]:
    """What some users with a history took last, what the servable recommends to them, and which of theirs is like it.

    Args:
        folder: of the serving split of the queries.
        model: the loaded servable.
        indexed: ids and vectors of the catalogue.
        all_titles: of the catalogue; a title may be empty.
        roles: of the columns.
        seed: of the choice of users.
    """
    raw = read_raw_columns(folder, {roles.user_id: tf.string, HISTORY: tf.string})
    users, histories = first_values(raw[roles.user_id]), raw[HISTORY]
    active = np.flatnonzero(np.diff(histories.row_splits) >= 1)
    chosen = np.sort(np.random.default_rng(seed).permutation(active)[:USERS])
    titles = dict(zip(indexed.item_ids, all_titles, strict=True))
    places = {item: place for place, item in enumerate(indexed.item_ids)}
    samples = []
    for row in chosen:
        answer = model.signatures["serving_default"](user_id=tf.constant([users[row]]))
        shown = zip(answer["item_id"].numpy()[0], answer["title"].numpy()[0], answer["score"].numpy()[0], strict=True)
        taken = histories.values[histories.row_splits[row] : histories.row_splits[row + 1]]
        known = [places[item] for item in taken if item in places]
        samples.append(
            {
                "user_id": users[row].decode(),
                "history": [(titles.get(item) or item).decode() for item in taken[-HISTORY_SHOWN:]],
                "items": [
                    {
                        "item_id": item.decode(),
                        "title": (title or item).decode(),
                        "score": float(score),
                        "because": [
                            (all_titles[place] or indexed.item_ids[place]).decode()
                            for place in nearest(indexed.vectors, places[item], known)
                        ],
                    }
                    for item, title, score in list(shown)[:ITEMS_SHOWN]
                    if item
                ],
            }
        )
    return samples


def nearest(vectors: npt.NDArray[np.float32], item: int, history: Sequence[int]) -> list[int]:
    """The items of a history that the retrieval model takes for most like `item`, the nearest first.

    By cosine without the bias, which is the last coordinate; what is no nearer than at right angles is no reason.

    Args:
        vectors: [num_items, D] of the candidate tower.
        item: position of the recommended item.
        history: positions of items, which may repeat.
    """
    candidates = np.array(list(dict.fromkeys(history)), np.int64)
    directions = vectors[candidates, :-1]
    products = directions @ vectors[item, :-1]
    lengths = np.linalg.norm(directions, axis=1) * np.linalg.norm(vectors[item, :-1])
    cosines = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    order = np.argsort(-cosines, kind="stable")[:REASONS_SHOWN]
    return [int(candidates[place]) for place in order if cosines[place] > 0]

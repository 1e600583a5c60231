"""The served recommender: retrieval → filter → ranking → re-ranking → answer."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import tensorflow as tf

from modules.serving.candidates import Asked, CandidateFinder
from modules.serving.catalogue import Candidates, Catalogue
from modules.serving.config import Blend, ServingConfig
from modules.serving.examples import parse_items, parse_request
from modules.serving.limits import most_requests
from modules.serving.moment import When
from modules.serving.query import QueryBuilder, Request, no_values
from modules.serving.rules import Rules
from modules.serving.signatures import signatures
from modules.serving.tables import CatalogueTable, Names, UserTable
from modules.serving.towers import Towers

__all__ = ["Blend", "CatalogueTable", "Names", "Servable", "ServingConfig", "Towers", "UserTable"]


class Servable(tf.Module):
    """Everything between a raw request and its answer.

    Answers are dicts of item_id and title [B, k] string and score [B, k] float32, best first, of exactly max(k, 0)
    columns; where no eligible item is left, "" and 0. A pinned item comes first whatever its score, and diversity,
    calibration, exploration and caps change the order too: only without them do the scores descend.

    Attributes:
        items_like: whether `like` makes sense, i.e. whether items have features besides their id.
        most_requests: that a batch may have.
    """

    def __init__(
        self,
        catalogue: CatalogueTable,
        users: UserTable,
        towers: Towers,
        blend: Blend,
        config: ServingConfig,
        rules: Rules,
        history_length: int,
        names: Names,
        asset_dir: str | Path,
        items_like: bool = True,
    ) -> None:
        """Builds the graph's tables.

        Args:
            catalogue, users: what is known ahead.
            towers: the trained models.
            blend: weights of the final score.
            config: see there; its `rules` path is not read here.
            rules: what was read from it.
            history_length: how many of the newest history items the towers get.
            names: of the special columns.
            asset_dir: folder for the vocabularies; made if missing, and needed until `save` is done.
            items_like: whether to export that signature.

        Raises:
            InputError: empty catalogue, ids empty, twice or with a line break, a cap on an unknown column.
        """
        super().__init__(name="servable")
        folder = Path(asset_dir)
        folder.mkdir(parents=True, exist_ok=True)
        self.towers = towers
        self.items_like = items_like
        self._names = names
        self._blend = blend
        self._catalogue = Catalogue(catalogue, rules, config, folder)
        self._finder = CandidateFinder(self._catalogue, rules.cap, config)
        self._depth = config.depth(self._catalogue.size)
        self.most_requests = most_requests(self._catalogue.size, self._depth)
        self._queries = QueryBuilder(users, self._catalogue.items, towers.query_inputs, names, history_length, folder)

    def recommend(self, request: Request, k: tf.Tensor) -> dict[str, tf.Tensor]:
        """The k best items that a user has not seen."""
        query = self._queries.build(request)
        features = self.towers.query_features(query.raw)
        when = self._when(request)
        vectors = self._query_vectors(features, when)
        asked = Asked(vectors, query.blocked, query.history, when, tf.maximum(k, 0))
        found = self._finder.find(asked, tf.maximum(self._depth, k))
        ranked = Candidates(found.positions, self._blended(features, found, when.known))
        return self._catalogue.answer(ranked.pick(self._finder.order(ranked, asked)), k)

    def recommend_from_examples(
        self, examples: tf.Tensor, k: tf.Tensor, stored_history: bool = True
    ) -> dict[str, tf.Tensor]:
        """`recommend` for serialised tf.Examples [B]; without `stored_history` they say all that is known."""
        request = parse_request(examples, self.towers.query_inputs, self._names, stored_history)
        return self.recommend(request, k)

    def retrieve_from_examples(
        self, examples: tf.Tensor, k: tf.Tensor, stored_history: bool = True
    ) -> dict[str, tf.Tensor]:
        """`retrieve` for serialised tf.Examples [B]."""
        return self.retrieve(parse_request(examples, self.towers.query_inputs, self._names, stored_history), k)

    def retrieve(self, request: Request, k: tf.Tensor) -> dict[str, tf.Tensor]:
        """`recommend` by the retrieval score alone: no ranker, no re-ranking, no pins."""
        query = self._queries.build(request)
        when = self._when(request)
        vectors = self._query_vectors(self.towers.query_features(query.raw), when)
        return self._catalogue.answer(self._catalogue.search(vectors, query.blocked, when, k), k)

    def similar(self, item_id: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        """The k items nearest to given ones [B] by cosine (without biases) but themselves; none for an unknown id."""
        positions = self._catalogue.items.positions(item_id)[:, tf.newaxis]
        itself = tf.RaggedTensor.from_tensor(positions, row_splits_dtype=tf.int64)
        vectors = self._catalogue.vectors(positions[:, 0])
        found = self._catalogue.search(vectors, itself, self._now(item_id), k, cosine=True)
        return self._catalogue.answer(Candidates(tf.where(positions < 0, -1, found.positions), found.scores), k)

    def like(self, examples: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        """The k items nearest by cosine to items described by serialised tf.Examples [B]."""
        features = self.towers.candidate_features(parse_items(examples, self.towers.item_inputs))
        vectors = self.towers.candidate_vector(features)
        nothing = no_values(examples, tf.int32)
        found = self._catalogue.search(vectors, nothing, self._now(examples), k, cosine=True)
        return self._catalogue.answer(found, k)

    def score(self, user_id: tf.Tensor, item_id: tf.Tensor) -> tf.Tensor:
        """Predicted target of pairs, [B] float32; the blended score where there is no target."""
        request = Request.of(user_id)
        features = self.towers.query_features(self._queries.build(request).raw)
        positions = self._catalogue.items.positions(item_id)[:, tf.newaxis]
        when = self._when(request)
        retrieval = self._finder.inner(self._query_vectors(features, when), positions, when)
        ranked = self.towers.rank(features, self._catalogue.encodings(positions), retrieval)
        if "target" in ranked:
            return ranked["target"][:, 0]
        return self._weigh({"retrieval": retrieval, **ranked, **self._popularity(positions, when.known)})[:, 0]

    def save(self, path: str | Path) -> None:
        """Writes a SavedModel with the signatures of `signatures`."""
        tf.saved_model.save(self, str(path), signatures=signatures(self))

    def _when(self, request: Request) -> When:
        """When it was asked, and what may be known then of the items' popularity."""
        popularity = self._catalogue.popularity
        given = request.columns.get(self._names.time) if self._names.time else None
        moments = no_values(request.user_id, tf.int64) if given is None else given
        known = popularity.served(request.user_id) if request.stored_history else popularity.known_at(moments)
        return popularity.when(known, moments)

    def _now(self, like: tf.Tensor) -> When:
        """For requests that say nothing of when, as many as `like` has rows."""
        popularity = self._catalogue.popularity
        return popularity.when(popularity.served(like), no_values(like, tf.int64))

    def _query_vectors(self, features: dict[str, tf.Tensor], when: When) -> tf.Tensor:
        """[B, D] float32, as wide as the vectors of the index."""
        return self._catalogue.popularity.beside(self.towers.query_vector(features), when.known)

    def _blended(self, features: dict[str, tf.Tensor], found: Candidates, known: tf.Tensor) -> tf.Tensor:
        """Final scores [B, K], 0 where there is no item."""
        none = found.positions < 0
        parts = {"retrieval": tf.where(none, 0.0, found.scores)}
        if self._blend.needs_ranker:
            encodings = self._catalogue.encodings(found.positions)
            parts |= self.towers.rank(features, encodings, parts["retrieval"])
        return tf.where(none, 0.0, self._weigh(parts | self._popularity(found.positions, known)))

    def _popularity(self, positions: tf.Tensor, known: tf.Tensor) -> dict[str, tf.Tensor]:
        """What the final score takes from the popularity of items, [B, K] each."""
        parts, popularity = {}, self._catalogue.popularity
        if self._blend.recent:
            parts["recent"] = popularity.recent(positions, known)
        if self._blend.unmet:
            parts["unmet"] = popularity.unmet(positions)
        return parts

    def _weigh(self, parts: dict[str, tf.Tensor]) -> tf.Tensor:
        """The weighted sum; a part of weight 0 need not be there."""
        weights = dataclasses.asdict(self._blend)
        return tf.add_n([weight * parts[name] for name, weight in weights.items() if weight])

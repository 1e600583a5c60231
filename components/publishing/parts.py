"""Names: of what is kept with a published version, and of what its manifest says."""

from __future__ import annotations

RETRIEVER, RANKING = "retriever", "ranking"
EVALUATED = "evaluated_model"  # the servable that the evidence is about, where a refit of it is what is served
STATES = RETRIEVAL_STATE, RANKING_STATE = "retrieval_state", "ranking_state"
# What the served recommender is made of, for a refresh of the catalogue. Without a ranker of its own, it has RANKING.
SERVED_RETRIEVAL, SERVED_RANKING = "served_retrieval", "served_ranking"
SERVED_INDEX, TRANSFORM_GRAPH = "served_index", "transform_graph"
STATISTICS = INTERACTIONS, CANDIDATES = "interactions_statistics", "candidates_statistics"

# In the manifest.
DIGESTS = "digests"  # of every part, and of
SERVABLE = "servable"  # what is served
ROLLED_BACK_TO = "rolled_back_to"  # the version whose content this one is
CONFIG = "config"  # of its run: the keys that differ from their defaults
MODELS_OF, MODELS_DIGEST = "models_of", "models_digest"  # of a refresh: the version its models are from, and their run
WITHDRAWN = "withdrawn"  # what was served after that: versions, and the digests of their runs

# Of the artifacts by which a run gets at it.
BASELINE = "baseline"  # the input that is compared with
LOOK_UP = -1  # as a version: the newest, when the task runs
VERSION = "version"  # the custom property that says which version that is

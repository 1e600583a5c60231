"""Names: of what is kept with a published version, and of what its manifest says."""

from __future__ import annotations

RETRIEVER, RANKING = "retriever", "ranking"
EVALUATED = "evaluated_model"  # the servable that the evidence is about, where a refit of it is what is served
STATES = RETRIEVAL_STATE, RANKING_STATE = "retrieval_state", "ranking_state"
STATISTICS = INTERACTIONS, CANDIDATES = "interactions_statistics", "candidates_statistics"

# In the manifest.
DIGESTS = "digests"  # of every part, and of
SERVABLE = "servable"  # what is served
ROLLED_BACK_TO = "rolled_back_to"  # the version whose content this one is
WITHDRAWN = "withdrawn"  # what was served after that: versions, and the digests of their runs

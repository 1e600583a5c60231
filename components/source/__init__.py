"""Tables of a user's product: where they are, what is in them, and their rows in canonical types.

Needs pyarrow and SQLAlchemy only, so that a wrong flag is found before TensorFlow and Beam are even imported.
"""

from components.source.cells import CellLimits, normalise, read_table
from components.source.columns import canonical_type, columns_of, key_of
from components.source.config import DataConfig
from components.source.credentials import redact, remember, resolve
from components.source.location import open_source
from components.source.preflight import SourceFacts, check_source
from components.source.source import INTERACTIONS, ITEMS, TABLES, USERS, Partition, Source, TableFacts

__all__ = [
    "INTERACTIONS",
    "ITEMS",
    "TABLES",
    "USERS",
    "CellLimits",
    "DataConfig",
    "Partition",
    "Source",
    "SourceFacts",
    "TableFacts",
    "canonical_type",
    "check_source",
    "columns_of",
    "key_of",
    "normalise",
    "open_source",
    "read_table",
    "redact",
    "remember",
    "resolve",
]

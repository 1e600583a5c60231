"""Everything that is looked at before the first component starts, so that mistakes are found in seconds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from components.evaluation.config import EvaluationConfig
from components.evaluation.slices import slice_columns
from components.source import INTERACTIONS, ITEMS, USERS, DataConfig, Source, check_source, open_source, remember
from components.source.image_files import image_files_digest
from components.source.spans import location_of_span
from modules.errors import InputError
from modules.roles import Roles, Table, parse_roles, read_schema_text
from modules.serving.config import ServingConfig
from modules.serving.rules import parse_rules

_SAMPLE_ROWS = 2000


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A source and a schema that fit each other.

    Attributes:
        source: where the tables are, without passwords.
        fingerprint: of their content.
        schema_text: the annotated schema.
        rules_text: of the rules file; empty without one.
        slice_columns: columns that metrics are broken down by.
    """

    source: str
    fingerprint: str
    schema_text: str
    rules_text: str
    slice_columns: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Described:
    """A schema and rules that fit each other.

    Attributes:
        schema_text: the annotated schema.
        rules_text: of the rules file; empty without one.
        roles: of the columns.
    """

    schema_text: str
    rules_text: str
    roles: Roles


def prepare(
    location: str,
    schema_path: str,
    data: DataConfig,
    evaluation: EvaluationConfig,
    serving: ServingConfig,
    say: Callable[[str], None],
    span: str = "",
) -> Prepared:
    """Checks schema, rules, tables and configuration against each other.

    Args:
        location: URL or folder of the tables, perhaps with a place for a span.
        schema_path: of the annotated schema.
        data, evaluation, serving: sections of the configuration.
        say: shows a line of progress.
        span: to read; empty: the newest.

    Raises:
        InputError: whatever does not fit.
    """
    described = describe(schema_path, evaluation, serving)
    roles = described.roles
    source = open_source(remember(location_of_span(location, span)))
    facts = check_source(source, roles, data)
    if serving.retrieve_k is not None and serving.retrieve_k > facts.rows[ITEMS]:
        raise InputError(
            "config [serving], key retrieve_k",
            f"at most the {facts.rows[ITEMS]} items of the catalogue",
            serving.retrieve_k,
        )
    counted = ", ".join(f"{rows:,} {table}" for table, rows in facts.rows.items())
    say(f"source  {facts.location}: {counted}")
    return Prepared(
        source=facts.location,
        fingerprint=source.fingerprint() + image_files_digest(source, roles),
        schema_text=described.schema_text,
        rules_text=described.rules_text,
        slice_columns=slice_columns(roles, evaluation.slices, _distinct_values(source, roles)),
    )


def describe(schema_path: str, evaluation: EvaluationConfig, serving: ServingConfig) -> Described:
    """Checks schema, rules and configuration against each other; the tables need not be there.

    Raises:
        InputError: whatever does not fit.
    """
    text = read_schema_text(schema_path)
    roles = parse_roles(text, f"schema {schema_path}")
    evaluation.resolved_protocol(roles)
    serving.check(roles)
    return Described(text, _read_rules(serving, roles), roles)


def _read_rules(serving: ServingConfig, roles: Roles) -> str:
    """The text of the rules file, checked."""
    if serving.rules is None:
        return ""
    try:
        text = Path(serving.rules).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"rules {serving.rules}", "a readable UTF-8 text file", error) from error
    parse_rules(text, roles, serving.rules)
    return text


def _distinct_values(source: Source, roles: Roles) -> dict[str, int]:
    """How many values the columns of users and of the context have among the first rows of their table."""
    counts: dict[str, int] = {}
    present = source.facts()
    for table, kind in ((USERS, Table.USER), (INTERACTIONS, Table.CONTEXT)):
        names = [column.name for column in roles.features(kind) if not column.is_list]
        if table in present and names:
            head = source.head(table, names, _SAMPLE_ROWS)
            counts |= {name: len(head[name].drop_null().unique()) for name in names}
    return counts

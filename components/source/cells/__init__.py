"""Cells of source tables: every type a source may hold, checked and brought to one canonical type a column."""

from components.source.cells.table import CellLimits, normalise, read_table

__all__ = ["CellLimits", "normalise", "read_table"]

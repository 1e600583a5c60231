"""Trains without some items, refreshes the catalogue with them, and measures what they and new users are worth.

python -m benchmarks.refresh shop
python -m benchmarks.refresh MOVIELENS_FOLDER --schema movielens_100k

Prints a Markdown table. Takes a whole training.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.refresh.measured import SHOP, TOP, Measured, measure


def table(found: Measured) -> str:
    """What was measured, in Markdown."""
    rows = found.answers
    lines = [
        f"training {found.training_seconds:.0f} s, refresh {found.refresh_seconds:.0f} s, "
        f"{found.new_items} of {found.items} items new",
        f"{found.met_again:.0%} are among the {TOP} similar items of the known item that is nearest to them",
        "| | " + " | ".join(next(iter(rows.values()))) + " | × chance |",
        "|---" * 7 + "|",
    ]
    for name, row in rows.items():
        values = " | ".join(f"{value:.3f}" for key, value in row.items() if key != "queries")
        lines.append(f"| {name} | {row['queries']:,} | {values} | {row['recall@100'] / row['chance']:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Runs as the module says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help=f"{SHOP}, or a MovieLens folder")
    parser.add_argument("--schema", default="demo_shop", help="name of a file in schema/")
    parser.add_argument("--work", type=Path, default=Path("runs/benchmark-refresh"))
    parser.add_argument("--share", type=float, default=0.1, help="of the items that are new")
    parser.add_argument("--seed", type=int, default=7)
    flags = parser.parse_args()
    print(table(measure(flags.source, flags.schema, flags.work, flags.share, flags.seed)))


if __name__ == "__main__":
    main()

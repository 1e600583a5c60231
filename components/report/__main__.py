"""Opens the reports of a root in a browser, or serves them on this machine. A runner: it reads flags and prints.

python -m components.report                      the newest run of ./runs
python -m components.report --root DIR --serve   the list of runs, on http://127.0.0.1:8000/
"""

from __future__ import annotations

import argparse
import sys
import webbrowser
from pathlib import Path

from components.report.folder import PAGE, read_scorecards
from components.report.server import ReportServer


def main(arguments: list[str]) -> int:
    """Opens or serves; returns the exit status: 0, or 2 for bad flags and a root without reports."""
    parser = argparse.ArgumentParser(
        prog="python -m components.report",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--root", metavar="DIR", default="runs", help="where runs wrote to (default: ./runs)")
    parser.add_argument("--run", metavar="ID", help="the run to open (default: the newest)")
    parser.add_argument("--serve", action="store_true", help="serve all reports until interrupted")
    parser.add_argument("--port", type=int, default=8000, help="to serve on; 0: any that is free (default: 8000)")
    flags = parser.parse_args(arguments)
    reports = Path(flags.root).resolve() / "reports"
    if not (reports / PAGE).is_file():
        parser.error(f"no reports in {reports}: expected {PAGE}, which every run writes")
    if flags.serve:
        return _serve(reports, flags.port, parser)
    page = reports / _run(reports, flags.run, parser) / PAGE
    sys.stdout.write(f"{page}\n")
    webbrowser.open(page.as_uri())
    return 0


def _run(reports: Path, wanted: str | None, parser: argparse.ArgumentParser) -> str:
    runs = [scorecard.run.id for scorecard in read_scorecards(reports)[0]]
    if wanted is None and runs:
        return runs[0]
    if wanted not in runs:
        parser.error(f"no run {wanted or ''} in {reports}: there are {', '.join(runs) or 'none'}")
    return wanted


def _serve(reports: Path, port: int, parser: argparse.ArgumentParser) -> int:
    try:
        server = ReportServer(reports, port)
    except (OSError, OverflowError) as error:
        parser.error(f"cannot serve on port {port}: {error}")
    sys.stdout.write(f"{server.url}  (Ctrl-C ends it)\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

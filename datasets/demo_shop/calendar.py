"""When the demo shop was open, in seconds since the epoch. Fixed, so that every run makes the same shop."""

from __future__ import annotations

import datetime

DAY = 86_400
END = int(datetime.datetime(2026, 9, 30, tzinfo=datetime.UTC).timestamp())
# Half a year of interactions.
START = END - 183 * DAY

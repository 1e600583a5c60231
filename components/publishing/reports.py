"""Reports of runs beside the versions that they published, or did not.

<root>/reports/<run>/   what `components.report.folder` writes for a run
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from components.json_file import json_value
from components.publishing.object_files import ObjectFiles
from components.report.folder import SCORECARD
from components.report.scorecard import Scorecard
from modules.errors import InputError

REPORTS = "reports"
_ENDPOINT = "AWS_ENDPOINT_URL"


def reports_in(location: str, environment: Mapping[str, str]) -> PublishedReports:
    """The reports in a cluster's published store, for who is outside of the cluster.

    Args:
        location: folder or URL of the store.
        environment: by which it is found.

    Raises:
        InputError: a bucket of MinIO whose address is not said; it would be looked for at Amazon's.
    """
    if location.startswith("minio://") and _ENDPOINT not in environment:
        raise InputError(location, f"{_ENDPOINT} in the environment, MinIO's address as seen from here", "none")
    return PublishedReports(location)


class PublishedReports:
    """The reports in a published store.

    Args:
        location: folder or URL of the store.

    Raises:
        InputError: each method, where the store cannot be reached, read or written.
    """

    def __init__(self, location: str) -> None:
        self._files = ObjectFiles(location if "://" in location else Path(location).absolute().as_uri())

    def url(self, run: str) -> str:
        """Where the report of a run is."""
        return f"{self._files.url}/{REPORTS}/{run}"

    def publish(self, run: str, folder: Path) -> None:
        """Puts the files of a folder there, the scorecard last; those of the same run are replaced."""
        files = sorted(folder.iterdir(), key=lambda file: (file.name == SCORECARD, file.name))
        self._files.upload_together((file, f"{REPORTS}/{run}/{file.name}") for file in files)

    def scorecard(self, run: str) -> Scorecard | None:
        """What a run reports; None if it left no report.

        Raises:
            InputError: what it left is no scorecard of this version.
        """
        where = f"{self.url(run)}/{SCORECARD}"
        text = self._files.read(f"{REPORTS}/{run}/{SCORECARD}")
        if text is None:
            return None
        try:
            return Scorecard.from_dict(json_value(text, where))
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(where, "a scorecard of this version", type(error).__name__) from error

    def fetch(self, target: Path) -> bool:
        """Copies all reports into a folder; False if there are none."""
        return self._files.download(REPORTS, target)

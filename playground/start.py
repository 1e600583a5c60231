"""Starts Streamlit in this process, as `streamlit run` does, with one fault of it mended.

With Starlette 1.10, Streamlit 1.60 answers every request for an image, its own icon among them, with an error 500: of
what is not to be compressed, and Starlette counts images to that now, the headers are sent in a method that Streamlit
replaces. Without images in its list they are compressed, which costs nothing here.
"""

from __future__ import annotations

import sys

from streamlit.web import cli
from streamlit.web.server.starlette import starlette_gzip_middleware


def mend() -> None:
    """Takes what is not streamed out of the list."""
    vars(starlette_gzip_middleware)["_EXCLUDED_CONTENT_TYPES"] = ("audio/", "video/")


if __name__ == "__main__":
    mend()
    sys.exit(cli.main(prog_name="streamlit"))

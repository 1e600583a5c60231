"""What Beam workers install (`--setup_file=setup.py`): the packages with their data. Metadata: pyproject.toml."""

from setuptools import find_packages, setup

_PACKAGES = ("monitoring", "playground", "pipeline", "components", "modules", "datasets")

setup(
    packages=find_packages(include=[pattern for name in _PACKAGES for pattern in (name, f"{name}.*")]),
    package_data={
        "": [
            "*.html",
            "*.css",
            "*.js",
            "*.json",
            "*.jinja",
            "*.pbtxt",
            "*.sql",
            "*.toml",
            "*.txt",
            "*.yaml",
            "rules/*",
            "static/*",
            "templates/*",
        ]
    },
)

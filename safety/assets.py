"""Where the shipped rules, models and pages live, in an installed wheel or in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The folder of shipped data called `models`, `rules` or `admin_ui`."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name

"""Read, recompute and review Chinese performance self-evaluation forms (项目支出绩效自评表).

The whole of it in three lines::

    import auditkit as ak
    for review in ak.review("report.pdf"):
        ak.show(review)

Importing is light: readers, tables and charts are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Bound here and now, since the module of the same name would take the name otherwise.
from auditkit.recompute import recompute as recompute

__version__ = "0.1.0"
__all__ = [
    "RULES", "Log", "Review", "evaluate", "findings_frame", "page_picture", "read", "read_bytes",
    "recompute", "report_frame", "review", "show", "show_budget", "show_coverage", "show_head",
    "show_unsure", "write_workpapers",
]  # fmt: skip
_HOMES = {
    "annotations": ("Log",),
    "display": (
        *("findings_frame", "page_picture", "report_frame", "show", "show_budget"),
        *("show_coverage", "show_head", "show_unsure"),
    ),
    "findings": ("evaluate",),
    "reviewing": ("Review", "read", "read_bytes", "review"),
    "rules": ("RULES",),
    "workpapers": ("write_workpapers",),
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for."""
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"auditkit.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'auditkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names, also those not loaded yet."""
    return sorted({*globals(), *(name for names in _HOMES.values() for name in names)})

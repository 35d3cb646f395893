"""Read, recompute and review Chinese performance self-evaluation forms (项目支出绩效自评表).

The whole of it in three lines::

    import auditkit as ak
    for review in ak.review("report.pdf"):
        ak.show(review)

Importing is light: readers, tables and charts are loaded when they are first used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Bound here and now, since the module of the same name would take the name otherwise.
from auditkit.recompute import recompute
from auditkit.version import __version__

if TYPE_CHECKING:
    from auditkit.decisions.corrections import corrected
    from auditkit.decisions.log import Log, about_entry, about_form
    from auditkit.findings import Observation, Outcome, Severity, Suppression, rule
    from auditkit.many.comparison import compare
    from auditkit.many.engagement import engagement
    from auditkit.many.reconciliation import read_rows, reconcile
    from auditkit.many.results import query
    from auditkit.many.sampling import sample
    from auditkit.notebook.charts import (
        show_bridge,
        show_funds,
        show_methods,
        show_spread,
        show_targets,
    )
    from auditkit.notebook.desk import Desk
    from auditkit.notebook.display import (
        findings_frame,
        page_picture,
        report_frame,
        show,
        show_budget,
        show_coverage,
        show_decisions,
        show_findings,
        show_head,
        show_notes,
        show_pages,
        show_standards,
        show_summary,
        show_unsure,
    )
    from auditkit.readers import tables
    from auditkit.reviewing import Review, Terms, evaluate, read, read_bytes, review
    from auditkit.rules import RULES
    from auditkit.wording import speak
    from auditkit.workpapers import write_workpapers

__all__ = ["RULES", "Log", "Review", "compare", "read", "read_bytes", "recompute"]
__all__ += ["Desk", "about_entry", "about_form", "corrected", "findings_frame"]
__all__ += ["page_picture", "report_frame", "review", "show", "show_budget"]
__all__ += ["__version__", "show_coverage", "show_head", "show_unsure", "write_workpapers"]
__all__ += ["show_bridge", "show_findings", "show_funds", "show_methods", "show_spread"]
__all__ += ["Terms", "engagement", "query", "sample", "show_targets", "speak"]
__all__ += ["Observation", "Outcome", "Severity", "Suppression", "rule", "show_standards"]
__all__ += ["read_rows", "reconcile", "show_decisions", "show_notes", "show_pages"]
__all__ += ["evaluate", "show_summary", "tables"]

# Where the names are that are not in display.
_HOMES = {
    name: home
    for home, names in {
        "decisions.corrections": "corrected",
        "decisions.log": "Log about_entry about_form",
        "notebook.charts": "show_bridge show_funds show_methods show_spread show_targets",
        "many.comparison": "compare",
        "many.engagement": "engagement",
        "notebook.desk": "Desk",
        "findings": "Observation Outcome Severity Suppression rule",
        "many.reconciliation": "read_rows reconcile",
        "many.results": "query",
        "readers": "tables",
        "reviewing": "Review Terms evaluate read read_bytes review",
        "rules": "RULES",
        "many.sampling": "sample",
        "wording": "speak",
        "workpapers": "write_workpapers",
    }.items()
    for name in names.split()
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'auditkit' has no attribute {name!r}")
    home = import_module(f"auditkit.{_HOMES.get(name, 'notebook.display')}")
    value = getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also those not loaded yet."""
    return sorted({*globals(), *__all__})


if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()):
    import_module("auditkit.notebook.display").register(shell)

"""Read, recompute and review Chinese performance self-evaluation forms (项目支出绩效自评表).

The whole of it in three lines::

    import auditkit as ak
    for review in ak.review("report.pdf"):
        ak.show(review)

The same a stage at a time, each of which can be looked at with ``ak.show``::

    tables = ak.tables("report.pdf")
    report = ak.corrected(ak.recognise(tables)[0])
    review = ak.evaluate(ak.recompute(report), ak.Terms())

Own rules take what more they need from ``auditkit.rules``. Importing is light: readers, tables and
charts are loaded when they are first used.
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
    from auditkit.decisions.log import Log
    from auditkit.findings import rule
    from auditkit.forms import recognise
    from auditkit.many.comparison import compare
    from auditkit.many.engagement import engagement
    from auditkit.many.reconciliation import reconcile
    from auditkit.many.results import query
    from auditkit.many.sampling import sample
    from auditkit.notebook.desk import Desk
    from auditkit.notebook.showing import show
    from auditkit.readers import tables
    from auditkit.reviewing import Terms, evaluate, read, review
    from auditkit.rules import RULES
    from auditkit.wording import speak
    from auditkit.workpapers import write_workpapers

__all__ = ["RULES", "Desk", "Log", "Terms", "__version__", "compare", "corrected", "engagement"]
__all__ += ["evaluate", "query", "read", "recognise", "recompute", "reconcile", "review", "rule"]
__all__ += ["sample", "show", "speak", "tables", "write_workpapers"]

# In which room each name is.
_HOMES = {
    "RULES": "rules",
    "Desk": "notebook.desk",
    "Log": "decisions.log",
    "Terms": "reviewing",
    "compare": "many.comparison",
    "corrected": "decisions.corrections",
    "engagement": "many.engagement",
    "evaluate": "reviewing",
    "query": "many.results",
    "read": "reviewing",
    "recognise": "forms",
    "reconcile": "many.reconciliation",
    "review": "reviewing",
    "rule": "findings",
    "sample": "many.sampling",
    "show": "notebook.showing",
    "speak": "wording",
    "tables": "readers",
    "write_workpapers": "workpapers",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'auditkit' has no attribute {name!r}")
    value = getattr(import_module(f"auditkit.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also those not loaded yet."""
    return sorted({*globals(), *__all__})


if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()):
    import_module("auditkit.notebook.showing").register(shell)
    import_module("auditkit.notebook.troubles").register(shell)

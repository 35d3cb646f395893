"""Loads jsonschema without its grammar of addresses in any script, which takes two seconds.

nbformat asks jsonschema whether a file is a notebook, and no part of one is such an address. This
goes before whatever loads nbformat; pytest takes it as a plugin: ``-p auditkit.notebook.quick``.
"""

from __future__ import annotations

import sys
from importlib import import_module

_GRAMMAR = "rfc3987_syntax"

if _GRAMMAR not in sys.modules:
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]  # jsonschema then does without
    import_module("jsonschema")
    del sys.modules[_GRAMMAR]

"""Notebooks under nbval keep decisions in a log of their own, not in that of who tests them."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="auditkit-log-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["AUDITKIT_LOG"] = f"{_folder}/annotations.sqlite"

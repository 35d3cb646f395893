"""What keeps a file, or pages of it, from being read: the words stand in ``troubles.toml``."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from auditkit import errors
from auditkit.wording import Fact

_TABLES: dict[str, dict[str, str]] = tomllib.loads(
    (files("auditkit.readers") / "troubles.toml").read_text(encoding="utf-8")
)


def trouble(what: str, name: str, **facts: Fact) -> errors.AuditkitError:
    """Return the error for a trouble of the file that messages call ``name``, ready to raise.

    ``facts`` fill in what the words leave open, such as ``reason``.
    """
    own = _TABLES[what]
    if "extra" in own:
        return errors.ExtraMissingError.of(own["extra"], what, name=name)
    kind: type[errors.AuditkitError] = getattr(errors, own["error"])
    return kind.saying(what, name=name, **facts)

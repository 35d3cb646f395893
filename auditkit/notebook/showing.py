"""One word for showing: ``show`` looks up what a thing is, and what of it is asked for.

``WAYS`` and ``WAYS_OF_SEVERAL`` of ways.py have for each kind of thing the ways that it is shown
in, by their names; the empty name is how it is shown where nothing is asked for. To show something
new, write a function of the thing and of what is ``Asked``, and name it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.decisions.events import Decision, Standing
from auditkit.notebook.drawing import Several
from auditkit.notebook.ways import (
    WAYS,
    WAYS_OF_SEVERAL,
    WHOLE,
    Asked,
    Display,
    Way,
    Ways,
    decided,
    left_out,
    nothing,
)
from auditkit.reviewing import Terms
from auditkit.wording import Language, language

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def show(
    thing: Any,
    what: str = "",
    *,
    source: str | Path | None = None,
    only: str | Iterable[str] = (),
    lang: str = "",
    margin: float = WHOLE,
    title: str = "",
    terms: Terms | None = None,
) -> Display:
    """Show what auditkit makes: as a table with its ``frame``, as pictures, or as cards.

    What there is to ask for, beside how a thing is shown where nothing is:

    - a path: the forms of the file with what was found in each, below the verdict; ``forms`` with
      what was not read surely; in either ``tables``, ``reports``, ``reviews`` and ``form(NUMBER)``
      of it go on, and are empty where the file has no form, as are ``doubted(LOG, NAME)``,
      the sheet of its doubted cells, and ``desk(LOG, NAME)``; ``choose``, a chooser of the file,
      the auditor and the language of the running notebook;
    - tables: their pages drawn where ``source`` is given, else each cell with its place;
      ``camelot``, what camelot reads otherwise;
    - a form: ``head``, ``funds``, ``indicators`` with all their levels, ``unsure``, ``unplaced``
      (what was not understood), ``notes``, and ``pages`` with each cell framed; several forms are
      listed;
    - entries of a form: their pages drawn where ``source`` is given, else their places;
    - what was worked out: its ``verdict``, the charts ``bridge``, ``targets``, ``funds`` and
      ``methods``, each below what it comes to; the figures that are ``odd``, since another is
      printed, those of ``budget``, ``indicator`` and ``sums``, and the ``cells`` behind the first;
    - reviews of a document or of several: a line for each;
    - a review: ``summary``, the ``page`` with the cells that findings rest on, ``findings`` in
      full, with their cells where ``source`` is given, ``coverage``, what is ``open``, ``judged``,
      ``decisions`` of the log of its terms, and ``standards`` in force;
    - numbers by their names: ``spread``, ranked below a ``title``;
    - an engagement: its files; ``ranking`` with a row a project, ``failures``, ``scores``,
      ``rates``, ``across``, and ``changes`` between two files of one project below ``source``;
    - figures, findings, rules, comparisons, decisions, rows, draws and documents.

    Of several things, or of none, each is shown as it is alone where several have no such way.

    Args:
        thing: What to show, or several of a kind.
        what: What of it.
        source: The file that it was read from, whose pages are drawn.
        only: Ids of rules or keys of findings; all, unless some are named.
        lang: The language, ``en`` or ``zh``, that of ``speak`` where none is named. A review and a
            comparison speak their own.
        margin: How many points around framed cells are shown, the whole page unless it is named.
        title: What stands above a chart of numbers.
        terms: Those that a file is reviewed on, the usual ones unless some are given.

    Raises:
        ValueError: There is no such ``what``, or it needs a source; it says what there is.
        TypeError: It is nothing that auditkit shows.
        ReadError: The source cannot be read.
    """
    known, ways = _known(thing, what)
    if what not in ways:
        there = ", ".join(sorted(filter(None, ways))) or "nothing else"
        raise ValueError(f"{what!r} cannot be shown of this; there is {there}")
    named = (only,) if isinstance(only, str) else tuple(only)
    lang = lang or (terms.lang if terms else language())
    asked = Asked(source, named, lang, margin, title, terms or Terms(lang=Language(lang)))
    return ways[what](known, asked)


def _known(thing: Any, what: str = "") -> tuple[Any, Ways]:
    """Return a thing, or the list of several, with the ways that it can be shown in."""
    for kind, ways in WAYS.items():
        if isinstance(thing, kind):
            return thing, ways
    is_one = isinstance(thing, tuple(WAYS_OF_SEVERAL))
    with suppress(TypeError):  # what cannot be gone through is not several of anything
        some = [thing] if is_one else [one for one in thing if one is not None]
        if not some:
            return some, {"": nothing, what: nothing if not what else left_out}
        for kind, ways in (*WAYS_OF_SEVERAL.items(), *WAYS.items()):
            if all(isinstance(one, kind) for one in some):
                one_by_one = {} if what in ways and kind in WAYS_OF_SEVERAL else _each(kind)
                return some, {**one_by_one, **(ways if kind in WAYS_OF_SEVERAL else {})}
        if all(map(_is_decision, some)):
            return some, {"": decided}
    names = ", ".join(dict.fromkeys(kind.__name__ for kind in (*WAYS, *WAYS_OF_SEVERAL)))
    raise TypeError(f"show takes {names}, or several of a kind")


def _is_decision(thing: Any) -> bool:
    return isinstance(thing, tuple) and tuple(map(type, thing)) == (Decision, Standing)


def _each(kind: type) -> Ways:
    """Return the ways of one thing for several: each is shown below the other."""
    ways = next((ways for known, ways in WAYS.items() if issubclass(kind, known)), {})
    return {name: partial(_one_by_one, way) for name, way in ways.items()}


def _one_by_one(way: Way, some: Sequence[Any], asked: Asked) -> Display:
    shown = [way(one, asked) for one in some]
    return shown[0] if len(shown) == 1 else Several(shown, asked.lang)


# What IPython shows like this by itself; texts, mappings and rows are anybody's.
_ANYBODYS = (Mapping, str, Path)
OWN = tuple(kind for kind in {**WAYS, **WAYS_OF_SEVERAL} if kind not in _ANYBODYS)


def register(shell: InteractiveShell) -> None:
    """Have IPython show the values of auditkit as ``show`` does, wherever a cell ends in one."""

    def table(thing: Any) -> Display | None:
        with suppress(TypeError):
            first = thing[0] if isinstance(thing, tuple) and thing else thing
            if isinstance(first, OWN) or _is_decision(first):
                return show(thing)
        return None

    def html(thing: Any) -> str | None:
        shown = table(thing)
        return shown._repr_html_() if shown else None

    def text(thing: Any, printer: Any, is_cycle: bool) -> None:
        shown = table(thing)
        printer.text(repr(shown)) if shown else tuples(thing, printer, is_cycle)

    if shell.display_formatter:
        formatters = shell.display_formatter.formatters
        tuples = formatters["text/plain"].lookup_by_type(tuple)
        for kind in (*OWN, tuple):
            formatters["text/html"].for_type(kind, html)
            formatters["text/plain"].for_type(kind, text)

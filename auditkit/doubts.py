"""Why something on a form is not sure, and what is to be known of a form or its file, as values.

The words stand in ``doubts.toml``, in both languages, and are put on where they are shown. What a
kind's facts are stands beside it: texts of the form or file are ``str``, words of auditkit's own a
``Term`` or a member of a ``StrEnum``, the path of an entry a ``LabelPath``, counts ``int``. What
decides anything looks at kinds, never at words.
"""

from __future__ import annotations

from enum import StrEnum

from auditkit.wording import Statement


class DoubtKind(StrEnum):
    """Why a cell or a figure may not be what is printed."""

    # What stands in the text itself.
    BLANK_INSIDE = "blank inside"
    LINE_BREAK_INSIDE = "line break inside"
    ODD_COMMAS = "odd commas"
    GLUED = "glued"
    LETTERS_AMONG_DIGITS = "letters among digits"
    INVISIBLE = "invisible character"  # facts: code
    LOOK_ALIKE = "look-alike"  # facts: code
    RAISED_DIGIT = "raised digit"
    IN_BRACKETS = "in brackets"
    MONTH_OR_NUMBER = "month or number"
    MISREAD_SIGN = "misread sign"  # facts: percent
    MISREAD_AT_LEAST = "misread at least"  # facts: percent
    TOO_NARROW = "too narrow"
    NO_NUMBER = "no number"
    SEVERAL_YEARS = "several years"  # facts: line
    OWN_RATE = "own rate"  # facts: formula

    # What its column was not known for.
    TAKEN_FOR = "taken for"  # facts: label, role
    NAME_TAKEN_FOR = "name taken for"  # facts: label, role
    INFERRED_COLUMN = "inferred column"  # facts: label, role
    NO_HEAD = "no head"  # facts: role
    COLUMN_BESIDE = "column beside"  # facts: column
    CELLS_BESIDE = "cells beside"  # facts: cells

    # What a page edge or a rule did to a cell.
    MAY_BE_CUT = "may be cut"
    OVER_THE_EDGE = "over the edge"
    OVER_THE_RULE = "over the rule"
    RUNS_OVER = "runs over"
    CUT_OFF = "cut off"
    ROWS_BELOW = "rows below"
    BROKEN_RULE = "broken rule"
    RULE_MISSING = "rule missing"
    ODD_SHAPE = "odd shape"
    UNSOUND_GRID = "unsound grid"

    # What the file says is not what a person sees of it.
    HIDDEN = "hidden"
    OUTSIDE = "outside"
    WITHOUT_INK = "without ink"
    INK_WITHOUT_TEXT = "ink without text"
    OTHER_DIGIT = "other digit"
    ON_TOP = "on top"
    OTHER_ORDER = "other order"
    NO_MEANING = "no meaning"
    NO_FONT = "no font"
    UNSURE_BYTES = "unsure bytes"
    UNKNOWN_SYMBOL = "unknown symbol"
    NEVER_CALCULATED = "never calculated"
    FORMULA_FAILED = "formula failed"
    MERGED_BADLY = "merged badly"
    UNKNOWN_FORMAT = "unknown format"  # facts: format
    DECLARED = "declared"  # facts: property
    STRUCK = "struck"  # facts: text
    SCRIPTED = "scripted"
    OVERLAID = "overlaid"
    PICTURE = "picture"
    PRINTED_OTHERWISE = "printed otherwise"  # facts: text

    # What recognition of a picture is not sure of.
    RECOGNISED = "recognised"
    NOT_SURELY_RECOGNISED = "not surely recognised"  # facts: text
    RECOGNISED_TWO_WAYS = "recognised two ways"  # facts: first, second
    OTHER_SHAPES = "other shapes"
    UNREAD_MARK = "unread mark"
    SEALED = "sealed"
    ONE_NAME = "one name"  # facts: rows
    NEARLY_LABEL = "nearly label"  # facts: label
    ABOVE_ITS_POINTS = "above its points"  # facts: points
    MAY_BE_MISREAD = "may be misread"  # facts: reading, arithmetic
    MAY_BE_EITHER = "may be either"  # facts: first, second, arithmetic
    CONTRADICTED = "contradicted"  # facts: arithmetic

    # What the repeats of a dump leave open.
    UNPLACED = "unplaced"
    ROW_NOT_SURE = "row not sure"
    MAY_GO_ON = "may go on"
    GOES_ON = "goes on"  # facts: line
    ONE_NAME_OR_TWO = "one name or two"
    STRAY_IN_YEAR = "stray in year"
    REPEATS_DIFFER = "repeats differ"  # facts: first, votes, second, fewer
    RARE = "rare"  # facts: count, repeats
    INFERRED_POINTS = "inferred points"

    # What people decided, and what another file says of a value.
    READ_OTHERWISE = "read otherwise"  # facts: auditor, reading
    CORRECTED_THEN = "corrected then"  # facts: auditor, before, after, on
    AS_READ_THEN = "right as read then"  # facts: auditor, before, on
    NOT_READ = "not read"  # facts: path, how
    SAID_BEFORE = "said before"  # facts: words


# The kinds that say: a person who looks may see something else than was read. On such a cell no
# rule passes either.
SEEN_OTHERWISE = frozenset(
    {
        DoubtKind.HIDDEN, DoubtKind.OUTSIDE, DoubtKind.WITHOUT_INK, DoubtKind.ON_TOP,
        DoubtKind.OTHER_ORDER, DoubtKind.CUT_OFF, DoubtKind.NEVER_CALCULATED, DoubtKind.DECLARED,
        DoubtKind.STRUCK, DoubtKind.SCRIPTED, DoubtKind.OVERLAID, DoubtKind.PICTURE,
        DoubtKind.INK_WITHOUT_TEXT, DoubtKind.RECOGNISED,
        DoubtKind.OTHER_DIGIT, DoubtKind.UNSOUND_GRID, DoubtKind.PRINTED_OTHERWISE,
        DoubtKind.UNKNOWN_FORMAT, DoubtKind.UNKNOWN_SYMBOL,
    }
)  # fmt: skip


# The kinds that say: what stands in a picture may be no print at all.
MARKS = frozenset(
    {
        DoubtKind.SEALED, DoubtKind.UNREAD_MARK, DoubtKind.OTHER_SHAPES,
        DoubtKind.NOT_SURELY_RECOGNISED, DoubtKind.RECOGNISED_TWO_WAYS,
        DoubtKind.INK_WITHOUT_TEXT,
    }
)  # fmt: skip


class NoteKind(StrEnum):
    """What is to be known of a form or of its file."""

    # What a form lacks, and what was pieced together of it.
    LACKS = "lacks"  # facts: what
    ONLY_DECLARED = "only declared"
    DEPARTMENT_WIDE = "department-wide"
    LEFT_BLANK = "left blank"  # facts: rows
    SHARED_SCORES = "shared scores"  # facts: indicators
    OVER_PAGE_EDGES = "over page edges"  # facts: edges
    CUT_INDICATORS = "cut indicators"  # facts: indicators
    TABLE_NOT_TAKEN = "table not taken"  # facts: place
    NEIGHBOUR = "neighbour"  # facts: place, what
    COLUMN_UNKNOWN = "column unknown"  # facts: column, table, cells
    COLUMN_INFERRED = "column inferred"  # facts: column, table, role
    NOT_UNDERSTOOD = "not understood"  # facts: texts
    UNPLACED = "unplaced"  # facts: column, indicator, text
    GROUPS_WITHOUT_ROWS = "groups without rows"  # facts: groups
    BREAKS_OFF = "breaks off"  # facts: before, line

    # What was not read of a file, or read otherwise than it stands there.
    ACTIVE_CONTENT = "active content"  # facts: what
    CONVERTED = "converted"  # facts: suffix, into
    PAGES_UNREAD = "pages unread"  # facts: pages, reason
    CUT_BELOW = "cut below"  # facts: pages
    PAGES_TOO_LARGE = "pages too large"  # facts: pages
    TEXT_OUTSIDE = "text outside tables"  # facts: pages
    FONT_MISSING = "font missing"  # facts: pages, reason
    SHEET_UNREAD = "sheet unread"  # facts: reason
    SHEET_HIDDEN = "sheet hidden"  # facts: sheet
    ROWS_HIDDEN = "rows hidden"  # facts: sheet, rows
    COLUMNS_HIDDEN = "columns hidden"  # facts: sheet, columns
    NO_MERGED_CELLS = "no merged cells"
    PROMPTS = "prompts"  # facts: texts
    SHEETS_NAMED = "sheets named"  # facts: count
    CELLS_HIDDEN = "cells hidden"  # facts: texts
    TRACKED = "tracked changes"  # facts: changes
    SETTLED = "settled"  # facts: cells, by
    NOT_PRINTED = "not printed"  # facts: by, reason

    # What tells a form from others, and what people decided.
    SAME_NAMES = "same names"  # facts: forms
    SAME_NAMES_ELSEWHERE = "same names elsewhere"  # facts: file
    CORRECTED = "corrected"  # facts: path, auditor, before, after, on
    CORRECTED_ELSEWHERE = "corrected elsewhere"  # facts: path, file, digest
    MENDED = "mended"  # facts: path, auditor, before, after, on
    CORRECTION_GONE = "correction gone"  # facts: path, auditor, before, after, on
    CORRECTION_OFFERED = "correction offered"  # facts: path, before, after, file, on
    AS_READ = "right as read"  # facts: auditor, on, paths
    AS_READ_ELSEWHERE = "right as read elsewhere"  # facts: auditor, on, paths, file, digest
    AS_READ_GONE = "right as read gone"  # facts: auditor, on, paths, file, digest
    AS_READ_OFFERED = "right as read offered"  # facts: auditor, on, paths, file, digest


class Doubt(Statement):
    """Why a cell or a figure may not be what is printed: a ``DoubtKind`` and its facts."""

    __slots__ = ()
    kind: DoubtKind


class Note(Statement):
    """What is to be known of a form or of its file: a ``NoteKind`` and its facts."""

    __slots__ = ()
    kind: NoteKind

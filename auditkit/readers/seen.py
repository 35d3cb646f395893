"""Whether text in a colour is seen on its ground, as the contrast of the two has it."""

from __future__ import annotations

import re

Colour = tuple[float, float, float, float]  # red, green, blue and opacity, each from 0 to 1
BLACK, WHITE = (0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0)
# Light grey on white (#CCCCCC: 1.6) is still read, #E0E0E0 (1.3) hardly. WCAG 2 asks for 4.5.
_LEAST_CONTRAST = 1.5
# Fonts that draw other signs than the letters and digits that their text holds, or nothing.
_SYMBOLS = re.compile(
    "wingdings|webdings|symbol|dingbats|marlett|bookshelf|barcode|adobe ?blank", re.IGNORECASE
)
MOST_NAMED = 20  # properties that are odd about one text: one is enough to doubt it


def over(upper: Colour, lower: Colour) -> Colour:
    """Return what is seen of a colour that is laid over another."""
    share = upper[3]
    pairs = zip(upper[:3], lower[:3], strict=True)
    red, green, blue = (share * u + (1 - share) * w for u, w in pairs)
    return red, green, blue, 1.0


def is_seen(colour: Colour, ground: Colour) -> bool:
    """Tell whether text of a colour stands out from its ground: by the contrast of WCAG 2."""
    one, other = sorted((_light(over(colour, ground)), _light(ground)))
    return (other + 0.05) / (one + 0.05) >= _LEAST_CONTRAST


def _light(colour: Colour) -> float:
    """Return the relative luminance of a colour, from 0 to 1."""
    parts = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3])
    red, green, blue = parts
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def is_symbol_font(names: str | None) -> bool:
    """Tell whether a font, or one of several, draws something else than its text says.

    >>> is_symbol_font("宋体"), is_symbol_font("Wingdings 2"), is_symbol_font(None)
    (False, True, False)
    """
    return names is not None and _SYMBOLS.search(names) is not None


def of_hex(text: str) -> Colour | None:
    """Return a colour of six hexadecimal digits, ``None`` where it is none.

    >>> of_hex("ff0000")
    (1.0, 0.0, 0.0, 1.0)
    """
    try:
        red, green, blue = (value / 255 for value in bytes.fromhex(text[-6:]))
    except ValueError:
        return None
    return red, green, blue, 1.0

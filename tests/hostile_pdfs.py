"""Hostile PDF files: how they are made, and what must come of each."""

from __future__ import annotations

import re
import zlib
from io import BytesIO

import fuzz_seeds
from hostile_parts import ACTIVE, Hostile

from auditkit.errors import DamagedError, EncryptedError, LimitError, NoFormError, ScanError


def pdf(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """Return objects as a PDF with a table of where they are."""
    made, places = b"%PDF-1.7\n", {}
    for number, body in objects.items():
        places[number] = len(made)
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(made), max(objects) + 1
    rows = b"".join(
        b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 65535 f \n"
        for n in range(size)
    )
    end = b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF" % (size, trailer, start)
    return made + b"xref\n0 %d\n" % size + rows + end


def stream(data: bytes, head: bytes = b"", times: int = 0) -> bytes:
    """Return a stream, packed so many times."""
    for _ in range(times):
        data = zlib.compress(data, 9)
    filters = b"/Filter[%b]" % (b"/FlateDecode " * times) if times else b""
    return b"<<%b%b/Length %d>>stream\n%b\nendstream" % (head, filters, len(data), data)


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
FONT = b"<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"


def page(
    content: bytes = b"",
    times: int = 0,
    resources: bytes = b"<<>>",
    more: dict[int, bytes] | None = None,
    box: bytes = b"[0 0 595 842]",
) -> bytes:
    """Return a PDF of one page."""
    own = b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources %b/MediaBox%b>>" % (resources, box)
    return pdf({1: CATALOG, 2: PAGES, 3: own, 4: stream(content, b"", times), **(more or {})})


def forms_in_forms() -> bytes:
    """A page that draws a form that draws ten forms that draw ten forms, and so on."""
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</G %d 0 R>>>>"
    forms = {10 + n: stream(b"/G Do " * 10, head % (11 + n)) for n in range(20)}
    last = stream(b"0 0 m 9 9 l S", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    return page(b"/G Do", resources=b"<</XObject<</G 10 0 R>>>>", more={**forms, 30: last})


def rules(count: int) -> bytes:
    """A page of so many rules, packed."""
    lines = (
        b"%d %d m %d %d l S\n" % (n % 590, n % 840, n % 590 + 5, n % 840) for n in range(count)
    )
    return page(b"".join(lines), times=1)


def with_action(catalog: bytes, more: dict[int, bytes] | None = None) -> bytes:
    """The form of the seeds with more in its catalogue."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import NameObject

    writer = PdfWriter(clone_from=PdfReader(BytesIO(fuzz_seeds.pdf())))
    made = BytesIO()
    writer.root_object[NameObject("/Marker")] = NameObject("/Marker")
    writer.write(made)
    whole = made.getvalue().replace(b"/Marker /Marker", catalog)
    assert catalog in whole
    return whole


def in_object_stream(body: bytes) -> bytes:
    """A PDF with an object in a packed stream of objects."""
    head = b"/Type/ObjStm/N 1/First 5"
    return page(more={9: stream(b"50 0 " + body, head, 1)})


def encrypted() -> bytes:
    """A PDF that asks for a password."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(BytesIO(fuzz_seeds.pdf())))
    writer.encrypt("secret")
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def bad_font(key: bytes, data: bytes) -> bytes:
    """A page in a font whose program is garbage."""
    font = b"<</Type/Font/Subtype/TrueType/BaseFont/X/FontDescriptor 11 0 R>>"
    about = b"<</Type/FontDescriptor/FontName/X/Flags 4/%b 12 0 R>>" % key
    return page(
        b"BT /F 9 Tf 9 9 Td (abc) Tj ET",
        resources=b"<</Font<</F 10 0 R>>>>",
        more={10: font, 11: about, 12: stream(data, b"/Length1 %d" % len(data))},
    )


def bad_image(head: bytes, data: bytes, times: int = 0) -> bytes:
    """A page that a picture covers."""
    body = stream(data, b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray" + head, times)
    return page(
        b"500 0 0 800 0 0 cm /I Do", resources=b"<</XObject<</I 10 0 R>>>>", more={10: body}
    )


def wide_map() -> bytes:
    """A font whose map of characters claims four thousand million of them."""
    text = b"begincmap 1 beginbfrange <00000000> <FFFFFFFF> <0000> endbfrange endcmap"
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 12 0 R>>"
    more = {10: font, 12: stream(text)}
    return page(b"BT /F 9 Tf 9 9 Td (abc) Tj ET", 0, b"<</Font<</F 10 0 R>>>>", more)


def narrow() -> bytes:
    """The form of the seeds beside a page that is as wide as a finger."""
    whole = fuzz_seeds.pdf()
    return whole.replace(b"/MediaBox [ 0 0 595.2756 ", b"/MediaBox [ 0 0 17.00000 ", 1)


def page_tree(width: int, depth: int) -> bytes:
    """A tree of pages each of whose nodes has the next one as its child many times."""
    nodes = {
        n: b"<</Type/Pages/Count 9/Kids[%b]>>" % (b"%d 0 R " % (n + 1) * width)
        for n in range(2, depth + 2)
    }
    return pdf({1: CATALOG, **nodes, depth + 2: b"<</Type/Page/MediaBox[0 0 9 9]>>"})


PDFS: dict[str, Hostile] = {
    # PDF files that take memory and time
    "content-bomb.pdf": Hostile(
        lambda: page(b"0 0 m 9 9 l S\n" * 3_000_000, 1), LimitError, "AUDITKIT_STREAM_BYTES"
    ),
    "double-bomb.pdf": Hostile(
        lambda: page(b" " * (1 << 28), 2), LimitError, "AUDITKIT_STREAM_BYTES"
    ),
    "forms-in-forms.pdf": Hostile(forms_in_forms, LimitError, "forms drawn in forms"),
    "rules.pdf": Hostile(lambda: rules(410_000), LimitError, "page 1: 410,000 objects drawn"),
    "million-characters.pdf": Hostile(
        lambda: page(b"BT /F 9 Tf " + b"(aaaaaaaaaaaaaaaaaaaa) Tj " * 50_000 + b"ET", 1, FONT),
        LimitError,
        "1,000,000 characters",
    ),
    "million-pages.pdf": Hostile(
        lambda: pdf(
            {
                1: CATALOG,
                2: b"<</Type/Pages/Kids[%b]/Count 9>>" % (b"3 0 R " * 10**6),
                3: b"<</Type/Page/MediaBox[0 0 9 9]>>",
            }
        ),
        LimitError,
        "1,000,000 pages.*AUDITKIT_PAGES",
    ),
    "pages-of-pages.pdf": Hostile(
        lambda: page_tree(10, 10), NoFormError, "no self-evaluation form"
    ),
    "count-that-lies.pdf": Hostile(
        lambda: page(box=b"[0 0 9 9]").replace(b"/Count 1", b"/Count 2000000000"),
        NoFormError,
        "no self-evaluation form",
    ),
    "pages-in-a-circle.pdf": Hostile(
        lambda: pdf({1: CATALOG, 2: b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"}),
        DamagedError,
        "page cannot be read",
    ),
    "table-in-a-circle.pdf": Hostile(
        lambda: re.sub(rb"(startxref\n(\d+))", rb"\1", page().replace(b"/Root", b"/Prev 9/Root")),
        NoFormError,
        "no self-evaluation form",
    ),
    "deep-arrays.pdf": Hostile(
        lambda: page(b"[" * 1_000_000), NoFormError, "no self-evaluation form"
    ),
    "deep-dictionaries.pdf": Hostile(
        lambda: pdf({1: CATALOG, 2: b"<</A" * 500_000}), NoFormError, "no self|no pages"
    ),
    "deep-states.pdf": Hostile(
        lambda: page(b"q " * 1_000_000), NoFormError, "no self-evaluation form"
    ),
    "streams-in-a-circle.pdf": Hostile(
        lambda: page(more={9: stream(b"9 0 <<>>", b"/Type/ObjStm/N 1/First 4/Extends 9 0 R")}),
        NoFormError,
        "no self-evaluation form",
    ),
    "stretched.pdf": Hostile(
        lambda: (
            fuzz_seeds.pdf()
            .replace(b"BT 1 0 0 1 0 4 Tm", b"BT 2147483647 0 0 1 0 4 Tm", 1)
            .replace(b" l S", b" l n")
            .replace(b" re S", b" re n")
        ),
        LimitError,
        "points that a text reaches.*AUDITKIT_REACH",
    ),
    "wide-map.pdf": Hostile(wide_map, NoFormError, "no self-evaluation form"),
    # PDF: odd geometry and broken parts
    "huge-page.pdf": Hostile(
        lambda: page(box=b"[0 0 900000 900000]"), DamagedError, "larger than 14,400 points"
    ),
    "no-numbers.pdf": Hostile(
        lambda: page(b"0 0 m NaN inf l S 1e38 1e38 m -1e38 9 l S", box=b"[NaN -1e38 1e38 inf]"),
        NoFormError,
        "no self",
    ),
    "turned-inside-out.pdf": Hostile(
        lambda: page(box=b"[595 842 -595 -842]"), NoFormError, "no self"
    ),
    "locked.pdf": Hostile(encrypted, EncryptedError, "asks for a password"),
    "cut-off.pdf": Hostile(lambda: fuzz_seeds.pdf()[:400], DamagedError, "not a whole PDF"),
    "font-of-garbage.pdf": Hostile(
        lambda: bad_font(b"FontFile2", b"\0\1\0\0\xff\xff" + b"glyf" * 200), NoFormError, "no self"
    ),
    "font-of-ones.pdf": Hostile(
        lambda: bad_font(b"FontFile3", b"\xff" * 4000), NoFormError, "no self"
    ),
    "font-bomb.pdf": Hostile(
        lambda: page(more={12: stream(b"\0" * (40 << 20), b"/Length1 1", 1)}),
        LimitError,
        "AUDITKIT_STREAM_BYTES",
    ),
    "jbig2-of-garbage.pdf": Hostile(
        lambda: bad_image(
            b"/Width 900/Height 900/BitsPerComponent 1/Filter/JBIG2Decode", b"\xff" * 900
        ),
        ScanError,
        "picture",
    ),
    "jpx-of-garbage.pdf": Hostile(
        lambda: bad_image(
            b"/Width 900/Height 900/Filter/JPXDecode", b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 900
        ),
        ScanError,
        "picture",
    ),
    "picture-bomb.pdf": Hostile(
        lambda: bad_image(b"/Width 100000/Height 100000/BitsPerComponent 8", b"\0" * 1_000_000, 1),
        ScanError,
        "AUDITKIT_PIXELS",
    ),
    # PDF: what nobody sees
    "beside-the-page.pdf": Hostile(narrow, None, "does not see it: it stands outside of the page"),
    "narrow-without-rules.pdf": Hostile(
        lambda: narrow().replace(b" l S", b" l n").replace(b" re S", b" re n"),
        NoFormError,
        "but no ruled table",
    ),
    # PDF: what would run
    "javascript.pdf": Hostile(
        lambda: with_action(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
        None,
        ACTIVE.format("scripts"),
    ),
    "javascript-in-disguise.pdf": Hostile(
        lambda: with_action(b"/OpenAction<</S/J#61vaScript/J#53(app.alert(1))>>"),
        None,
        ACTIVE.format("scripts"),
    ),
    "launch.pdf": Hostile(
        lambda: with_action(b"/OpenAction<</S/Launch/F(calc.exe)>>"),
        None,
        ACTIVE.format("commands that start programs"),
    ),
    "embedded.pdf": Hostile(
        lambda: with_action(b"/Names<</EmbeddedFiles<</Names[(a.exe)<</Type/Filespec>>]>>>>"),
        None,
        ACTIVE.format("embedded files"),
    ),
    "elsewhere.pdf": Hostile(
        lambda: with_action(b"/OpenAction<</S/GoToR/F(\\\\\\\\host\\\\share)>>"),
        None,
        ACTIVE.format("links to other files"),
    ),
}

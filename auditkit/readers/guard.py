"""What a file unpacks to and what of it is active, looked at before any reader opens it.

Libraries unpack what they are given, whatever it comes to. So archives and the streams of a PDF
are counted first, and what would run, start or fetch something in another program is named in a
note: here it is never run, opened or fetched.
"""

from __future__ import annotations

import base64
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from auditkit.doubts import Note, NoteKind
from auditkit.errors import DamagedError
from auditkit.readers.limits import hold, limits
from auditkit.wording import Term

# What comes of reading a part of an archive that is damaged, locked or packed in an unknown way.
BROKEN = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError, struct.error,
)  # fmt: skip
_ACTIVE = (  # by the term for it
    ("macros", rb"vbaproject|_\0?v\0?b\0?a\0?_\0?p\0?r\0?o\0?j|/basic/|script:event-listener"),
    ("scripts", rb"<script\b|/javascript\b|/js\b|javascript:"),
    ("embedded_files", rb"/embeddedfile|/embeddings/|<iframe\b|<object\b|\\objdata|/richmedia\b"
     rb"|o\0b\0j\0e\0c\0t\0p\0o\0o\0l|o\0l\0e\0001\x000\0n\0a\0t\0i\0v\0e|/activex/"),
    ("commands", rb"/launch\b|ddeauto|instrtext[^<]{0,99}>\s*dde\b|ddelink"
     rb"|table:dde|\\fldinst[^}]{0,99}dde"),
    ("links", rb"/externallinks/|/gotor\b|/xfa\b|table:cell-range-source"
     rb"|(?<!/hyperlink\")\s[^<>]{0,999}targetmode=\"external|includepicture|includetext"),
)  # fmt: skip
_OBJECT = re.compile(rb"(?<!\d)(\d{1,9})\s+\d{1,5}\s+obj\b")
_STREAM = re.compile(rb"stream\r?\n")
_FILTERS = re.compile(rb"/Filter\s*(?:\[([^\]]*)\]|(/\w+))")
_IMAGE = re.compile(rb"/Image\b")
_PAGES = re.compile(rb"/Type\s*/Pages\b")
_LINK = re.compile(rb"(\d{1,9})\s+\d{1,5}\s+R\b")
_NAMED = re.compile(rb"/([^\s/<>\[\]()]+)\s+(\d{1,9})\s+\d{1,5}\s+R\b")
_DRAWN = re.compile(rb"/([^\s/<>\[\]()]+)\s+Do\b")
_DEFLATED = tuple(bytes([n]) for n in range(0x08, 0x79, 0x10))
_DEEPEST = 20  # forms in forms that a page draws


def notes_on(data: bytes) -> tuple[Note, ...]:
    """Return a note where a file, or what was unpacked of it, holds something active."""
    lower = data.lower()
    found = tuple(Term(what) for what, pattern in _ACTIVE if re.search(pattern, lower))
    return (Note.of(NoteKind.ACTIVE_CONTENT, what=found),) if found else ()


def of_archive(archive: zipfile.ZipFile, name: str) -> bytes:
    """Count what an archive unpacks to, and return the names and links of its parts.

    Raises LimitError, and DamagedError where a part declares entities, as no office program does.
    """
    entries = archive.infolist()
    hold("parts", len(entries), "parts", name)
    hold("unpacked_bytes", sum(e.file_size for e in entries), "bytes once unpacked", name)
    told = [b"/" + entry.filename.encode("utf-8", "replace") for entry in entries]
    for entry in entries:
        if not entry.filename.endswith((".xml", ".rels")) or entry.flag_bits & 1:
            continue
        try:
            text = archive.read(entry)
        except BROKEN:
            continue  # who reads that part says so
        if b"<!ENTITY" in text.replace(b"\0", b""):
            raise DamagedError(
                "it declares XML entities, which no office program writes and bombs are made of",
                name=name,
                place=entry.filename,
                advice="Look where it comes from",
            )
        told += [text] if entry.filename.endswith(".rels") else _TELLING.findall(text)
    return b"\n".join(told)


_TELLING = re.compile(
    rb"<(?:[\w.]+:)?(?:instrText|ddeLink|dde-link|event-listener|cell-range-source|fldSimple)\b.{0,200}"
)


def of_pdf(data: bytes, name: str) -> bytes:
    """Count what the streams of a PDF unpack to and draw, and return its dictionaries.

    PDFium unpacks and draws all that a page holds when it opens the page, and ends the process
    where its memory does not suffice. Pictures are only unpacked when they are looked at.
    """
    heads: dict[int, bytes] = {}
    draws: dict[int, Counter[bytes]] = {}
    unpacked = end = 0
    most = limits()
    for found in _OBJECT.finditer(data):
        if found.start() < end:  # within the stream before
            continue
        number, begin = int(found[1]), found.end()
        stream, end = _STREAM.search(data, begin), data.find(b"endobj", begin) % (len(data) + 1)
        head = heads[number] = data[begin : min(stream.start() if stream else end, end)]
        if not stream or end < stream.start() or _IMAGE.search(head):
            continue
        end = data.find(b"endstream", stream.end()) % (len(data) + 1)
        text = _decoded(data[stream.end() : end], head, most.stream_bytes + 1)
        unpacked += len(text)
        hold("unpacked_bytes", unpacked, "bytes once unpacked", name)
        hold("stream_bytes", len(text), "bytes in one stream", name, f"object {number}")
        if b"/ObjStm" in head:
            heads |= _packed(head, text)
        elif b"/Form" in head:
            draws[number] = Counter(_DRAWN.findall(text))
    kids = (len(_LINK.findall(head)) for head in heads.values() if _PAGES.search(head))
    hold("pages", sum(kids), "pages", name)
    _hold_drawn(heads, draws, name)
    whole = b"\n".join(heads.values())
    return re.sub(rb"#([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]), whole)


def _decoded(data: bytes, head: bytes, most: int) -> bytes:
    """Return some of a stream, unpacked as far as by ways that can make much of little."""
    filters = _FILTERS.search(head)
    names = re.findall(rb"/(\w+)", filters[1] or filters[2]) if filters else [b"FlateDecode"]
    for kind in names:
        try:
            if kind in (b"FlateDecode", b"Fl") and data[:1] in _DEFLATED:
                data = zlib.decompressobj().decompress(data, most)
            elif kind in (b"ASCII85Decode", b"A85"):
                data = base64.a85decode(data.partition(b"~>")[0].strip())
            elif kind in (b"ASCIIHexDecode", b"AHx"):
                data = bytes.fromhex(data.partition(b">")[0].decode("ascii"))
        except (zlib.error, ValueError):
            break
    return data


def _packed(head: bytes, text: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the numbered objects of an object stream."""
    if first := re.search(rb"/First\s+(\d{1,9})", head):
        start = int(first[1])
        numbers = [int(number) for number in re.findall(rb"\d{1,9}", text[:start])]
        places = [start + place for place in numbers[1::2]]
        for number, (begin, stop) in zip(
            numbers[::2], pairwise([*places, len(text)]), strict=False
        ):
            yield number, text[begin:stop]


def _hold_drawn(heads: dict[int, bytes], draws: dict[int, Counter[bytes]], name: str) -> None:
    """Refuse forms that draw forms that draw forms, so that a page draws millions of them."""

    @cache
    def named(number: int) -> dict[bytes, int]:
        """Return the forms that a form can draw, by the names in its dictionary and those near."""
        text, seen = heads[number], {number}
        for _ in range(2):  # its resources, and those among them that are forms
            links = {int(n) for n in _LINK.findall(text)} - seen - draws.keys()
            seen |= links
            text += b"".join(heads.get(n, b"") for n in sorted(links)[:99])
        return {own: int(n) for own, n in _NAMED.findall(text) if int(n) in draws}

    @cache
    def drawn(number: int, depth: int) -> int:
        inner = named(number) if depth < _DEEPEST else {}
        forms = ((times, inner[own]) for own, times in draws[number].items() if own in inner)
        return 1 + sum(times * drawn(form, depth + 1) for times, form in forms)

    for number in draws:
        hold("objects", drawn(number, 0), "forms drawn in forms", name, f"object {number}")

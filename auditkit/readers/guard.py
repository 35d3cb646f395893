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
from functools import cache, lru_cache
from itertools import pairwise

from auditkit.doubts import Note, NoteKind
from auditkit.errors import DamagedError
from auditkit.readers.limits import hold, kept, limits
from auditkit.wording import Term

# What comes of reading a part of an archive that is damaged, locked or packed in an unknown way.
BROKEN = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError, struct.error,
)  # fmt: skip
_ACTIVE = (  # by the term for it: pieces without which there is none, and what is one
    ("macros", (b"vba", b"v\0b", b"vb\0", b"/basic/", b"script:"),
     rb"vbaproject|_\0?v\0?b\0?a\0?_\0?p\0?r\0?o\0?j|/basic/|script:event-listener"),
    ("scripts", (b"<script", b"/javascript", b"/js", b"javascript:"),
     rb"<script\b|/javascript\b|/js\b|javascript:"),
    ("embedded_files",
     (b"/embedd", b"<iframe", b"<object", b"objdata", b"/richmedia", b"o\0b", b"o\0l",
      b"/activex/"),
     rb"/embeddedfile|/embeddings/|<iframe\b|<object\b|\\objdata|/richmedia\b"
     rb"|o\0b\0j\0e\0c\0t\0p\0o\0o\0l|o\0l\0e\0001\x000\0n\0a\0t\0i\0v\0e|/activex/"),
    ("commands", (b"/launch", b"dde"),
     rb"/launch\b|ddeauto|instrtext[^<]{0,99}>\s*dde\b|ddelink"
     rb"|table:dde|\\fldinst[^}]{0,99}dde"),
    ("links",
     (b"/externallinks/", b"/gotor", b"/xfa", b"cell-range", b"targetmode", b"includepicture",
      b"includetext"),
     rb"/externallinks/|/gotor\b|/xfa\b|table:cell-range-source"
     rb"|(?<!/hyperlink\")\s[^<>]{0,999}targetmode=\"external|includepicture|includetext"),
)  # fmt: skip
_OBJECT = re.compile(rb"(?<!\d)(\d{1,9})\s+\d{1,5}\s+obj\b")
_STREAM = re.compile(rb"stream\r?\n")
_FILTERS = re.compile(rb"/Filter\s*(?:\[([^\]]*)\]|(/\w+))")
_IMAGE = re.compile(rb"/Image\b")
_PAGES = re.compile(rb"/Type\s*/Pages\b")
_LINK = re.compile(rb"(\d{1,9})\s+\d{1,5}\s+R\b")
_NAMED = re.compile(rb"/([^\s/<>\[\]()]+)\s+(\d{1,9})\s+\d{1,5}\s+R\b")
_DRAWN = re.compile(rb"/([^\s/<>\[\]()]+)\s+(Do|sh|scn|SCN|gs)\b")
_PROGRAM = re.compile(rb"/FunctionType\s*4\b")
_MASKED = re.compile(rb"/SMask\s*(?!\s|/None)")
_MASKED_HERE = re.compile(rb"/([^\s/<>\[\]()]+)\s*<<[^<>]*/SMask\s*(?!\s|/None)")
_Draws = Counter[tuple[bytes, bytes]]  # names, and what is done with them
_DEFLATED = tuple(bytes([n]) for n in range(0x08, 0x79, 0x10))
_DEEPEST = 20  # forms in forms that a page draws


def notes_on(data: bytes, *, runs: bool = False) -> tuple[Note, ...]:
    """Return a note where a file, or what was unpacked of it, holds something active.

    ``runs`` tells that it holds scripts whatever its words are.
    """
    lower = data.lower()
    held = (
        what
        for what, pieces, words in _ACTIVE
        if (runs and what == "scripts")
        or (any(piece in lower for piece in pieces) and re.search(words, lower))
    )
    found = tuple(map(Term, held))
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
            raise DamagedError.saying("entities", name=name, place=entry.filename)
        told += [text] if entry.filename.endswith(".rels") else kept(_told_by, text)
    return b"\n".join(told)


_TELLING = re.compile(
    rb"<(?:[\w.]+:)?(?:instrText|ddeLink|dde-link|event-listener|cell-range-source|fldSimple)\b.{0,200}"
)


@lru_cache(maxsize=32)  # files of one office are made of one template, whose styles are large
def _told_by(part: bytes) -> list[bytes]:
    """Return what a part of an office file has programs do."""
    return _TELLING.findall(part)


def of_pdf(data: bytes, name: str) -> bytes:
    """Count what the streams of a PDF unpack to and draw, and return its dictionaries.

    PDFium unpacks and draws all that a page holds when it opens the page, and ends the process
    where its memory does not suffice. Pictures are only unpacked when they are looked at.
    """
    heads: dict[int, bytes] = {}
    draws: dict[int, _Draws] = {}
    unpacked = end = 0
    most = limits()
    while found := _OBJECT.search(data, end):
        number, begin = int(found[1]), found.end()
        end = data.find(b"endobj", begin) % (len(data) + 1)
        stream = _STREAM.search(data, begin, end)
        head = heads[number] = data[begin : stream.start() if stream else end]
        if not stream or _IMAGE.search(head):
            continue
        end = data.find(b"endstream", stream.end()) % (len(data) + 1)
        text = _decoded(data[stream.end() : end], head, most.stream_bytes + 1)
        unpacked += len(text)
        hold("unpacked_bytes", unpacked, "bytes once unpacked", name)
        hold("stream_bytes", len(text), "bytes in one stream", name, f"object {number}")
        if b"/ObjStm" in head:
            heads |= _packed(head, text)
        elif _PROGRAM.search(head):
            what = "bytes of a program that works out a colour"
            hold("program", len(text), what, name, f"object {number}")
        elif found_in := _DRAWN.findall(text):
            draws[number] = Counter(found_in)
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


def _hold_drawn(heads: dict[int, bytes], draws: dict[int, _Draws], name: str) -> None:
    """Refuse what little makes much of: forms that draw forms, shades and masks over and over.

    A form names what it draws in its own dictionary, or in one near; a page in one that does not
    say which page it is of, so that of forms with the same name the largest counts.
    """
    masked = _masked(heads)
    forms = {number for number in draws if b"/Form" in heads[number]}
    anywhere: dict[bytes, set[int]] = {}
    for own, number in (pair for head in heads.values() for pair in _NAMED.findall(head)):
        if int(number) in forms:
            anywhere.setdefault(own, set()).add(int(number))

    @cache
    def named(number: int) -> dict[bytes, set[int]]:
        """Return the forms that a form can draw, by the names in its dictionary and those near."""
        if number not in forms:
            return anywhere
        text, seen = heads[number], {number}
        for _ in range(2):  # its resources, and those among them that are forms
            links = {int(n) for n in _LINK.findall(text)} - seen - draws.keys()
            seen |= links
            text += b"".join(heads.get(n, b"") for n in sorted(links)[:99])
        return {own: {int(n)} for own, n in _NAMED.findall(text) if int(n) in forms}

    @cache
    def drawn(number: int, depth: int) -> tuple[int, int]:
        """Return how many forms and shades are drawn where a form is, or a page."""
        many = 1, sum(n for what, n in draws[number].items() if _is_shade(*what, masked))
        inner = named(number) if depth < _DEEPEST else {}
        for (own, does), times in draws[number].items():
            if does == b"Do" and own in inner:
                most = [drawn(form, depth + 1) for form in sorted(inner[own])]
                forms_in, shades_in = map(max, zip(*most, strict=True))
                many = many[0] + times * forms_in, many[1] + times * shades_in
        return many

    for number in draws:
        whole, shades = drawn(number, 0)
        hold("objects", whole, "forms drawn in forms", name, f"object {number}")
        hold("shades", shades, "shades, patterns and masks", name, f"object {number}")


def _masked(heads: dict[int, bytes]) -> set[bytes]:
    """Return the names of states in which what is drawn is seen through a mask."""
    names = {own for head in heads.values() for own in _MASKED_HERE.findall(head)}
    states = {n for n, head in heads.items() if _MASKED.search(head) and b"/Subtype" not in head}
    links = (pair for head in heads.values() for pair in _NAMED.findall(head)) if states else ()
    return names | {own for own, number in links if int(number) in states}


def _is_shade(own: bytes, does: bytes, masked: set[bytes]) -> bool:
    return does in (b"sh", b"scn", b"SCN") or (does == b"gs" and own in masked)

"""A table of events that is only ever added to, in a SQLite file or a PostgreSQL database.

Each row holds the digest of the one before it, and the head the number of rows and the last digest,
so ``flaws`` finds whatever of a row was changed or taken away. Who writes all rows and the head
anew is found out by a digest that was noted elsewhere, on a workpaper or in an export. Bytes of a
SQLite file that hold nothing are not looked at.

A SQLite file goes without a write-ahead log: what was acknowledged stands in the one file, so that
a copy of it holds all of that, or is found not to be whole.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import tomllib
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from itertools import chain
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from auditkit.errors import ExtraMissingError, LogError
from auditkit.files import PART
from auditkit.wording import Fact, Phrase

_Row = dict[str, Any]

_TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
MIGRATIONS: list[list[str]] = [step["statements"] for step in _TEXTS["migrations"]]
_HEAD = sa.text("SELECT events, digest FROM auditkit_head")
_MOVE_HEAD = sa.text("UPDATE auditkit_head SET events = :count, digest = :digest")
_END = sa.text("SELECT * FROM auditkit_events WHERE number >= :count")
_KNOWN = sa.text("SELECT count(*) FROM auditkit_events WHERE number = :count AND digest = :digest")
_PATIENCE, _NOTHING = 60.0, (0, "")


def digest(row: Mapping[str, Any]) -> str:
    """Return the digest of all that an event holds; a field that is empty is as if not there."""
    held = {name: value for name, value in row.items() if value != "" and name != "digest"}
    text = json.dumps(held, ensure_ascii=False, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def broken_links(rows: Iterable[Mapping[str, Any]]) -> Iterator[Phrase]:
    """Say which events do not follow on the one before, or are not what was written."""
    before = ""
    for number, row in enumerate(rows, start=1):
        if (row["number"], row["previous"]) != (number, before):
            yield Phrase.of("flaw-link", number=number)
        elif digest(row) != row["digest"]:
            yield Phrase.of("flaw-event", number=number)
        before = row["digest"]


class Ledger:
    """The table of one log.

    Every method raises LogError, with what to do, where the database cannot be used; what it was
    doing is undone. So it does where events that it has seen are no longer there.
    """

    def __init__(self, where: str, name: str) -> None:
        self.path = None if "://" in where else Path(where)
        self.name = name
        self._is_ready, self._seen = False, _NOTHING
        with self._told():
            url = sa.URL.create("sqlite", database=where) if self.path else sa.make_url(where)
            if url.drivername in ("postgres", "postgresql"):
                url = url.set(drivername="postgresql+psycopg")
            self._kind = url.get_backend_name()
            if self._kind not in ("sqlite", "postgresql"):
                raise LogError.saying("log-elsewhere", name=self.name)
            # A file is closed after each piece of work: it is whole then, and may be copied.
            pool = {"sqlite": sa.NullPool, "postgresql": sa.QueuePool}[self._kind]
            self._engine = sa.create_engine(url, poolclass=pool, pool_pre_ping=True)
            weakref.finalize(self, self._engine.dispose)
            if self._kind == "sqlite":
                sa.event.listen(self._engine, "connect", self._connected)

    @contextmanager
    def transaction(self, work: str) -> Iterator[sa.Connection]:
        """Do a piece of work, ``read`` or ``write``, of one moment: as a whole or not at all."""
        with self._told():
            if not self._is_ready or (self.path and not self.path.exists()):
                self._make_ready()
            with self._open(work) as connection:
                yield connection
                seen = connection.execute(_HEAD).one_or_none()
                connection.commit()
            self._seen = tuple(seen or _NOTHING)

    def rows(self, connection: sa.Connection, recent: bool = False, **fields: str) -> list[_Row]:
        """Return the events whose fields are such, in order, or of them only the ``recent`` ones.

        These are the last that was not imported and what was imported after it.
        """
        such = " AND ".join(("number > 0", *(f"{name} = :{name}" for name in fields)))
        since = f"SELECT coalesce(max(number), 0) FROM auditkit_events WHERE {such} AND origin = ''"
        such += f" AND number >= ({since})" if recent else ""
        chosen = sa.text(f"SELECT * FROM auditkit_events WHERE {such} ORDER BY number")
        return [dict(row) for row in connection.execute(chosen, fields).mappings()]

    def append(self, connection: sa.Connection, event: Mapping[str, Any]) -> _Row:
        """Add an event behind the last one, which must be what the head says it is."""
        count, last = connection.execute(_HEAD).one()
        ends = [dict(row) for row in connection.execute(_END, {"count": count}).mappings()]
        if [(row["digest"], digest(row)) for row in ends] != [(last, last)] * bool(count):
            raise LogError.saying("event-changed", name=self.name)
        self._check_what_was_seen(connection)
        row = {**event, "number": count + 1, "previous": last}
        row["digest"] = digest(row)
        connection.execute(sa.text(_insertion(row)), row)
        connection.execute(_MOVE_HEAD, {"count": count + 1, "digest": row["digest"]})
        return row

    def copy(self, path: Path) -> None:
        """Write all events of one moment into a new SQLite file, whoever else is writing.

        The file is whole or not there. Raises OSError where it cannot be.
        """
        part = path.with_name(PART.format(token_hex(8)))
        try:
            part.touch()
            with self.transaction("read") as connection, closing(sqlite3.connect(part)) as other:
                self._copy(connection, other)
            if flaws := Ledger(str(part), self.name).flaws():
                raise LogError.saying("copy-flawed", name=self.name, flaw=flaws[0])
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def _copy(self, connection: sa.Connection, other: sqlite3.Connection) -> None:
        own = connection.connection.driver_connection
        if isinstance(own, sqlite3.Connection):
            own.backup(other)
            return
        for statement in chain(*MIGRATIONS, _TEXTS["sqlite"]["guards"]):
            other.execute(statement)
        for row in self.rows(connection):
            other.execute(_insertion(row), row)
        head = (len(MIGRATIONS), *connection.execute(_HEAD).one())
        other.execute("UPDATE auditkit_head SET version = ?, events = ?, digest = ?", head)
        other.commit()

    def flaws(self, known: Iterable[str] = ()) -> tuple[Fact, ...]:
        """Say all that is wrong with rows, head and guards, or which known digest is not there.

        That of an event which was imported is known by the digest that it had where it was made.
        """
        with self.transaction("read") as connection:
            rows, found = self.rows(connection), self._changes_of_tables(connection)
            found += broken_links(rows)
            count, last = connection.execute(_HEAD).one()
        if (count, last) != (len(rows), rows[-1]["digest"] if rows else ""):
            found.append(Phrase.of("flaw-count", count=count, found=len(rows)))
        missing = set(known) - {row[name] for row in rows for name in ("digest", "origin")}
        return (*found, *(Phrase.of("flaw-digest", digest=one) for one in sorted(missing)))

    def _changes_of_tables(self, connection: sa.Connection) -> list[Fact]:
        """Say what is wrong with a file as such, and whether tables or triggers were changed."""
        texts, checked, expected = _TEXTS[self._kind], ["ok"], ["guarded"]
        if self._kind == "sqlite":
            checked = list(connection.exec_driver_sql("PRAGMA integrity_check").scalars())
            with closing(sqlite3.connect(":memory:")) as fresh:
                for statement in chain(*MIGRATIONS, texts["guards"]):
                    fresh.execute(statement)
                expected = [text for (text,) in fresh.execute(texts["guarded"])]
        held = connection.exec_driver_sql(texts["guarded"]).scalars().all()
        said = [Phrase.of("flaw-tables")] * (held != expected)
        return [*(line for line in checked if line != "ok"), *said]

    def _check_what_was_seen(self, connection: sa.Connection) -> None:
        """Raise LogError where this is not the log that was used before."""
        count, last = self._seen
        if count and not connection.execute(_KNOWN, {"count": count, "digest": last}).scalar_one():
            raise self._replaced(count)

    def _replaced(self, event: int) -> LogError:
        place = Phrase.of("event", number=event)
        return LogError.saying("log-gone", name=self.name, place=place)

    def _make_ready(self) -> None:
        """Make the tables where there are none, or take them to the version of this package."""
        if self._seen[0]:  # the file was there, and is gone
            raise self._replaced(self._seen[0])
        self._is_ready = False
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._open("read") as connection:
            version = self._version(connection)
        if version < len(MIGRATIONS):
            with self._open("write") as connection:
                version = self._version(connection)  # another may have been faster
                guards = _TEXTS[self._kind]["guards"] if version == 0 else []
                for statement in chain(*MIGRATIONS[version:], guards):
                    connection.exec_driver_sql(statement)
                connection.exec_driver_sql(f"UPDATE auditkit_head SET version = {len(MIGRATIONS)}")
                connection.commit()
        self._is_ready = True

    def _version(self, connection: sa.Connection) -> int:
        if not sa.inspect(connection).has_table("auditkit_head"):
            return 0
        version = connection.execute(sa.text("SELECT version FROM auditkit_head")).scalar_one()
        if version not in range(1, len(MIGRATIONS) + 1):
            raise LogError.saying("log-later", name=self.name)
        return int(version)

    def _open(self, work: str) -> sa.Connection:
        """Return a connection in a transaction; waits for those who write."""
        until = monotonic() + _PATIENCE
        while True:
            try:
                with ExitStack() as opened:
                    connection = opened.enter_context(self._engine.connect())
                    for statement in _TEXTS[self._kind][work]:
                        connection.exec_driver_sql(statement)
                    opened.pop_all()
                    return connection
            except OperationalError as error:
                if monotonic() > until or not re.search("locked|protocol", str(error.orig)):
                    raise

    def _connected(self, connection: sqlite3.Connection, _: object) -> None:
        """Set a file to be whole after each piece of work; one that wrote ahead is changed."""
        connection.isolation_level = None  # transactions are begun by hand
        for pragma in (f"busy_timeout={int(_PATIENCE * 500)}", "synchronous=EXTRA"):
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=DELETE", "locking_mode=NORMAL"):
                connection.execute(f"PRAGMA {pragma}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what went wrong in words that help."""
        try:
            yield
        except ModuleNotFoundError as error:
            raise ExtraMissingError.of("postgres", "postgres-missing", name=self.name) from error
        except (SQLAlchemyError, sqlite3.Error, OSError, UnicodeDecodeError) as error:
            text = str(getattr(error, "orig", None) or error)
            trouble = next(t for t in _TEXTS["troubles"] if re.search(t["pattern"], text))
            place = text.partition("\n")[0]
            raise LogError.saying(trouble["error"], name=self.name, place=place) from error


def _insertion(row: Mapping[str, Any]) -> str:
    return f"INSERT INTO auditkit_events ({', '.join(row)}) VALUES (:{', :'.join(row)})"

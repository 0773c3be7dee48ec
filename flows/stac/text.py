"""JSON that is too large for memory, element by element."""

import json
from collections.abc import Iterator
from typing import IO, Any

from flows.stac.documents import word
from infrastructure.errors import Unreadable

PIECE = 2**20
"""Characters that are read at once."""

BLANK = " \t\r\n"


class Text:
    """A JSON document, of which one element at a time is in memory."""

    def __init__(self, file: IO[str], name: str, most: int) -> None:
        """Start at the beginning.

        Args:
            file: The document.
            name: Its name, for messages.
            most: Characters that one element may have.
        """
        self._file, self._name, self._most = file, name, most
        self._decoder = json.JSONDecoder(parse_constant=word)
        self._text, self._at = "", 0

    def elements(self) -> Iterator[Any]:
        """The elements of an array, the features of a FeatureCollection, or else the whole.

        Raises:
            Unreadable: it is no JSON, or ends in the middle.
        """
        if self._peek() == "[":
            yield from self._array()
            return
        members: dict[str, Any] = {}
        self._expect("{")
        while self._peek() != "}":
            key = self._value()
            self._expect(":")
            if key == "features" and self._peek() == "[":
                yield from self._array()
                return
            members[key] = self._value()
            if self._peek() != "}":
                self._expect(",")
        yield members

    def _array(self) -> Iterator[Any]:
        self._expect("[")
        while self._peek() != "]":
            yield self._value()
            if self._peek() != "]":
                self._expect(",")

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._at > self._most or not self._read():
                    raise self._damaged(str(error)) from error
                continue
            if end == len(self._text) and self._read():
                continue  # a number may go on
            self._at = end
            return value

    def _expect(self, mark: str) -> None:
        found = self._peek()
        if found != mark:
            raise self._damaged(f"'{found}' where '{mark}' should be" if found else "it ends")
        self._at += 1

    def _peek(self) -> str:
        """The next character that is not blank, or nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in BLANK:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read():
                return ""

    def _read(self) -> bool:
        try:
            more = self._file.read(PIECE)
        except UnicodeDecodeError as error:
            raise self._damaged(str(error)) from error
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)

    def _damaged(self, reason: str) -> Unreadable:
        return Unreadable(f"{self._name}: no JSON, or cut short: {reason}")

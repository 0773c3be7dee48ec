"""How many records a server gave, and how many it said that it has."""

from dataclasses import dataclass

from infrastructure.errors import Unreadable


@dataclass
class Tally:
    """What a listing came to."""

    received: int = 0
    told: int | None = None
    """The least number that the server told meanwhile."""

    def add(self, received: int, told: int | None) -> None:
        """Count a page, and what it says of the whole."""
        self.received += received
        if told is not None:
            self.told = told if self.told is None else min(self.told, told)

    def check(self, subject: str, repeated: int) -> None:
        """Hold the one against the other.

        Args:
            subject: Who told.
            repeated: How many records came again.

        Raises:
            Unreadable: there are fewer records than the server told.
        """
        listed = self.received - repeated
        if self.told is not None and listed < self.told:
            again = f", and {repeated} of them again" if repeated else ""
            raise Unreadable(
                f"{subject} says that it has {self.told} records and lists {listed}{again};"
                " set `counted: false` if its number is an estimate, or counts copies"
            )

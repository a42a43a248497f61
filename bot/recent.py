"""What was asked for last, and no more of it than there is room for."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, RLock
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Name, Value]):
    """The `most` values that were asked for last, by name; what was dropped is made anew. Threads may share it.

    Who finds a value waits for nobody; of several who miss one, the first makes it.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._values: OrderedDict[Name, Value] = OrderedDict()
        self._lock = Lock()
        self._making = RLock()

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def find(self, name: Name) -> Value | None:
        """Return the value of a name where it is here."""
        with self._lock:
            found = self._values.get(name)
            if found is not None:
                self._values.move_to_end(name)
            return found

    def get(self, name: Name, make: Callable[[], Value]) -> Value:
        """Return the value of a name, made where it is not here."""
        found = self.find(name)
        if found is not None:
            return found
        with self._making:
            found = self.find(name)
            if found is None:
                found = make()
                self.put(name, found)
            return found

    def put(self, name: Name, value: Value) -> None:
        """Keep a value, and drop the one that was asked for the longest ago where there is no room."""
        with self._lock:
            self._values[name] = value
            self._values.move_to_end(name)
            while len(self._values) > self.most:
                self._values.popitem(last=False)

    def items(self) -> list[tuple[Name, Value]]:
        """Return all that is here, what was asked for the longest ago first."""
        with self._lock:
            return list(self._values.items())

    def where(self, is_kept: Callable[[Name], bool]) -> "Recent[Name, Value]":
        """Return another with the values whose names are to be kept."""
        kept: Recent[Name, Value] = Recent(self.most)
        for name, value in self.items():
            if is_kept(name):
                kept.put(name, value)
        return kept

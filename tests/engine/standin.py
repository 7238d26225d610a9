"""An array module that is not NumPy, as strict as CuPy is: what works with it comes through the backend.

Its arrays are no NumPy arrays, do not turn into one unasked, refuse NumPy's functions, and its functions
refuse NumPy's arrays. What it has, and under which names, is what CuPy has of NumPy.
"""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided


class Device:
    """An array that lies "on the device"."""

    __slots__ = ("_there",)
    __array_ufunc__ = None
    """NumPy's operators leave the work to this class's, and its ufuncs raise TypeError."""

    def __init__(self, there: np.ndarray) -> None:
        self._there = np.asarray(there)

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise TypeError("implicit conversion to a NumPy array is not allowed")

    def __array_function__(self, function: Any, *_: Any) -> Any:
        raise TypeError(f"numpy.{function.__name__} is not for this array")

    def __getitem__(self, key: Any) -> Device:
        return Device(self._there[there(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self._there[there(key)] = there(value)

    def __len__(self) -> int:
        return len(self._there)

    def __iter__(self) -> Any:
        return map(Device, self._there)

    def __float__(self) -> float:
        return float(self._there)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._there, name)
        return called(found) if callable(found) else here(found)

    def get(self) -> np.ndarray:
        """A copy on the host: the one way to it."""
        return self._there.copy()


def _operator(name: str) -> Any:
    def operate(self: Device, *others: Any) -> Any:
        return here(getattr(self._there, name)(*map(there, others)))

    return operate


_OPERATORS = "add sub mul truediv matmul radd rsub rmul rtruediv neg eq lt gt"
for _name in _OPERATORS.split():
    setattr(Device, f"__{_name}__", _operator(f"__{_name}__"))


def there(value: Any) -> Any:
    """What a function of the device gets to see. Refuses NumPy's arrays."""
    if isinstance(value, Device):
        return value._there
    if isinstance(value, np.ndarray):
        raise TypeError("this NumPy array lies on the host")
    if isinstance(value, tuple | list):
        return type(value)(map(there, value))
    return value


def here(found: Any) -> Any:
    """What it gives."""
    return Device(found) if isinstance(found, np.ndarray | np.generic) else found


def called(function: Any) -> Any:
    """A NumPy function, or a method of an array, as one of the device."""

    def call(*arguments: Any, **named: Any) -> Any:
        return here(function(*map(there, arguments), **{key: there(each) for key, each in named.items()}))

    return call


class Module:
    """The array module. `calls` counts what was called."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.lib = SimpleNamespace(stride_tricks=SimpleNamespace(as_strided=called(as_strided)))

    def array(self, values: Any, dtype: Any = None, *, order: str = "K") -> Device:
        """From either side."""
        return Device(np.array(values.get() if isinstance(values, Device) else values, dtype, order=order))

    asarray = array

    def __getattr__(self, name: str) -> Any:
        if name in NOT_IN_CUPY:
            raise AttributeError(f"module 'cupy' has no attribute '{name}'")
        function = called(getattr(np, name))

        def counted(*arguments: Any, **named: Any) -> Any:
            self.calls[name] += 1
            return function(*arguments, **named)

        return counted


NOT_IN_CUPY = frozenset({"vecdot", "matvec", "vecmat"})
"""What CuPy 14 lacks and NumPy 2 has, of what a step might use."""

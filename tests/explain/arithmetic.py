"""Reads printed arithmetic back, knowing nothing of the program: a tiny parser for the lines an explanation shows."""

import math
import re

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?(?:e−?\d+)?)|(exp|ln|tanh|max)|(.))")
_FUNCTIONS = {"exp": math.exp, "ln": math.log, "tanh": math.tanh, "max": max}


def evaluate(text: str) -> float:
    """The value of an expression such as "(0.300·(−0.433) + 0.1²) / 2"; raises ValueError on anything else."""
    tokens = [next(part for part in match if part) for match in _TOKEN.findall(text.strip())]
    position = 0

    def peek() -> str:
        return tokens[position] if position < len(tokens) else ""

    def take(expected: str = "") -> str:
        nonlocal position
        token = peek()
        if not token or (expected and token != expected):
            raise ValueError(f"{text!r}: expected {expected or 'more'} at {token!r}")
        position += 1
        return token

    def total() -> float:
        value = product()
        while peek() in ("+", "−"):
            value = value + product() if take() == "+" else value - product()
        return value

    def product() -> float:
        value = signed()
        while peek() in ("·", "/"):
            value = value * signed() if take() == "·" else value / signed()
        return value

    def signed() -> float:
        if peek() == "−":
            take()
            return -signed()
        return square()

    def square() -> float:
        value = atom()
        if peek() == "²":
            take()
            value *= value
        return value

    def atom() -> float:
        token = take()
        if token == "(":
            value = total()
            take(")")
            return value
        if token in _FUNCTIONS:
            take("(")
            values = [total()]
            while peek() == ",":
                take()
                values.append(total())
            take(")")
            return float(_FUNCTIONS[token](values) if token == "max" else _FUNCTIONS[token](*values))
        return float(token.replace("−", "-"))

    value = total()
    if position != len(tokens):
        raise ValueError(f"{text!r}: left over from {peek()!r}")
    return value


def unit(printed: str) -> float:
    """One unit of the last printed digit."""
    mantissa, _, exponent = printed.lstrip("−").partition("e")
    decimals = len(mantissa.partition(".")[2])
    return float(10.0 ** (int(exponent.replace("−", "-") or 0) - decimals))


def number(printed: str) -> float:
    """A printed number, read back."""
    return float(printed.replace("−", "-"))


def parts(lines: tuple[str, ...]) -> list[str]:
    """The links of a printed chain "= … = … = result"."""
    joined = " ".join(lines)
    assert joined.startswith("= "), joined
    return [part.strip() for part in joined.removeprefix("= ").split(" = ")]

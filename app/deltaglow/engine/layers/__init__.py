"""The kinds of layer. To add one: a file here."""

from deltaglow.engine.layers.dense import Dense, DenseBuffers, LayerShape

__all__ = ["Dense", "DenseBuffers", "LayerShape"]

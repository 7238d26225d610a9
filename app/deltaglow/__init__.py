"""Deltaglow: a desktop laboratory for backpropagation with softmax and cross-entropy."""

__version__ = "0.1.0"

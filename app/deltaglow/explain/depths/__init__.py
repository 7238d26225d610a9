"""The same number at three depths: plain words, a formula with numbers, the chain rule from the loss."""

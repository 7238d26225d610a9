"""What it means: why any number is what it is, and a second opinion on it. Pure Python, no Qt."""

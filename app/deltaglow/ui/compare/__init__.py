"""Two runs beside each other: the page "Compare"."""

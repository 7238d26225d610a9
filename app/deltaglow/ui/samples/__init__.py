"""The samples: a table of them, one looked at closely and edited, and points drawn on the plane."""

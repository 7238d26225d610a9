"""How the diagram is edited: what is selected, which commands there are, what is drawn while one edits."""

"""What can be done with the mouse on the diagram, one gesture a file.

To add one: a file here, and the line in `editing/pointer.py` that says where it starts.
"""

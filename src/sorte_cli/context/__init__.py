"""What Sorte knows about a project: the index, the ranking, what is selected for a task, the map.

`index.ProjectIndex` is the public door; the other modules are its rooms.
"""

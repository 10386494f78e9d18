"""What Sorte remembers beyond a run: talks with the person, preferences and lessons.

`talks` keeps every session as an append-only file that survives a crash. `notes` keeps preferences
and lessons, for one project or for the person everywhere. Nothing here knows a terminal or git.
"""

"""The operation language and its appliers: text in, span edits against one snapshot, bytes out."""

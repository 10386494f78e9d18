"""Payment methods and checkout of a small online shop."""

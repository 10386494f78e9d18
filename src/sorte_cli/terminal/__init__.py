"""What the person sees: plain and rich output, the observer of a run, reports, translations."""

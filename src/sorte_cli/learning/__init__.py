"""Learning from a project's own runs: pairs, a LoRA adapter, its measure, and when it counts.

`collecting` reads journal and index, `pairs` decides what a run teaches, `network` and `training`
are nano in numpy, `measuring` asks the real engine, `loop` puts them together (`sorte train`).
"""

import os

# Matrices as small as these are multiplied fastest on one core; on a busy machine several threads
# are ten times slower. OpenBLAS reads this when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

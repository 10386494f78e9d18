"""The interactive session: a prompt that never blocks, and a worker process that does the work.

`app` is the screen and the keys; it holds no engine, so that it starts at once and stays small.
`worker` is the other process: runs, answers, shell commands and index, one request at a time.
They speak in `frames` over a pair of pipes. `plain` is the session of a terminal without cursor
control. `slash` holds the commands that begin with a slash.
"""

"""The exit codes of the command line. A signal's is 128 and its number."""

STOPPED, WRONG, MACHINE, BUSY = 1, 2, 3, 4

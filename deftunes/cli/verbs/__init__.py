"""The verbs of the command line: one module each, with the function of its name."""

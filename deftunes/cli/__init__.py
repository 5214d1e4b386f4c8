"""The command line: its verbs, their arguments, and what they show."""

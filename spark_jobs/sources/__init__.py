"""The sources: the only code that talks to the shop's API and to the song database."""

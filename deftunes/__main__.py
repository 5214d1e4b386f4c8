"""`python -m deftunes` is the program `deftunes`."""

from deftunes.cli import main

if __name__ == "__main__":
    main()

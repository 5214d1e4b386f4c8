"""`python -m deftunes` is the program `deftunes`, in an environment of its own."""

from deftunes.own_environment import start_again

if __name__ == "__main__":
    start_again("deftunes.cli")

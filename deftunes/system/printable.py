"""Text of others, made fit for a terminal. Standard library only: the doctor needs it before set-up."""

import re
import unicodedata

# Joiners stand inside words of some scripts and between the parts of an emoji.
HARMLESS = {"\n", "\t", "\u200c", "\u200d", "\u00ad"}
SUSPECT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u0600-\uffff\U00010000-\U0010ffff]")
UNFIT = {
    "Cc",
    "Cf",
    "Cs",
    "Zl",
    "Zp",
}  # control, format (direction marks, tags), surrogate, line and paragraph separator


def printable(text: str) -> str:
    """The text, where what would move a cursor, colour a line, ring a bell or turn letters around is seen instead.

    A control character is shown as its picture (␛), any other as �.
    """
    return SUSPECT.sub(lambda found: _printable_character(found.group()), text)


def _printable_character(character: str) -> str:
    if character in HARMLESS or unicodedata.category(character) not in UNFIT:
        return character
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"

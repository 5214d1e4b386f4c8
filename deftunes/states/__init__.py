"""States of the lake: which there are, what differs between two, and the way back to one."""

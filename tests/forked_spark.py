"""A pytest plugin for processes that are forked from one with a Spark session, as mutmut's are: they share its JVM.

A connection to the JVM belongs to one process, so each of them makes its own.
"""

import os
from threading import local

from pyspark import SparkContext

_of_the_parent: list[object] = []  # kept, for to close one here would end it there


def leave_connections() -> None:
    """Leaves the connections that were there before the fork to the process that made them."""
    if SparkContext._gateway is not None:
        client = SparkContext._gateway._gateway_client
        _of_the_parent.extend((*client.deque, client.thread_connection))
        client.deque.clear()
        client.thread_connection = local()


os.register_at_fork(after_in_child=leave_connections)

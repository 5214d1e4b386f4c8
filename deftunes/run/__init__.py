"""A run: the graph of steps, the runner, the jobs' arguments, and the Spark worker that does them."""

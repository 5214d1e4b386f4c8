"""Set-up: the environments, the jars, and what is known of them."""

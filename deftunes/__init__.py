"""The command line of the DeFtunes lakehouse: set-up, embedded services, the runner, status."""

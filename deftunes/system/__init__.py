"""The process and its machine: signals, environment, locks, certificates, files under var/."""

"""The dashboards: Superset as a service, and its assets written back."""

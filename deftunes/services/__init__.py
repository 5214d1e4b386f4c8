"""The embedded services: PostgreSQL, the mock API, the Iceberg catalog; started, watched and stopped."""

"""The lake: the only code that reads and writes landing files and Iceberg tables."""

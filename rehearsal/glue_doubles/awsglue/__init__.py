"""Double of awsglue: see README.md beside this package."""

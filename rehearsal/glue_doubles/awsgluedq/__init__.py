"""Double of awsgluedq: see README.md beside this package."""

"""Gold: dbt builds it, and what passed is published."""

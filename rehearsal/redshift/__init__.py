"""A Redshift to rehearse against: PostgreSQL behind a front that speaks Redshift's wire and refuses what it refuses."""

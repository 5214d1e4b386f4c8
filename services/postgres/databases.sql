-- One role and one database of its name for each program that keeps something here; no role enters another's.
\getenv deftunes SOURCE_PASSWORD
\getenv catalog CATALOG_PASSWORD
\getenv airflow AIRFLOW_DB_PASSWORD
\getenv superset SUPERSET_DB_PASSWORD
create temporary table wanted (name text, password text);
insert into wanted values
  ('deftunes', :'deftunes'), ('catalog', :'catalog'), ('airflow', :'airflow'), ('superset', :'superset');
select format('create role %I login', name) from wanted where name not in (select rolname from pg_roles) \gexec
select format('alter role %I password %L', name, password) from wanted \gexec
select format('create database %I owner %1$I', name) from wanted where name not in (select datname from pg_database) \gexec
select format('revoke connect on database %I from public', name) from wanted \gexec

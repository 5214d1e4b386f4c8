-- What Redshift knows of its tables and PostgreSQL does not, and the system tables that show it.
set allow_system_table_mods = on;

create table if not exists redshift.relations (
    id bigserial primary key,
    oid oid not null unique,
    kind text not null check (kind in ('table', 'view', 'late binding view', 'materialized view')),
    dist text,
    dist_key smallint,  -- attnum, so that a column may be renamed
    sort_keys smallint[] not null default '{}',
    is_interleaved boolean not null default false,
    backup boolean not null default true,
    auto_refresh boolean not null default false,
    body text,  -- of a late binding view, in PostgreSQL's SQL
    definition text,  -- as it was written
    refs text[] not null default '{}',
    is_unbound boolean not null default false  -- what it reads was not there when it was made
);
create table if not exists redshift.external_schemas (
    name text primary key, oid oid not null unique, database text not null, region text not null, iam_role text not null
);
create table if not exists redshift.external_columns (
    schema_name text references redshift.external_schemas on delete cascade,
    table_name text, column_name text, position integer, iceberg_type text, redshift_type text,
    unreadable text, is_nullable boolean, primary key (schema_name, table_name, column_name)
);
create table if not exists redshift.external_tables (
    schema_name text references redshift.external_schemas on delete cascade,
    table_name text, location text, metadata_location text, snapshot_id bigint,
    primary key (schema_name, table_name)
);

-- Recording ----------------------------------------------------------------------------------------------------------

create or replace function redshift.attnum(relation regclass, wanted text) returns smallint language plpgsql as $$
declare found smallint;
begin
    select attnum into found from pg_attribute where attrelid = relation and attname = wanted and not attisdropped;
    if found is null then
        raise exception using errcode = '42703', message = format('column "%s" does not exist in %s', wanted, relation);
    end if;
    return found;
end $$;

-- A name with its schema, for whoever has another search path; as it is, if nothing has it.
create or replace function redshift.qualified(name text) returns text language sql stable as $$
    select coalesce((select format('"%s"."%s"', nspname, relname) from pg_class
                     join pg_namespace on pg_namespace.oid = relnamespace where pg_class.oid = to_regclass(name)::oid),
                    name)
$$;

create or replace function redshift.record(
    made oid, kind text, dist text, dist_key text, sort_keys text[], is_interleaved boolean, backup boolean,
    auto_refresh boolean, body text, definition text, refs text[], is_unbound boolean
) returns void language plpgsql security definer as $$
begin
    if exists (select from pg_class where pg_class.oid = made and relpersistence = 't') or made is null then
        return;  -- a temporary table is gone before anybody looks
    end if;
    insert into redshift.relations (oid, kind, dist, dist_key, sort_keys, is_interleaved, backup, auto_refresh, body,
                                    definition, refs, is_unbound)
    values (made, kind, dist, case when dist_key <> '' then redshift.attnum(made, dist_key) end,
            array(select redshift.attnum(made, key) from unnest(sort_keys) with ordinality as keys (key, place)
                  order by place),
            is_interleaved, backup, auto_refresh, body, definition,
            array(select redshift.qualified(ref) from unnest(refs) as ref), is_unbound)
    on conflict (oid) do update set definition = excluded.definition, refs = excluded.refs;
end $$;

create or replace function redshift.record_table(
    relation text, dist text, dist_key text, sort_keys text[], is_interleaved boolean, backup boolean,
    auto_refresh boolean
) returns void language sql as $$
    select redshift.record(to_regclass(relation)::oid, 'table', dist, dist_key, sort_keys, is_interleaved, backup, auto_refresh, null,
                           null, '{}', false)
$$;

-- A table made like another one has its keys; numbers of columns differ where the other one lost some.
create or replace function redshift.record_table_like(relation text, parent text) returns void language sql as $$
    select redshift.record(
        to_regclass(relation)::oid, 'table', dist,
        (select attname::text from pg_attribute where attrelid = relations.oid and attnum = dist_key),
        array(select attname::text from unnest(sort_keys) with ordinality as keys (key, place)
              join pg_attribute on attrelid = relations.oid and attnum = key order by place),
        is_interleaved, backup, auto_refresh, null, null, '{}', false)
    from redshift.relations as relations where relations.oid = to_regclass(parent)::oid
$$;

create or replace function redshift.record_view(relation text, definition text, refs text[]) returns void
language sql as $$
    select redshift.record(to_regclass(relation)::oid, 'view', null, '', '{}', false, true, false, null, definition, refs, false)
$$;

create or replace function redshift.record_materialized_view(
    relation text, definition text, refs text[], dist text, dist_key text, sort_keys text[], is_interleaved boolean,
    backup boolean, auto_refresh boolean
) returns void language sql as $$
    select redshift.record(to_regclass(relation)::oid, 'materialized view', dist, dist_key, sort_keys, is_interleaved, backup,
                           auto_refresh, null, definition, refs, false)
$$;

create or replace function redshift.check_materialized_view(refs text[]) returns void language plpgsql as $$
declare found text;
begin
    select ref into found from unnest(refs) as ref join pg_class on pg_class.oid = to_regclass(ref)::oid
    where relkind = 'v' or relpersistence = 't';
    if found is not null then
        raise exception using errcode = '0A000',
            message = format('Redshift does not run this: a materialized view on %s', found),
            detail = 'a materialized view reads tables and materialized views, no views and no temporary tables',
            hint = 'AWS page materialized-view-create-sql-command';
    end if;
end $$;

create or replace function redshift.set_auto_refresh(relation text, wanted boolean) returns void
language plpgsql security definer as $$
begin
    update redshift.relations set auto_refresh = wanted
    where oid = to_regclass(relation)::oid and kind = 'materialized view';
    if not found then
        raise exception using errcode = '42P01', message = format('materialized view %s does not exist', relation);
    end if;
end $$;

create or replace function redshift.forget() returns event_trigger language plpgsql security definer as $$
begin
    delete from redshift.relations using pg_event_trigger_dropped_objects() as gone
    where gone.classid = 'pg_class'::regclass and gone.objid = relations.oid and gone.objsubid = 0;
    delete from redshift.external_schemas using pg_event_trigger_dropped_objects() as gone
    where gone.classid = 'pg_namespace'::regclass and gone.objid = external_schemas.oid;
end $$;
drop event trigger if exists redshift_forget;
create event trigger redshift_forget on sql_drop execute function redshift.forget();

-- Late binding views: what they read is looked up by name, each time. -------------------------------------------------

create or replace function redshift.read_late_binding_view(view_id bigint) returns setof record
language plpgsql stable security definer as $$
begin
    return query execute (select body from redshift.relations where id = view_id);
end $$;

-- The columns a body has, as a list of definitions; null if it reads what is not there.
create or replace function redshift.columns_of(body text) returns text language plpgsql as $$
declare found text;
begin
    execute 'create temporary view redshift_probe as ' || body;
    select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum) into found
    from pg_attribute where attrelid = 'pg_temp.redshift_probe'::regclass and attnum > 0;
    drop view pg_temp.redshift_probe;
    return found;
exception when undefined_table or undefined_column or invalid_schema_name then
    return null;
end $$;

create or replace function redshift.make_late_binding_view(
    view text, body text, definition text, refs text[], is_replaced boolean
) returns void language plpgsql as $$
declare
    found text := redshift.columns_of(body);
    made bigint;
begin
    if is_replaced then
        execute format('drop view if exists %s cascade', view);
    end if;
    execute format('create view %s as select where false', view);
    perform redshift.record(to_regclass(view)::oid, 'late binding view', null, '', '{}', false, true, false, body, definition, refs,
                            found is null);
    perform redshift.bind(view, found);
end $$;

create or replace function redshift.bind(view text, columns text) returns void language plpgsql as $$
begin
    if columns is not null then
        execute format('create or replace view %s as select * from redshift.read_late_binding_view(%s) as bound (%s)',
                       view, (select id from redshift.relations where oid = to_regclass(view)::oid), columns);
    end if;
end $$;

-- The external tables that a reader of `names` comes to, through views. Late binding views that lacked something when
-- they were made are tried again.
create or replace function redshift.external_tables_read(names text[]) returns table (schema_name text, table_name text)
language sql stable security definer as $$
    with recursive reached (name) as (
        select unnest(names)
        union
        select unnest(relations.refs) from reached
        join redshift.relations on relations.oid = to_regclass(reached.name)::oid
    )
    select external_schemas.name, trim(both '"' from split_part(reached.name, '.', 2))
    from reached join redshift.external_schemas on reached.name like '"' || external_schemas.name || '".%'
$$;

-- One that still lacks it fails as its body does, if it is among the needed.
create or replace function redshift.rebind(names text[], needed text[]) returns void language plpgsql security definer as $$
declare view record;
begin
    for view in select relations.oid::regclass::text as name, body, id,
                       oid in (select to_regclass(name)::oid from unnest(needed) as name) as is_needed
                from redshift.relations
                where is_unbound and oid in (select to_regclass(name)::oid from unnest(names) as name) loop
        if redshift.columns_of(view.body) is not null then
            perform redshift.bind(view.name, redshift.columns_of(view.body));
            update redshift.relations set is_unbound = false where id = view.id;
        elsif view.is_needed then
            execute 'select from (' || view.body || ') as unbound limit 0';
        end if;
    end loop;
end $$;

create or replace function redshift.record_external_schema(schema text, catalog_database text, region text, role text)
returns void language sql security definer as $$
    insert into redshift.external_schemas
    values (schema, to_regnamespace(quote_ident(schema))::oid, catalog_database, region, role) on conflict do nothing
$$;

-- System tables -------------------------------------------------------------------------------------------------------

create or replace view pg_catalog.svv_external_schemas as
select oid as esoid, 1::smallint as eskind, name::varchar(128) as schemaname,
    (select nspowner from pg_namespace where pg_namespace.oid = external_schemas.oid) as esowner,
    database::varchar(128) as databasename,
    json_build_object('IAM_ROLE', iam_role, 'REGION', region)::varchar(1024) as esoptions
from redshift.external_schemas;

create or replace view pg_catalog.svv_external_tables as
select current_database()::varchar(128) as redshift_database_name, schema_name::varchar(128) as schemaname,
    table_name::varchar(128) as tablename, 'ICEBERG'::varchar(128) as tabletype, location::varchar(128),
    json_build_object('metadata_location', metadata_location, 'snapshot_id', snapshot_id)::varchar(4096) as parameters
from redshift.external_tables;

create or replace view pg_catalog.svv_external_columns as
select current_database()::varchar(128) as redshift_database_name, schema_name::varchar(128) as schemaname,
    table_name::varchar(128) as tablename, column_name::varchar(128) as columnname,
    redshift_type::varchar(256) as external_type, position as columnnum, 0 as part_key,
    is_nullable::text::varchar(128) as is_nullable
from redshift.external_columns where unreadable is null;

create or replace view redshift.tables_and_materialized_views as
select pg_class.oid, nspname, relname, relkind, dist, is_interleaved, auto_refresh, kind, pg_get_userbyid(relowner) as owner,
    reltuples, pg_relation_size(pg_class.oid) as bytes,
    (select attname from pg_attribute where attrelid = pg_class.oid and attnum = dist_key) as dist_column,
    (select attname from pg_attribute where attrelid = pg_class.oid and attnum = sort_keys[1]) as sort_column,
    coalesce(cardinality(sort_keys), 0) as sort_columns,
    (select max(atttypmod - 4) from pg_attribute where attrelid = pg_class.oid and atttypid = 'varchar'::regtype
        and atttypmod > 0) as max_varchar
from pg_class join pg_namespace on pg_namespace.oid = relnamespace
left join redshift.relations on relations.oid = pg_class.oid
where relkind in ('r', 'm') and relpersistence = 'p' and nspname not in ('pg_catalog', 'information_schema', 'redshift')
    and nspname not in (select name from redshift.external_schemas);

-- Empty tables are not shown (page r_SVV_TABLE_INFO). What the front cannot know, such as blocks and skew, is null.
create or replace view pg_catalog.svv_table_info as
select current_database()::text as database, nspname::text as schema, oid as table_id, relname::text as "table",
    'N'::text as encoded,
    case when dist is null then 'AUTO(ALL)' when dist = 'auto' then 'AUTO(ALL)'
        when dist = 'key' then format('KEY(%s)', dist_column) else upper(dist) end as diststyle,
    case when sort_columns = 0 then 'AUTO(SORTKEY)' when is_interleaved then 'INTERLEAVED' else sort_column::text
    end as sortkey1,
    max_varchar, null::char(32) as sortkey1_enc, sort_columns as sortkey_num,
    greatest(1, bytes / 1000000) as size, null::numeric(10, 4) as pct_used, 0::bigint as empty,
    null::numeric(5, 2) as unsorted, null::numeric(5, 2) as stats_off, greatest(reltuples, 0)::numeric(38, 0) as tbl_rows,
    null::numeric(19, 2) as skew_sortkey1, null::numeric(19, 2) as skew_rows
from redshift.tables_and_materialized_views where bytes > 0;

-- Whether a view is stale is not known here.
create or replace view pg_catalog.svv_mv_info as
select current_database()::varchar(128) as database_name, nspname::varchar(128) as schema_name, owner::varchar(128) as user_name,
    relname::varchar(128) as name, null::char(1) as is_stale, null::integer as state,
    case when auto_refresh then 't' else 'f' end::char(1) as autorefresh
from redshift.tables_and_materialized_views where relkind = 'm';

create or replace view pg_catalog.svv_relation_privileges as
select nspname::varchar as namespace_name, relname::varchar as relation_name, granted.privilege_type::varchar,
    coalesce(rolname, 'public')::varchar as identity_name,
    case when rolname is null then 'public' when rolcanlogin then 'user' else 'group' end::varchar as identity_type,
    granted.is_grantable as admin_option
from pg_class join pg_namespace on pg_namespace.oid = relnamespace
cross join aclexplode(coalesce(relacl, acldefault('r', relowner))) as granted
left join pg_roles on pg_roles.oid = granted.grantee
where relkind in ('r', 'v', 'm');

create or replace function pg_catalog.pg_get_late_binding_view_cols() returns setof record
language sql stable security definer as $$
    select nspname, relname, attname, format_type(atttypid, atttypmod)::varchar, attnum::integer
    from redshift.relations join pg_class on pg_class.oid = relations.oid
    join pg_namespace on pg_namespace.oid = relnamespace join pg_attribute on attrelid = pg_class.oid
    where kind = 'late binding view' and attnum > 0
$$;

-- Redshift shows a materialized view as a view over a table of its own, mv_tbl__<name>__0, which has the keys.
create or replace view redshift.pg_class as
select oid, relname, relnamespace, relowner, relpages, reltuples, relnatts, relpersistence, relacl,
    case relkind when 'm' then 'v' else relkind end::"char" as relkind
from pg_catalog.pg_class
union all
select (4294967295 - oid::bigint)::oid, left('mv_tbl__' || relname, 59) || '__0', relnamespace, relowner, relpages,
    reltuples, relnatts, relpersistence, relacl, 'r'::"char"
from pg_catalog.pg_class where relkind = 'm';

create or replace view redshift.pg_attribute as
with shown as (
    select oid as attrelid, oid from pg_catalog.pg_class
    union all
    select (4294967295 - oid::bigint)::oid, oid from pg_catalog.pg_class where relkind = 'm'
)
select shown.attrelid, attname, atttypid, attlen, attnum, attndims, atttypmod, attnotnull, atthasdef, attisdropped,
    coalesce(attnum = dist_key, false) as attisdistkey,
    coalesce(array_position(sort_keys, attnum), 0) * case when is_interleaved and array_position(sort_keys, attnum) % 2 = 0
        then -1 else 1 end as attsortkeyord
from pg_catalog.pg_attribute join shown on shown.oid = pg_attribute.attrelid
left join redshift.relations on relations.oid = shown.oid;

create or replace view redshift.pg_views as
select nspname as schemaname, relname as viewname, pg_get_userbyid(relowner) as viewowner,
    coalesce(definition, pg_get_viewdef(pg_class.oid)) as definition
from pg_catalog.pg_class join pg_namespace on pg_namespace.oid = relnamespace
left join redshift.relations on relations.oid = pg_class.oid
where relkind in ('v', 'm') and nspname <> 'redshift';

create or replace view redshift.views as
select current_database()::name as table_catalog, schemaname as table_schema, viewname as table_name,
    definition as view_definition, 'NONE'::varchar as check_option, 'NO'::varchar as is_updatable
from redshift.pg_views;

create or replace view redshift.tables as
select table_catalog, table_schema, table_name, table_type from information_schema.tables
where table_schema <> 'redshift' and table_schema not in (select name from redshift.external_schemas)
union all
select current_database(), nspname, relname, 'VIEW' from redshift.tables_and_materialized_views where relkind = 'm';

-- Columns of late binding views and external tables are shown elsewhere.
create or replace view redshift.columns as
select table_catalog, table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, data_type,
    character_maximum_length, numeric_precision, numeric_scale
from information_schema.columns
where table_schema not in (select name from redshift.external_schemas)
    and not exists (select from redshift.relations join pg_class on pg_class.oid = relations.oid
                    join pg_namespace on pg_namespace.oid = relnamespace
                    where kind = 'late binding view' and nspname = table_schema and relname = table_name)
union all
select current_database(), nspname, relname, attname, attnum, null, 'YES', format_type(atttypid, null),
    information_schema._pg_char_max_length(atttypid, atttypmod),
    information_schema._pg_numeric_precision(atttypid, atttypmod),
    information_schema._pg_numeric_scale(atttypid, atttypmod)
from redshift.tables_and_materialized_views as shown join pg_attribute on attrelid = shown.oid
where relkind = 'm' and attnum > 0;

grant usage on schema redshift to public;
grant select on all tables in schema redshift to public;
revoke insert, update, delete on all tables in schema redshift from public;
grant select on pg_catalog.svv_external_schemas, pg_catalog.svv_external_tables, pg_catalog.svv_external_columns,
    pg_catalog.svv_table_info, pg_catalog.svv_mv_info, pg_catalog.svv_relation_privileges to public;

-- Functions that Redshift has and PostgreSQL lacks, or that answer otherwise there.
set allow_system_table_mods = on;

create or replace function pg_catalog.getdate() returns timestamp language sql stable as $$
    select statement_timestamp() at time zone 'UTC'
$$;
create or replace function pg_catalog.sysdate() returns timestamp language sql stable as $$
    select transaction_timestamp() at time zone 'UTC'
$$;

-- EXTRACT gives whole numbers of a timestamp, fractions of one with a zone (page r_EXTRACT_function).
create or replace function pg_catalog.redshift_extract(part text, source timestamp) returns integer
language sql immutable as $$
    select trunc(case
        when part in ('second', 'seconds', 's', 'sec', 'secs') then date_part('second', source)
        when part in ('millisecond', 'milliseconds', 'ms') then floor(date_part('milliseconds', source))::bigint % 1000
        when part in ('microsecond', 'microseconds', 'us') then floor(date_part('microseconds', source))::bigint % 1000
        else date_part(part, source)
    end)::integer
$$;
create or replace function pg_catalog.redshift_extract(part text, source date) returns integer
language sql immutable as $$ select pg_catalog.redshift_extract(part, source::timestamp) $$;
create or replace function pg_catalog.redshift_extract(part text, source timestamptz) returns double precision
language sql stable as $$ select date_part(part, source) $$;
create or replace function pg_catalog.redshift_extract(part text, source interval) returns integer
language sql immutable as $$ select trunc(date_part(part, source))::integer $$;
create or replace function pg_catalog.redshift_extract(part text, source time) returns integer
language sql immutable as $$ select trunc(date_part(part, source))::integer $$;

-- A text cut to the bytes of varchar(n), never within a character (page r_Character_types: lengths are bytes).
create or replace function pg_catalog.redshift_cut(value text, size integer) returns text
language plpgsql immutable strict as $$
declare kept text := left(value, size);
begin
    while octet_length(kept) > size loop
        kept := left(kept, length(kept) - greatest(1, (octet_length(kept) - size) / 4));
    end loop;
    return kept;
end $$;
create or replace function pg_catalog.redshift_fit(value text, size integer) returns text language sql immutable as $$
    select case when octet_length(value) <= size then value else pg_catalog.redshift_cut(value, size) end
$$;
do $$
declare kind text;
begin
    foreach kind in array array['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision', 'date',
                                'timestamp', 'timestamptz', 'time', 'oid', '"char"'] loop
        execute format('create or replace function pg_catalog.redshift_fit(value %s, size integer) returns text '
                       'language sql stable as ''select pg_catalog.redshift_fit(value::text, size)''', kind);
    end loop;
end $$;
create or replace function pg_catalog.redshift_fit(value name, size integer) returns text language sql immutable as $$
    select pg_catalog.redshift_fit(value::text, size)
$$;
create or replace function pg_catalog.redshift_fit(value boolean, size integer) returns text
language plpgsql immutable as $$
begin
    raise exception using errcode = '42846', message = 'cannot cast type boolean to character varying',
        detail = 'write case when ... then ''true'' ...', hint = 'AWS page r_Boolean_type';
end $$;

-- DATEDIFF counts the boundaries that lie between two moments (page r_DATEDIFF_function).
create or replace function redshift.boundaries(part text, moment timestamp) returns bigint
language sql immutable as $$
    select case part
        when 'year' then extract(year from moment)
        when 'quarter' then extract(year from moment) * 4 + extract(quarter from moment)
        when 'month' then extract(year from moment) * 12 + extract(month from moment)
        when 'week' then floor((moment::date - date '0001-01-07') / 7.0)
        when 'day' then moment::date - date '2000-01-01'
        when 'hour' then floor(extract(epoch from moment) / 3600)
        when 'minute' then floor(extract(epoch from moment) / 60)
        when 'second' then floor(extract(epoch from moment))
        when 'millisecond' then floor(extract(epoch from moment) * 1000)
        when 'microsecond' then extract(epoch from moment) * 1000000
    end::bigint
$$;
-- Abbreviations of date parts (page r_Dateparts_for_datetime_functions).
create or replace function redshift.datepart(said text) returns text language plpgsql immutable as $$
declare part text := case
    when lower(said) in ('year', 'years', 'y', 'yr', 'yrs') then 'year'
    when lower(said) in ('quarter', 'quarters', 'qtr', 'qtrs') then 'quarter'
    when lower(said) in ('month', 'months', 'mon', 'mons') then 'month'
    when lower(said) in ('week', 'weeks', 'w') then 'week'
    when lower(said) in ('day', 'days', 'd') then 'day'
    when lower(said) in ('hour', 'hours', 'h', 'hr', 'hrs') then 'hour'
    when lower(said) in ('minute', 'minutes', 'm', 'min', 'mins') then 'minute'
    when lower(said) in ('second', 'seconds', 's', 'sec', 'secs') then 'second'
    when lower(said) in ('millisecond', 'milliseconds', 'ms', 'msec', 'msecs') then 'millisecond'
    when lower(said) in ('microsecond', 'microseconds', 'us', 'usec', 'usecs', 'microsec') then 'microsecond'
end;
begin
    if part is null then
        raise exception using errcode = '22023', message = format('%s is no date part', said),
            hint = 'AWS page r_Dateparts_for_datetime_functions';
    end if;
    return part;
end $$;
create or replace function pg_catalog.datediff(part text, first timestamp, last timestamp) returns bigint
language sql immutable as $$
    select redshift.boundaries(redshift.datepart(part), last) - redshift.boundaries(redshift.datepart(part), first)
$$;
create or replace function pg_catalog.datediff(part text, first timestamptz, last timestamptz) returns bigint
language sql stable as $$
    select pg_catalog.datediff(part, first at time zone 'UTC', last at time zone 'UTC')
$$;
create or replace function pg_catalog.datediff(part text, first date, last date) returns bigint
language sql immutable as $$ select pg_catalog.datediff(part, first::timestamp, last::timestamp) $$;
create or replace function pg_catalog.dateadd(part text, number bigint, moment timestamp) returns timestamp
language sql immutable as $$
    select case redshift.datepart(part)
        when 'quarter' then moment + number * 3 * interval '1 month'
        when 'microsecond' then moment + number * interval '1 microsecond'
        else moment + number * ('1 ' || redshift.datepart(part))::interval
    end
$$;
create or replace function pg_catalog.dateadd(part text, number bigint, moment date) returns timestamp
language sql immutable as $$ select pg_catalog.dateadd(part, number, moment::timestamp) $$;
create or replace function pg_catalog.dateadd(part text, number bigint, moment timestamptz) returns timestamptz
language sql stable as $$
    select pg_catalog.dateadd(part, number, moment at time zone 'UTC') at time zone 'UTC'
$$;
-- The last day of a month stays the last day (page r_ADD_MONTHS).
create or replace function pg_catalog.add_months(moment timestamp, number bigint) returns timestamp
language sql immutable as $$
    select case
        when date_trunc('day', moment) = date_trunc('month', moment) + interval '1 month - 1 day'
        then date_trunc('month', moment) + (number + 1) * interval '1 month' - interval '1 day' + moment::time
        else moment + number * interval '1 month'
    end
$$;
create or replace function pg_catalog.last_day(moment timestamp) returns date language sql immutable as $$
    select (date_trunc('month', moment) + interval '1 month - 1 day')::date
$$;
-- Whole months between equal days or two last days, else with a share of 31 days (page r_MONTHS_BETWEEN_function).
create or replace function pg_catalog.months_between(last date, first date) returns double precision
language sql immutable as $$
    select (date_part('year', last) - date_part('year', first)) * 12 + date_part('month', last) - date_part('month', first)
        + case when last = pg_catalog.last_day(last) and first = pg_catalog.last_day(first) then 0
            else (date_part('day', last) - date_part('day', first)) / 31 end
$$;
create or replace function pg_catalog.trunc(moment timestamp) returns date language sql immutable as $$
    select moment::date
$$;
create or replace function pg_catalog.convert_timezone(target text, moment timestamp) returns timestamp
language sql stable as $$ select moment at time zone 'UTC' at time zone target $$;
create or replace function pg_catalog.convert_timezone(source text, target text, moment timestamp) returns timestamp
language sql stable as $$ select moment at time zone source at time zone target $$;
-- STRTOL reads a number of a stated base (page r_STRTOL); of them the front knows 16, of numbers that are not negative.
create or replace function pg_catalog.strtol(value text, base integer) returns bigint
language plpgsql immutable strict as $$
begin
    if base <> 16 or value !~ '^[0-9a-fA-F]{1,15}$' then
        raise exception using errcode = '22023', message = format('strtol(''%s'', %s): the front knows base 16, up to 15 digits', value, base),
            hint = 'AWS page r_STRTOL';
    end if;
    return ('x' || lpad(value, 16, '0'))::bit(64)::bigint;
end $$;
create or replace function pg_catalog.len(value text) returns integer language sql immutable as $$
    select length(value)
$$;

{{ config(dist='all', sort=['date_key']) }}

with

facts as (
    select * from {{ ref('fact_session') }}
),

digits as (
    {% for digit in range(10) %}
        select {{ digit }} as digit
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- 0 to 99 999. Redshift runs generate_series on its leader node alone, where no table is.
numbers as (
    select
        units.digit
        + 10 * tens.digit
        + 100 * hundreds.digit
        + 1000 * thousands.digit
        + 10000 * myriads.digit as days
    from digits as units
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as myriads
),

-- Whole years, from that of the first sale to that of the last.
bounds as (
    select
        cast(date_trunc('year', min(session_start_time)) as date) as first_day,
        extract(year from max(session_start_time)) as last_year
    from facts
),

days as (
    select
        bounds.last_year,
        bounds.first_day + cast(numbers.days as integer) as calendar_date
    from bounds
    cross join numbers
),

members as (
    select calendar_date
    from days
    where extract(year from calendar_date) <= last_year

    union all

    select cast(null as date) as calendar_date
),

final as (
    select
        {{ date_key('calendar_date') }} as date_key,
        calendar_date,
        cast(extract(year from calendar_date) as integer) as year,
        cast(extract(quarter from calendar_date) as integer) as quarter,
        cast(extract(month from calendar_date) as integer) as month,
        cast(extract(day from calendar_date) as integer) as day,
        cast(date_trunc('month', calendar_date) as date) as month_start,
        -- 1 is Monday; both engines count from Sunday as 0
        cast((extract(dow from calendar_date) + 6) % 7 + 1 as integer) as weekday
    from members
)

select * from final

with

facts as (
    select * from {{ ref('fact_session') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

final as (
    select
        dates.month as session_month,
        dates.year as session_year,
        users.country_code,
        cast(sum(facts.price) as decimal(18, 2)) as total_sales,
        facts.currency,
        count(*) as items_sold,
        count(distinct facts.session_id) as sessions,
        count(distinct facts.user_key) as buyers,
        cast(sum(case when facts.liked then 1 else 0 end) as bigint) as likes,
        {{ money_per('sum(facts.price)', 'count(distinct facts.session_id)') }} as order_value
    from facts
    inner join users
        on facts.user_key = users.user_key
    inner join dates
        on facts.date_key = dates.date_key
    group by dates.month, dates.year, users.country_code, facts.currency
)

select * from final

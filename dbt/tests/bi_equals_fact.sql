-- Fails with each bi model, year and currency whose items or sales differ from the facts'. The models without money
-- count all currencies together.
with

facts as (
    select
        cast(extract(year from session_start_time) as integer) as session_year,
        currency,
        count(*) as items,
        sum(price) as sales
    from {{ ref('fact_session') }}
    group by cast(extract(year from session_start_time) as integer), currency
),

differences as (
    {% for model in [ref('sales_per_artist_vw'), ref('sales_per_country_vw'), ref('daily_sales_vw')] %}
        select
            '{{ model.identifier }}' as model,
            session_year,
            currency,
            items_sold as items,
            total_sales as sales
        from {{ model }}

        union all

        select
            '{{ model.identifier }}' as model,
            session_year,
            currency,
            -items as items,
            -sales as sales
        from facts

        union all
    {% endfor %}
    {% for model in [ref('user_activity_vw'), ref('music_preference_vw')] %}
        select
            '{{ model.identifier }}' as model,
            session_year,
            'all' as currency,
            items_sold as items,
            0 as sales
        from {{ model }}

        union all

        select
            '{{ model.identifier }}' as model,
            session_year,
            'all' as currency,
            -items as items,
            0 as sales
        from facts
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    model,
    session_year,
    currency,
    sum(items) as items_too_many,
    sum(sales) as sales_too_much
from differences
group by model, session_year, currency
having sum(items) <> 0 or sum(sales) <> 0

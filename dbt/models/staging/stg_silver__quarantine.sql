with

source as (
    {% for quarantine in quarantines() %}
        select
            '{{ quarantine.removeprefix("quarantine_") }}' as table_name,
            ingest_on,
            reasons
        from {{ in_state(source('silver', quarantine)) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

renamed as (
    select
        cast(table_name as varchar(64)) as table_name,
        ingest_on,
        -- The first reason without the value it quotes: neither that nor the raw record leaves silver.
        cast(split_part(split_part(reasons, '; ', 1), ': ', 1) as varchar(1024)) as reason
    from source
)

select * from renamed

{#- What happened in the conversations of a contact or of a company. -#}
{% macro support_history() %}
    count(*) as conversations,
    count(*) filter (where conversation.state <> 'closed') as open_conversations,
    cast(sum(conversation.calls) as bigint) as calls,
    cast(sum(conversation.missed_calls) as bigint) as missed_calls,
    min(conversation.created_at) as first_conversation_at,
    max(conversation.created_at) as last_conversation_at,
    {{ median('conversation.first_response_seconds') }} as median_first_response_seconds,
    {{ median('conversation.time_to_last_close_seconds') }} as median_time_to_close_seconds,
    count(conversation.rating) as ratings,
    cast(avg(conversation.rating) as float8) as average_rating
{%- endmacro %}

{#- The same in a final select; nobody's conversations are none. -#}
{% macro support_columns(alias) %}
    {%- for name in ('conversations', 'open_conversations', 'calls', 'missed_calls', 'ratings') %}
    coalesce({{ alias }}.{{ name }}, 0) as {{ name }},
    {%- endfor %}
    {%- for name in ('first_conversation_at', 'last_conversation_at', 'median_first_response_seconds', 'median_time_to_close_seconds', 'average_rating') %}
    {{ alias }}.{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{# Fails for each value that occurs in more than one row, and when a row has none. #}
{% test is_key(model, column_name) %}
select
    {{ column_name }},
    count(*) as rows_count
from {{ model }}
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null
{% endtest %}

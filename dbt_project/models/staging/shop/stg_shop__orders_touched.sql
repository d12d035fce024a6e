-- One row per shop order of which a file speaks that landed since the last build.
select order_id_shop
from {{ ref('stg_shop__orders_typed') }}
where order_id_shop is not null and {{ files_touched('shop', 'orders') }}
group by order_id_shop

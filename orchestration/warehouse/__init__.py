"""What feeds and runs dbt: the view registrar, connections and the dbt blocks; no business rule."""

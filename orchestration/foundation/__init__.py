"""What every stage stands on: settings, errors, the clock, lake files, the night; no stage, no Dagster."""

"""Consumer Genome: everything that runs, one folder a stage; stages meet in tables, never in imports."""

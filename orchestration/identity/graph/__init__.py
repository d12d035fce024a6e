"""Records as nodes and evidence as edges: which nodes are one person, why, and what was not allowed to say so."""

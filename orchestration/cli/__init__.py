"""The genome command: thin verbs with progress; the thinking is in the stages."""

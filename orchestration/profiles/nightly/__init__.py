"""The profile of what arrived in a night: columns, drift, joins between feeds, and their page."""

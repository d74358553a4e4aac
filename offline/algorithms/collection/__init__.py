"""Collections and elements: filters, joins, properties."""

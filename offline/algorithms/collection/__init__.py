"""What can be done with collections and their elements? Filters, joins, aggregates, properties."""

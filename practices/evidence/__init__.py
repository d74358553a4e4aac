"""What did a practice change? Its effect against matched controls."""
